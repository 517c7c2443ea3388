# Secrets without their values: no value is ever in the state. README.md says how the first ones come in.

variable "optional_secrets" {
  description = "Those of optional_secrets in services.yaml that have a value: their services are told of them."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for secret in var.optional_secrets : contains(keys(local.plan.optional_secrets), secret)])
    error_message = "optional_secrets names secrets under optional_secrets of services.yaml."
  }
}

variable "notifier_secrets" {
  description = "Variable that the notifier's routes name => secret, such as ARCHITECTS_SLACK_URL = \"slack-architects\"."
  type        = map(string)
  default     = {}
}

variable "secret_versions" {
  description = "Secret => version; those that are not named have their latest one when an instance starts."
  type        = map(string)
  default     = {}
}

locals {
  more_secrets = { "$notifier_secrets" = var.notifier_secrets }
  left_out     = setsubtract(keys(local.plan.optional_secrets), var.optional_secrets)

  # Service => variable => secret.
  secrets = {
    for name, service in local.services : name => {
      for variable, secret in merge(service.secrets, try(local.more_secrets[service.more_secrets], {})) :
      variable => secret if !contains(local.left_out, secret)
    }
  }
  files = {
    for name, service in local.services : name => {
      for variable, secret in try(service.files, {}) : variable => secret if !contains(local.left_out, secret)
    }
  }
  file_paths = {
    for name, files in local.files : name => { for variable, secret in files : variable => "/secrets/${secret}/value" }
  }

  # "service secret": one entry for each secret that a service reads.
  readers = merge([
    for name in keys(local.services) : {
      for secret in setunion(values(local.secrets[name]), values(local.files[name])) :
      "${name} ${secret}" => { service = name, secret = secret }
    }
  ]...)
}

resource "google_secret_manager_secret" "secret" {
  for_each = setunion([for reader in local.readers : reader.secret], var.optional_secrets)

  secret_id           = each.key
  deletion_protection = var.deletion_protection
  version_destroy_ttl = "604800s" # a version that was destroyed by mistake can be had back for a week

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.readers

  secret_id = google_secret_manager_secret.secret[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service[each.value.service].member
}
