"""infra/services.yaml, as Terraform reads it, and what each service reads from its environment."""

import dataclasses
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module

import grimp
import yaml
from terraform_files import INFRA

PLAN = yaml.safe_load((INFRA / "services.yaml").read_text())
SERVICES: dict[str, dict] = PLAN["services"]
MAINS = {
    "webhook-receiver": "webhook_receiver.main",
    "extractor": "extractor.main",
    "kb-writer": "kb_writer.main",
    "similarity": "similarity.main",
    "notifier": "notifier.main",
    "a2a-gateway": "a2a_gateway.main",
}
MORE_SECRETS = {
    "webhook-receiver": {"GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_PREVIOUS", "SWEEP_TOKEN"},
}
"""Read by name, in no table of secrets."""

WITH_OPTIONAL = {
    "project": "acme-nexus",
    "knowledge": "github:acme/knowledge",
    "allowed_owners": "acme,12345",
    "github_app_id": "1",
    "github_api_url": "https://github.acme.example/api/v3",
    "public_url": "https://nexus.example.com",
    "gateway_audience": "https://a2a-gateway.dev-nexus.internal,https://nexus.example.com",
    "readers": "example.com,somebody@example.org",
    "writers": "agent@acme-nexus.iam.gserviceaccount.com",
    "anonymous_reads": "false",
    "cors_origins": "https://app.example.com",
    "legacy_open_routes": "POST /api/kb/lessons-learned",
    "orchestrator_url": "https://orchestrator.example.com",
    "log_attacker_url": "https://log-attacker.example.com",
    "pattern_miner_url": "https://pattern-miner.example.com",
    "claude_model": "claude-sonnet-5-5",
    "claude_bulk_model": "claude-haiku-5-5",
    "traces": "google",
    "pubsub_account": "nexus-pubsub@acme-nexus.iam.gserviceaccount.com",
    "scheduler_account": "nexus-scheduler@acme-nexus.iam.gserviceaccount.com",
    "invokers": "nexus-pubsub@acme-nexus.iam.gserviceaccount.com,"
    "nexus-scheduler@acme-nexus.iam.gserviceaccount.com",
}
"""local.settings, with every variable of settings.tf set."""

OPTIONAL = {
    "github_api_url",
    "public_url",
    "readers",
    "writers",
    "cors_origins",
    "legacy_open_routes",
    "orchestrator_url",
    "log_attacker_url",
    "pattern_miner_url",
    "claude_model",
    "claude_bulk_model",
    "traces",
}
LEAST = {name: "" if name in OPTIONAL else value for name, value in WITH_OPTIONAL.items()}
"""local.settings, with only those variables set that have no default."""

VALUES = {
    "DATABASE_URL": "postgresql://nexus:word@/nexus?host=/cloudsql/acme-nexus:us-central1:state",
    "GITHUB_APP_PRIVATE_KEY": "-----BEGIN RSA PRIVATE KEY-----\n…\n-----END RSA PRIVATE KEY-----",
    "API_KEYS": f"ci={'k' * 32}",
}
"""What secrets hold whose form is checked."""


def environment(service: str, settings: dict[str, str], *, optional: bool) -> dict[str, str]:
    """What Terraform gives the service, and Cloud Run besides; `optional`: with every optional secret."""
    plan = SERVICES[service]
    told = {
        name: settings[text[1:]] if text[0] == "$" else text for name, text in plan["environment"].items()
    }
    left_out = set() if optional else set(PLAN["optional_secrets"])
    secrets = {
        name: VALUES.get(name, "a-secret")
        for name, secret in plan["secrets"].items()
        if secret not in left_out
    }
    files = {
        name: f"/secrets/{secret}/value"
        for name, secret in plan.get("files", {}).items()
        if secret not in left_out
    }
    given = {name: text for name, text in told.items() if text}
    return {**given, **secrets, **files, "K_SERVICE": service, "PORT": "8080"}


def kinds_of_settings(service: str) -> list[type]:
    """The settings classes of all modules that the service imports, however far away."""
    return [
        kind
        for module in _modules(service)
        for kind in vars(module).values()
        if isinstance(kind, type)
        and kind.__module__ == module.__name__
        and dataclasses.is_dataclass(kind)
        and any("variable" in field.metadata for field in dataclasses.fields(kind))
    ]


def known(service: str) -> set[str]:
    """Every variable that the service's settings classes and tables of secrets name."""
    variables = {
        field.metadata["variable"]
        for kind in kinds_of_settings(service)
        for field in dataclasses.fields(kind)
        if "variable" in field.metadata
    }
    tables = {
        name
        for module in _modules(service)
        for table in ("SECRETS", "ACCESS")
        for name in vars(module).get(table, ())
    }
    return variables | tables | MORE_SECRETS.get(service, set())


@cache
def imported(service: str) -> frozenset[str]:
    """The names of our modules that the service imports, its own among them."""
    package = MAINS[service].partition(".")[0]
    graph = grimp.build_graph("devnexus", package, cache_dir=None)
    return frozenset(graph.find_upstream_modules(MAINS[service])) | {MAINS[service]}


def _modules(service: str) -> Iterator:
    for name in sorted(imported(service)):
        yield sys.modules.get(name) or import_module(name)
