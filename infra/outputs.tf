output "urls" {
  description = "Where each service is at run.app; those that are not open answer only Pub/Sub and Scheduler."
  value       = { for name, service in google_cloud_run_v2_service.service : name => service.uri }
}

output "images" {
  description = "Where images are pushed to: <this>/<service>:<tag>."
  value       = local.images
}

output "webhook_url" {
  description = "What the GitHub App is told as its webhook URL."
  value       = "${var.domain != "" ? "https://${var.domain}" : google_cloud_run_v2_service.service["webhook-receiver"].uri}/webhooks/github"
}

output "deployer" {
  description = "The account that Cloud Build runs as."
  value       = local.deployer
}

output "smoke_account" {
  description = "The account that the tests after a deployment come as."
  value       = var.deployer ? local.smoke_account : ""
}

output "load_balancer_address" {
  description = "What the domain's A record names."
  value       = one(google_compute_global_address.front[*].address)
}

output "secrets" {
  description = "Secrets, each of which needs a version before the services that read it can start."
  value       = sort(keys(google_secret_manager_secret.secret))
}
