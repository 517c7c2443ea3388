# Edit these: nothing here is a secret.
project        = "acme-nexus-staging"
knowledge      = "github:acme/knowledge-staging"
allowed_owners = ["acme-sandbox"]
github_app_id  = "1"

readers = ["example.com"]
writers = []

database            = "cloud-sql"
deletion_protection = false # it may be made anew

alert_emails = ["nexus@example.com"]
