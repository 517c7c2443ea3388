# Metrics that Cloud Logging makes of our log lines, as shared/devnexus/metrics.yaml has them. It only counts
# lines, or spreads a value: so whatever has a value becomes a distribution, whose sum is the figure.
resource "google_logging_metric" "metric" {
  for_each = { for metric in local.measured.metrics : metric.name => metric }

  name        = each.key
  description = each.value.about
  filter = join("\n", compact([
    "resource.type=(\"cloud_run_revision\" OR \"cloud_run_worker_pool\")",
    "jsonPayload.logger=\"${each.value.logger}\"",
    "jsonPayload.message=\"${each.value.message}\"",
    each.value.service == "*" ? "" : "jsonPayload.service=\"${each.value.service}\"",
    can(each.value.value) ? "jsonPayload.${each.value.value}:*" : "",
  ]))

  value_extractor  = try("EXTRACT(jsonPayload.${each.value.value})", null)
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = can(each.value.value) ? "DISTRIBUTION" : "INT64"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = toset(each.value.labels)
      content {
        key = labels.value
      }
    }
  }

  dynamic "bucket_options" {
    for_each = can(each.value.value) ? [local.measured.buckets[each.value.unit]] : []
    content {
      exponential_buckets {
        scale              = bucket_options.value.scale
        growth_factor      = 2
        num_finite_buckets = bucket_options.value.count - 1 # between as many bounds
      }
    }
  }

  depends_on = [google_project_service.api]
}
