# The calls that services.yaml schedules. Without the secret that a call needs there is nothing to call.

locals {
  scheduled = merge([
    for name, service in local.http : {
      for call in try(service.scheduled, []) :
      "${name}${replace(call.path, "/", "-")}" => merge(call, { service = name })
      if !contains(local.left_out, try(call.needs, ""))
    }
  ]...)
}

resource "google_cloud_scheduler_job" "call" {
  for_each = local.scheduled

  name             = each.key
  region           = var.region # said, so that it moves with the services
  description      = each.value.why
  schedule         = each.value.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "${each.value.seconds}s"

  http_target {
    http_method = "POST"
    uri         = "${google_cloud_run_v2_service.service[each.value.service].uri}${each.value.path}"
    oidc_token {
      service_account_email = google_service_account.caller["scheduler"].email
      audience              = local.services[each.value.service].environment.AUDIENCE
    }
  }

  depends_on = [google_project_service.api]
}
