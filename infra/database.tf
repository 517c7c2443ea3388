# The operational store in Cloud SQL, with database = "cloud-sql". Services reach it through a socket that
# Cloud Run mounts: the connection is encrypted, and allowed by roles/cloudsql.client alone.

locals {
  cloud_sql     = var.database == "cloud-sql" ? 1 : 0
  with_database = [for name, service in local.services : name if can(service.secrets.DATABASE_URL) && var.database == "cloud-sql"]
}

resource "google_sql_database_instance" "state" {
  #checkov:skip=CKV2_GCP_13:a line in the log for each statement costs more than it tells
  #checkov:skip=CKV_GCP_60:nobody is admitted to its address but through a connector, with an account that has the role
  #checkov:skip=CKV_GCP_108:connections come through a socket, from no host that has a name
  #checkov:skip=CKV_GCP_110:only our services use it, each with the same user, and what they do they log
  count = local.cloud_sql

  database_version    = "POSTGRES_18"
  deletion_protection = var.deletion_protection

  settings {
    edition                     = "ENTERPRISE"
    tier                        = var.database_tier
    availability_type           = var.database_availability
    connector_enforcement       = "REQUIRED" # no other way in
    deletion_protection_enabled = var.deletion_protection

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }
    ip_configuration {
      ipv4_enabled = true                                  # an address to which nobody is admitted: no authorized_networks
      ssl_mode     = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED" # a connector has one
    }
    database_flags {
      name  = "log_checkpoints"
      value = "on"
    }
    database_flags {
      name  = "log_connections"
      value = "on"
    }
    database_flags {
      name  = "log_disconnections"
      value = "on"
    }
    database_flags {
      name  = "log_lock_waits"
      value = "on"
    }
    database_flags {
      name  = "log_min_error_statement"
      value = "error"
    }
    database_flags {
      name  = "log_statement"
      value = "ddl"
    }
    maintenance_window {
      day  = 7
      hour = 3
    }
  }

  depends_on = [google_project_service.api]

  lifecycle {
    precondition {
      # /cloudsql/<project>:<region>:terraform-<26 digits>/.s.PGSQL.5432
      condition     = length(var.project) + length(var.region) <= 45
      error_message = "The path of the database's socket would be longer than the 107 bytes that Linux allows: choose a shorter project id, or database = \"own\"."
    }
  }
}

resource "google_sql_database" "nexus" {
  count = local.cloud_sql

  name     = "nexus"
  instance = google_sql_database_instance.state[0].name
}

# Made anew at each run, but only written where database_password_version is another one.
ephemeral "random_password" "database" {
  length  = 40
  special = false
}

resource "google_sql_user" "nexus" {
  count = local.cloud_sql

  name                = "nexus"
  instance            = google_sql_database_instance.state[0].name
  password_wo         = ephemeral.random_password.database.result
  password_wo_version = var.database_password_version
  deletion_policy     = "ABANDON" # it goes with its instance; alone it cannot, while tables are its own
}

resource "google_secret_manager_secret_version" "database_url" {
  count = local.cloud_sql

  secret                 = google_secret_manager_secret.secret["database-url"].id
  secret_data_wo         = "postgresql://nexus:${ephemeral.random_password.database.result}@/nexus?host=/cloudsql/${google_sql_database_instance.state[0].connection_name}"
  secret_data_wo_version = var.database_password_version
  depends_on             = [google_sql_user.nexus]

  lifecycle {
    create_before_destroy = true # services start with the latest one: there always is one
  }
}
