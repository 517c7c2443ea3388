locals {
  user = "logging_googleapis_com:user_devnexus"
  run  = "monitored_resource=\"cloud_run_revision\""

  charts = [
    {
      title = "Events handled a minute, by service and outcome"
      query = "sum by (service, outcome) (rate(${local.user}_events_total{${local.run}}[5m])) * 60"
    },
    {
      title = "Events of the writer a minute, by outcome"
      query = "sum by (outcome) (rate(${local.user}_events_total{monitored_resource=\"cloud_run_worker_pool\"}[5m])) * 60"
    },
    {
      title = "From published to answered, 95 % (ms)"
      query = "histogram_quantile(0.95, sum by (le, service) (rate(${local.user}_event_lag_seconds_bucket{${local.run}}[5m])))"
    },
    {
      title = "Oldest event that waits (s)"
      query = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\"})"
    },
    {
      title = "Dead letters"
      query = "max by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource=\"pubsub_subscription\",subscription_id=~\".+-dead\"})"
    },
    {
      title = "A commit of the knowledge base, 95 % (ms)"
      query = "histogram_quantile(0.95, sum by (le) (rate(${local.user}_commit_seconds_bucket{monitored_resource=\"cloud_run_worker_pool\"}[5m])))"
    },
    {
      title = "Records in a commit, on average"
      query = "sum(rate(${local.user}_commit_records_sum{monitored_resource=\"cloud_run_worker_pool\"}[5m])) / sum(rate(${local.user}_commit_records_count{monitored_resource=\"cloud_run_worker_pool\"}[5m]))"
    },
    {
      title = "Age of the gateway's read model, on average (ms)"
      query = "sum(rate(${local.user}_read_model_age_seconds_sum{${local.run}}[5m])) / sum(rate(${local.user}_read_model_age_seconds_count{${local.run}}[5m]))"
    },
    {
      title = "Deliveries an hour, by channel and outcome"
      query = "sum by (channel, outcome) (rate(${local.user}_deliveries_total{${local.run}}[1h])) * 3600"
    },
    {
      title = "Likely secrets taken out, an hour"
      query = "sum(rate(${local.user}_redactions_total_sum{${local.run}}[1h])) * 3600"
    },
    {
      title = "Claude: US dollars a day, by model"
      query = "sum by (model) (rate(${local.user}_claude_cost_usd_total_sum{${local.run}}[1h])) * 86400"
    },
    {
      title = "Requests a second, by service and class of answer"
      query = "sum by (service_name, response_code_class) (rate(run_googleapis_com:request_count{${local.run}}[5m]))"
    },
  ]
}

resource "google_monitoring_dashboard" "nexus" {
  dashboard_json = jsonencode({
    displayName = "dev-nexus"
    mosaicLayout = {
      columns = 48
      tiles = [
        for place, chart in local.charts : {
          xPos   = place % 2 * 24
          yPos   = floor(place / 2) * 16
          width  = 24
          height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{ plotType = "LINE", timeSeriesQuery = { prometheusQuery = chart.query } }]
              yAxis    = { scale = "LINEAR" }
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.api]
}
