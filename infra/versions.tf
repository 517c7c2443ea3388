terraform {
  required_version = ">= 1.11" # values that are written and never kept in the state

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }

  # terraform init -backend-config=environments/<name>.gcs
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = var.region

  # whom a call of an API that asks for it is billed to, such as that of the budget
  billing_project       = var.project
  user_project_override = true

  default_labels = { app = "dev-nexus" }
}

data "google_project" "this" {
  project_id = var.project
}
