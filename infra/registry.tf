# The images: <region>-docker.pkg.dev/<project>/dev-nexus/<service>:<tag>.
resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Google's own keys encrypt the images, which hold no secret and can be built again

  repository_id = "dev-nexus"
  description   = "Images of dev-nexus"
  format        = "DOCKER"
  location      = var.region

  cleanup_policies {
    id     = "newest-stay"
    action = "KEEP"
    most_recent_versions {
      keep_count = 20
    }
  }
  cleanup_policies {
    id     = "old-go"
    action = "DELETE"
    condition {
      older_than = "7776000s" # 90 days
    }
  }

  depends_on = [google_project_service.api]
}
