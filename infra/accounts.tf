# One account for each service, with what services.yaml says and nothing else; and one each for those who call.

resource "google_service_account" "service" {
  for_each = local.services

  account_id   = "nexus-${each.key}"
  display_name = "dev-nexus: ${each.key}"
  depends_on   = [google_project_service.api]
}

resource "google_service_account" "caller" {
  for_each = { pubsub = "pushes events", scheduler = "makes the scheduled calls" }

  account_id   = "nexus-${each.key}"
  display_name = "dev-nexus: ${each.value}"
  description  = "Has no role: services know it by its tokens (INVOKERS)."
  depends_on   = [google_project_service.api]
}

# Pub/Sub signs as the account that it pushes as. Scheduler's own agent may do so already.
resource "google_service_account_iam_member" "pubsub_signs" {
  service_account_id = google_service_account.caller["pubsub"].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.pubsub_agent
}

resource "google_pubsub_topic_iam_member" "service" {
  for_each = { for key, grant in local.grants : key => grant if can(grant.target.topic) }

  topic  = google_pubsub_topic.topic[each.value.target.topic].name
  role   = each.value.role
  member = google_service_account.service[each.value.service].member
}

resource "google_pubsub_subscription_iam_member" "service" {
  for_each = { for key, grant in local.grants : key => grant if can(grant.target.subscription) }

  subscription = google_pubsub_subscription.subscription[each.value.target.subscription].name
  role         = each.value.role
  member       = google_service_account.service[each.value.service].member
}

# Only what cannot be given on less than the project.
resource "google_project_iam_member" "service" {
  for_each = { for key, grant in local.grants : key => grant if !can(grant.target.topic) && !can(grant.target.subscription) }

  project = var.project
  role    = each.value.role
  member  = google_service_account.service[each.value.service].member
}
