# Edit these: nothing here is a secret.
project        = "acme-nexus"
knowledge      = "github:acme/knowledge"
allowed_owners = ["acme"]
github_app_id  = "2"

readers = ["example.com"]
writers = ["deploy-agent@acme-agents.iam.gserviceaccount.com"]

optional_secrets = ["anthropic-api-key", "notifier-routes"]
notifier_secrets = { ARCHITECTS_SLACK_URL = "slack-architects" }
secret_versions  = { github-webhook-secret = "1" } # a rotation is a change that somebody reads

database              = "cloud-sql"
database_tier         = "db-custom-1-3840"
database_availability = "REGIONAL"
min_instances         = { a2a-gateway = 1, webhook-receiver = 1 }

domain        = "nexus.example.com"
second_region = "us-east1"

alert_emails    = ["nexus@example.com"]
billing_account = "000000-000000-000000"
monthly_budget  = 300
