resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  display_name = each.key
  type         = "email"
  labels       = { email_address = each.key }
  depends_on   = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = yamldecode(file("${path.module}/alerts.yaml")).alerts

  display_name          = "dev-nexus: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = each.value.when
    condition_prometheus_query_language {
      query                     = each.value.query
      duration                  = "${each.value.minutes * 60}s"
      evaluation_interval       = "60s"
      disable_metric_validation = true # of a metric that no line was counted for yet
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "**${each.value.title}**: ${each.value.when}. What to do: docs/operations.md, under \"${try(each.value.heading, each.value.title)}\"."
  }

  depends_on = [google_logging_metric.metric]
}

# A budget has no query: it belongs to the account that pays. docs/operations.md, under "Cost".
resource "google_billing_budget" "month" {
  count = var.billing_account == "" ? 0 : 1

  billing_account = var.billing_account
  display_name    = "dev-nexus: ${var.project}"

  budget_filter {
    projects        = ["projects/${data.google_project.this.number}"]
    calendar_period = "MONTH"
  }
  amount {
    specified_amount {
      units = var.monthly_budget
    }
  }
  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }
  all_updates_rule {
    # five are allowed
    monitoring_notification_channels = slice(
      [for channel in google_monitoring_notification_channel.email : channel.id], 0, min(5, length(var.alert_emails))
    )
    disable_default_iam_recipients = false
  }

  depends_on = [google_project_service.api]
}
