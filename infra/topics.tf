# The event flow as topology.yaml has it; the figures are those of devnexus.topology.

locals {
  pubsub_agent  = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  subscriptions = { for subscription in local.topology.subscriptions : subscription.name => subscription }
  pushed        = { for name, subscription in local.subscriptions : name => subscription.push if can(subscription.push) }
  dead_letters  = { for name in keys(local.subscriptions) : name => "${name}-dead" }

  kept_for = "2678400s" # 31 days, the most there is: nothing goes while somebody looks for what is wrong
}

resource "google_pubsub_topic" "topic" {
  #checkov:skip=CKV_GCP_83:Google's own keys encrypt the events; the knowledge that they carry is kept in git
  for_each = merge(
    { for topic in local.topology.topics : topic.name => try("${topic.retention_days * 24 * 3600}s", null) },
    { for name in values(local.dead_letters) : name => null },
  )

  name                       = each.key
  message_retention_duration = each.value
  depends_on                 = [google_project_service.api]
}

resource "google_pubsub_subscription" "subscription" {
  for_each = local.subscriptions

  name                       = each.key
  topic                      = google_pubsub_topic.topic[each.value.topic].id
  ack_deadline_seconds       = each.value.ack_deadline_seconds
  message_retention_duration = local.kept_for

  expiration_policy {
    ttl = "" # never, however long nobody uses it
  }
  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.topic[local.dead_letters[each.key]].id
    max_delivery_attempts = each.value.max_delivery_attempts
  }
  dynamic "push_config" {
    for_each = { for name, service in local.pushed : name => service if name == each.key }
    content {
      push_endpoint = "${google_cloud_run_v2_service.service[push_config.value].uri}/events"
      oidc_token {
        service_account_email = google_service_account.caller["pubsub"].email
        audience              = local.services[push_config.value].environment.AUDIENCE
      }
    }
  }

  depends_on = [google_pubsub_topic_iam_member.dead_letters, google_service_account_iam_member.pubsub_signs]
}

resource "google_pubsub_subscription" "dead" {
  for_each = local.dead_letters

  name                       = each.value
  topic                      = google_pubsub_topic.topic[each.value].id
  message_retention_duration = local.kept_for

  expiration_policy {
    ttl = "" # never: until something dies nobody uses it
  }
}

# Pub/Sub itself moves a message that was tried too often.
resource "google_pubsub_topic_iam_member" "dead_letters" {
  for_each = local.dead_letters

  topic  = google_pubsub_topic.topic[each.value].name
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = local.dead_letters

  subscription = google_pubsub_subscription.subscription[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
