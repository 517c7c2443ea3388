# The kb-writer pulls: exactly one instance. Two, as during a deployment, are harmless, but one commits faster.
# It ends itself when it has not pulled for five minutes, and is started again.
resource "google_cloud_run_v2_worker_pool" "pool" {
  for_each = local.pools

  name                = each.key
  location            = var.region
  deletion_protection = false # it keeps nothing

  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = each.value.instances[0]
  }

  template {
    service_account = google_service_account.service[each.key].email

    containers {
      image = "${local.images}/${each.key}:${var.image_tag}"

      resources {
        limits = { cpu = each.value.cpu, memory = each.value.memory }
      }

      dynamic "env" {
        for_each = local.environment[each.key]
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = local.secrets[each.key]
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
    }
  }

  lifecycle {
    ignore_changes = [client, client_version, template[0].containers[0].image, instance_splits]
  }

  depends_on = [
    google_project_service.api,
    google_secret_manager_secret_iam_member.reader,
    google_pubsub_subscription_iam_member.service,
  ]
}
