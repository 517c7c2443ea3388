# What the services are told: `$name` in services.yaml is local.settings[name]. What is empty is not set.

variable "knowledge" {
  description = "The knowledge base: github:<owner>/<name>, where the App is installed."
  type        = string
  validation {
    condition     = can(regex("^github:[^/]+/[^/]+$", var.knowledge))
    error_message = "knowledge is github:<owner>/<name>: services read it as the App, and nothing else is set up."
  }
}

variable "allowed_owners" {
  description = "Whose webhooks are listened to: owners, or installations of the App by number."
  type        = list(string)
  validation {
    condition     = length(var.allowed_owners) > 0
    error_message = "Without allowed_owners anybody who can sign would be listened to."
  }
}

variable "github_app_id" {
  description = "The App that webhooks come from, and that reads repositories and the knowledge base."
  type        = string
  validation {
    condition     = can(regex("^[0-9]+$", var.github_app_id))
    error_message = "github_app_id is a number, in quotes."
  }
}

variable "github_api_url" {
  description = "Where GitHub's API answers; empty: https://api.github.com."
  type        = string
  default     = ""
}

variable "gateway_audiences" {
  description = "Whom tokens for the gateway may be meant for, besides its own names."
  type        = list(string)
  default     = []
}

variable "readers" {
  description = "Who may read: e-mail addresses, domains, names of API keys."
  type        = list(string)
  default     = []
}

variable "writers" {
  description = "Who may write: e-mail addresses of service accounts, names of API keys."
  type        = list(string)
  default     = []
}

variable "anonymous_reads" {
  description = "true: whoever does not say who they are may read of public repositories."
  type        = bool
  default     = false
}

variable "cors_origins" {
  description = "Web origins whose pages may call the gateway."
  type        = list(string)
  default     = []
}

variable "legacy_open_routes" {
  description = "Routes of the gateway that take calls without credentials: docs/configuration.md."
  type        = list(string)
  default     = []
}

variable "agents" {
  description = "Base addresses of other agents: orchestrator, log_attacker, pattern_miner."
  type = object({
    orchestrator  = optional(string, "")
    log_attacker  = optional(string, "")
    pattern_miner = optional(string, "")
  })
  default = {}
}

variable "claude" {
  description = "The models that read besides the rules; empty: those of docs/configuration.md."
  type        = object({ model = optional(string, ""), bulk_model = optional(string, "") })
  default     = {}
}

variable "traces" {
  description = "Where traces go: google (Cloud Trace), the address of a collector, or empty: nowhere."
  type        = string
  default     = "google"
  validation {
    condition     = can(regex("^(|google|https?://.+)$", var.traces))
    error_message = "traces is google, an http(s) address, or empty."
  }
}

locals {
  # Without a load balancer any name will do: only Cloud Run's own lead to the service.
  public_url = var.domain == "" ? "" : "https://${var.domain}"

  gateway_audiences = concat(
    ["https://a2a-gateway.dev-nexus.internal", "https://a2a-gateway-${data.google_project.this.number}.${var.region}.run.app"],
    compact([local.public_url]),
    var.gateway_audiences,
  )

  # As google_service_account.caller makes them, but known before they are there: a plan shows them.
  callers = { for name in ["pubsub", "scheduler"] : name => "nexus-${name}@${var.project}.iam.gserviceaccount.com" }

  settings = {
    project            = var.project
    knowledge          = var.knowledge
    allowed_owners     = join(",", var.allowed_owners)
    github_app_id      = var.github_app_id
    github_api_url     = var.github_api_url
    public_url         = local.public_url
    gateway_audience   = join(",", local.gateway_audiences)
    readers            = join(",", concat(var.readers, var.deployer ? [local.smoke_account] : []))
    writers            = join(",", var.writers)
    anonymous_reads    = tostring(var.anonymous_reads)
    cors_origins       = join(",", var.cors_origins)
    legacy_open_routes = join(",", var.legacy_open_routes)
    orchestrator_url   = var.agents.orchestrator
    log_attacker_url   = var.agents.log_attacker
    pattern_miner_url  = var.agents.pattern_miner
    claude_model       = var.claude.model
    claude_bulk_model  = var.claude.bulk_model
    traces             = var.traces
    pubsub_account     = local.callers.pubsub
    scheduler_account  = local.callers.scheduler
    invokers           = join(",", values(local.callers))
  }
}
