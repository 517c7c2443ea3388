# The account that Cloud Build deploys with: pushes images, makes revisions of our services, writes and reads
# logs, and tests as another account, which may read of the gateway. It has no role on a secret, topic or database; but
# an image of its choice runs as each service, so that whoever may change main or the trigger may do what services may.

locals {
  deployers     = var.deployer ? 1 : 0
  deployer      = var.deployer ? google_service_account.deployer[0].member : ""
  smoke_account = "nexus-smoke@${var.project}.iam.gserviceaccount.com"
}

resource "google_service_account" "deployer" {
  count = local.deployers

  account_id   = "nexus-deployer"
  display_name = "dev-nexus: deploys"
  depends_on   = [google_project_service.api]
}

resource "google_artifact_registry_repository_iam_member" "deployer" {
  count = local.deployers

  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = local.deployer
}

resource "google_cloud_run_v2_service_iam_member" "deployer" {
  for_each = { for name, home in local.homes : name => home if var.deployer }

  name     = google_cloud_run_v2_service.service[each.key].name
  location = each.value.region
  role     = "roles/run.developer"
  member   = local.deployer
}

resource "google_cloud_run_v2_worker_pool_iam_member" "deployer" {
  for_each = { for name, pool in local.pools : name => pool if var.deployer }

  name     = google_cloud_run_v2_worker_pool.pool[each.key].name
  location = var.region
  role     = "roles/run.developer"
  member   = local.deployer
}

# A revision runs as its service's account.
resource "google_service_account_iam_member" "deployer" {
  for_each = { for name, service in local.services : name => service if var.deployer }

  service_account_id = google_service_account.service[each.key].name
  role               = "roles/iam.serviceAccountUser"
  member             = local.deployer
}

resource "google_project_iam_member" "deployer" {
  # run.viewer: gcloud waits for operations, which belong to the project and not to a service
  for_each = toset(var.deployer ? ["roles/logging.logWriter", "roles/logging.viewer", "roles/run.viewer"] : [])

  project = var.project
  role    = each.key
  member  = local.deployer
}

resource "google_service_account" "smoke" {
  count = local.deployers

  account_id   = split("@", local.smoke_account)[0]
  display_name = "dev-nexus: tests what was deployed"
  depends_on   = [google_project_service.api]
}

resource "google_service_account_iam_member" "smoke" {
  count = local.deployers

  service_account_id = google_service_account.smoke[0].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.deployer
}
