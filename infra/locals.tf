# The files that say what there is, read once, and what follows from them.

locals {
  plan     = yamldecode(file("${path.module}/services.yaml"))
  topology = yamldecode(file("${path.module}/../shared/devnexus/topology.yaml"))
  measured = yamldecode(file("${path.module}/../shared/devnexus/metrics.yaml"))

  services = local.plan.services
  http     = { for name, service in local.services : name => service if service.runs_as == "service" }
  pools    = { for name, service in local.services : name => service if service.runs_as == "worker-pool" }

  # Where each service runs: those that the internet calls may run in a second region as well.
  homes = merge(
    { for name in keys(local.http) : name => { service = name, region = var.region } },
    {
      for name, service in local.http : "${name}-second" => { service = name, region = var.second_region }
      if can(service.open) && var.second_region != ""
    },
  )

  # Service => variable => text; `$name` is a setting of settings.tf, and what is empty is not set.
  told = {
    for name, service in local.services : name => {
      for variable, text in service.environment :
      variable => startswith(text, "$") ? local.settings[trimprefix(text, "$")] : text
    }
  }
  environment = {
    for name, told in local.told : name => { for variable, text in told : variable => text if text != "" }
  }

  images = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"

  # Roles on the whole project that only some installations need.
  needed = {
    "roles/cloudsql.client"        = var.database == "cloud-sql"
    "roles/telemetry.tracesWriter" = var.traces == "google"
  }

  # "service role on": one entry for each thing that a service's account may do.
  grants = merge([
    for name, service in local.services : {
      for grant in concat(service.roles, local.plan.roles) :
      join(" ", [name, grant.role, try(grant.target.topic, grant.target.subscription, grant.target)]) => merge(grant, { service = name })
      if lookup(local.needed, grant.role, true)
    }
  ]...)
}
