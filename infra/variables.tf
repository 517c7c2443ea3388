# Where it runs and how large. What the services themselves are told is in settings.tf.

variable "project" {
  description = "The Google Cloud project, which is dev-nexus's own: one for each environment."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is an id such as acme-nexus-staging."
  }
}

variable "region" {
  description = "Where everything runs."
  type        = string
  default     = "us-central1"
}

variable "second_region" {
  description = "Where the services that the internet calls run as well, behind the load balancer; empty: nowhere."
  type        = string
  default     = ""
  validation {
    condition     = var.second_region == "" || (var.domain != "" && var.second_region != var.region)
    error_message = "second_region needs a domain for the load balancer, and is another one than region."
  }
}

variable "domain" {
  description = "The load balancer's name, such as nexus.example.com; empty: there is none, and callers use run.app."
  type        = string
  default     = ""
}

variable "image_tag" {
  description = "The tag of the images that a service is first made with; deployments change it afterwards."
  type        = string
  default     = "latest"
}

variable "min_instances" {
  description = "Service => instances that are always up, for answers without a cold start; they cost all the time."
  type        = map(number)
  default     = {}
  validation {
    condition     = alltrue([for name in keys(var.min_instances) : contains(keys(local.http), name)])
    error_message = "min_instances names services of services.yaml that answer HTTP."
  }
}

variable "database" {
  description = "The operational store: cloud-sql is made here; own: the secret database-url names any PostgreSQL."
  type        = string
  default     = "own"
  validation {
    condition     = contains(["cloud-sql", "own"], var.database)
    error_message = "database is cloud-sql or own."
  }
}

variable "database_tier" {
  description = "The machine of Cloud SQL."
  type        = string
  default     = "db-f1-micro"
}

variable "database_availability" {
  description = "REGIONAL keeps a second machine in another zone, at twice the price."
  type        = string
  default     = "ZONAL"
  validation {
    condition     = contains(["ZONAL", "REGIONAL"], var.database_availability)
    error_message = "database_availability is ZONAL or REGIONAL."
  }
}

variable "database_password_version" {
  description = "One more makes a new password and a new version of the secret database-url."
  type        = number
  default     = 1
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete what is kept: the database and the secrets."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "Who is told of alerts."
  type        = set(string)
  default     = []
}

variable "billing_account" {
  description = "For a budget: the account that pays; empty: there is no budget."
  type        = string
  default     = ""
}

variable "monthly_budget" {
  description = "What a month may cost, in the currency of the billing account, before somebody is told."
  type        = number
  default     = 100
}

variable "deployer" {
  description = "Whether there is an account that Cloud Build deploys with."
  type        = bool
  default     = true
}
