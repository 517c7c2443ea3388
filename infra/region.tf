# With a domain: a global load balancer before the two services that the internet calls, in one region or two.
#
# What Pub/Sub pushes stays in one region, beside the writer: while that region is away events wait, for 31
# days. docs/operations.md, under "A region is lost", says how all of it moves.

locals {
  fronted = { for name, home in local.homes : name => home if var.domain != "" && can(local.http[home.service].open) }
  front   = var.domain != "" ? 1 : 0
}

resource "google_compute_region_network_endpoint_group" "front" {
  for_each = local.fronted

  name   = each.key
  region = each.value.region
  cloud_run {
    service = google_cloud_run_v2_service.service[each.key].name
  }

  lifecycle {
    create_before_destroy = true # while the load balancer names it, it cannot go
  }
}

resource "google_compute_backend_service" "front" {
  for_each = toset([for home in local.fronted : home.service])

  name                  = each.key
  load_balancing_scheme = "EXTERNAL_MANAGED"

  dynamic "backend" {
    for_each = { for name, home in local.fronted : name => home if home.service == each.key }
    content {
      group = google_compute_region_network_endpoint_group.front[backend.key].id
    }
  }
  outlier_detection {
    consecutive_errors = 5 # then the other region answers, for a while
    interval {
      seconds = 10
    }
    base_ejection_time {
      seconds = 60
    }
    max_ejection_percent = 50
  }
  log_config {
    enable      = true
    sample_rate = 0.1
  }
}

resource "google_compute_url_map" "front" {
  count = local.front

  name            = "dev-nexus"
  default_service = google_compute_backend_service.front["a2a-gateway"].id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "nexus"
  }
  path_matcher {
    name            = "nexus"
    default_service = google_compute_backend_service.front["a2a-gateway"].id
    path_rule {
      paths   = ["/webhooks/*"]
      service = google_compute_backend_service.front["webhook-receiver"].id
    }
  }
}

resource "google_compute_managed_ssl_certificate" "front" {
  count = local.front

  name = "dev-nexus-${substr(sha1(var.domain), 0, 8)}" # another domain, another certificate, and then the old one goes
  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_ssl_policy" "front" {
  count = local.front

  name            = "dev-nexus"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "front" {
  count = local.front

  name             = "dev-nexus"
  url_map          = google_compute_url_map.front[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.front[0].id]
  ssl_policy       = google_compute_ssl_policy.front[0].id
}

resource "google_compute_global_address" "front" {
  count = local.front

  name       = "dev-nexus"
  depends_on = [google_project_service.api]
}

resource "google_compute_global_forwarding_rule" "front" {
  count = local.front

  name                  = "dev-nexus"
  target                = google_compute_target_https_proxy.front[0].id
  ip_address            = google_compute_global_address.front[0].id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
