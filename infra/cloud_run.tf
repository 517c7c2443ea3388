# The services that answer HTTP.
#
# Cloud Run's own check of callers is off: it would take the signature off each token before the service
# sees it (https://cloud.google.com/run/docs/troubleshooting#signature-removed), and every service of ours
# verifies the whole token itself. Those that only Pub/Sub and Scheduler call are not reachable from the
# internet: both count as internal in their own project (https://cloud.google.com/run/docs/securing/ingress).

resource "google_cloud_run_v2_service" "service" {
  for_each = local.homes

  name                 = each.value.service
  location             = each.value.region
  description          = try(local.http[each.value.service].open, "called by Pub/Sub and Scheduler")
  deletion_protection  = false # it keeps nothing
  invoker_iam_disabled = true
  ingress = (
    !can(local.http[each.value.service].open) ? "INGRESS_TRAFFIC_INTERNAL_ONLY" :
    var.domain != "" ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_ALL"
  )

  template {
    service_account                  = google_service_account.service[each.value.service].email
    timeout                          = "${local.http[each.value.service].timeout_seconds}s"
    max_instance_request_concurrency = local.http[each.value.service].concurrency

    scaling {
      min_instance_count = lookup(var.min_instances, each.value.service, local.http[each.value.service].instances[0])
      max_instance_count = local.http[each.value.service].instances[1]
    }

    containers {
      image = "${local.images}/${each.value.service}:${var.image_tag}"

      resources {
        limits            = { cpu = local.http[each.value.service].cpu, memory = local.http[each.value.service].memory }
        cpu_idle          = !can(local.http[each.value.service].works_on)
        startup_cpu_boost = true
      }
      startup_probe {
        timeout_seconds   = 1
        period_seconds    = 1 # a cold start waits for it
        failure_threshold = 120
        http_get {
          path = "/health"
        }
      }
      liveness_probe {
        timeout_seconds   = 5
        period_seconds    = 30
        failure_threshold = 4
        http_get {
          path = "/health"
        }
      }

      dynamic "env" {
        for_each = merge(local.environment[each.value.service], local.file_paths[each.value.service])
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = local.secrets[each.value.service]
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.secret[env.value].secret_id
              version = lookup(var.secret_versions, env.value, "latest")
            }
          }
        }
      }

      dynamic "volume_mounts" {
        for_each = local.files[each.value.service]
        content {
          name       = volume_mounts.value
          mount_path = "/secrets/${volume_mounts.value}"
        }
      }
      dynamic "volume_mounts" {
        for_each = contains(local.with_database, each.value.service) ? ["cloudsql"] : []
        content {
          name       = volume_mounts.value
          mount_path = "/cloudsql"
        }
      }
    }

    dynamic "volumes" {
      for_each = local.files[each.value.service]
      content {
        name = volumes.value
        secret {
          secret = google_secret_manager_secret.secret[volumes.value].secret_id
          items {
            path    = "value"
            version = lookup(var.secret_versions, volumes.value, "latest")
          }
        }
      }
    }
    dynamic "volumes" {
      for_each = contains(local.with_database, each.value.service) ? ["cloudsql"] : []
      content {
        name = volumes.value
        cloud_sql_instance {
          instances = google_sql_database_instance.state[*].connection_name
        }
      }
    }
  }

  # Deployments choose the image, and send traffic to its revision once it has proven itself. The name that they give
  # the revision is not kept: another configuration under the same name is refused (409).
  lifecycle {
    ignore_changes = [client, client_version, template[0].containers[0].image, traffic]
  }

  depends_on = [
    google_project_service.api,
    google_project_iam_member.service,
    google_secret_manager_secret_iam_member.reader,
    google_secret_manager_secret_version.database_url,
  ]
}
