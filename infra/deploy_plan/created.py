"""What Terraform would create: its own resources, each as often as its `for_each` or `count` says."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy_plan.hcl import Resource, read_resources
from deploy_plan.problem import Problem
from deploy_plan.setup import Setup


@dataclass(frozen=True)
class Created:
    """A resource block and what it makes: one name for each; none: nothing, in this environment."""

    address: str
    names: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Its type, such as google_pubsub_topic."""
        return self.address.partition(".")[0]


Names = Callable[[Setup], Iterable[str]]


_ITSELF = ""
"""Where there is one or none: it is called as its block is."""


def _when(condition: Callable[[Setup], bool]) -> Names:
    return lambda setup: [_ITSELF] if condition(setup) else []


_HAS_TOPIC = "can(grant.target.topic)"
_HAS_SUBSCRIPTION = "can(grant.target.subscription)"


def _granted(on: str | None) -> Names:
    return lambda setup: [
        f"{name} {grant.role} {grant.on}"
        for name, grant in setup.grants
        if (on is None and isinstance(grant.target, str))
        or (isinstance(grant.target, dict) and on in grant.target)
    ]


def _dead(setup: Setup) -> list[str]:
    return [f"{name}-dead" for name in setup.subscriptions]


EXPRESSIONS: Mapping[str, Names] = {
    "local.services": lambda setup: setup.services,
    "local.homes": lambda setup: setup.homes,
    "local.pools": lambda setup: setup.pools,
    "local.fronted": lambda setup: setup.fronted,
    "local.subscriptions": lambda setup: setup.subscriptions,
    "local.dead_letters": _dead,
    "local.scheduled": lambda setup: [
        f"{name}{call.path.replace('/', '-')}" for name, call in setup.scheduled
    ],
    "local.readers": lambda setup: [
        f"{name} {secret}" for name, secrets in setup.readers.items() for secret in sorted(secrets)
    ],
    "local.cloud_sql": _when(lambda setup: setup.variables.database == "cloud-sql"),
    "local.deployers": _when(lambda setup: setup.variables.deployer),
    "local.front": _when(lambda setup: bool(setup.variables.domain)),
    "var.alert_emails": lambda setup: setup.variables.alert_emails,
    'var.billing_account == "" ? 0 : 1': _when(lambda setup: bool(setup.variables.billing_account)),
    'yamldecode(file("${path.module}/alerts.yaml")).alerts': lambda setup: setup.alerts,
    "{for metric in local.measured.metrics : metric.name => metric}": lambda setup: setup.metrics,
    f"{{for key, grant in local.grants : key => grant if {_HAS_TOPIC}}}": _granted("topic"),
    f"{{for key, grant in local.grants : key => grant if {_HAS_SUBSCRIPTION}}}": _granted("subscription"),
    f"{{for key, grant in local.grants : key => grant if !{_HAS_TOPIC} && !{_HAS_SUBSCRIPTION}}}": _granted(
        None
    ),
    "{for name, home in local.homes : name => home if var.deployer}": lambda setup: (
        setup.homes if setup.variables.deployer else []
    ),
    "{for name, pool in local.pools : name => pool if var.deployer}": lambda setup: (
        setup.pools if setup.variables.deployer else []
    ),
    "{for name, service in local.services : name => service if var.deployer}": lambda setup: (
        setup.services if setup.variables.deployer else []
    ),
    'toset(var.deployer ? ["roles/logging.logWriter", "roles/logging.viewer", "roles/run.viewer"] : [])': (
        lambda setup: (
            ["roles/logging.logWriter", "roles/logging.viewer", "roles/run.viewer"]
            if setup.variables.deployer
            else []
        )
    ),
    "toset([for home in local.fronted : home.service])": lambda setup: {
        home.service: None for home in setup.fronted.values()
    },
    "setunion([for reader in local.readers : reader.secret], var.optional_secrets)": lambda setup: sorted(
        setup.secrets
    ),
    "setunion([for topic in local.topology.topics : topic.name], values(local.dead_letters))": lambda setup: [
        *setup.topics,
        *_dead(setup),
    ],
    "merge({for topic in local.topology.topics : topic.name =>"
    ' try("${topic.retention_days * 24 * 3600}s", null)},'
    " {for name in values(local.dead_letters) : name => null})": lambda setup: [*setup.topics, *_dead(setup)],
}
"""Each `for_each` and `count` of infra/*.tf, and what it amounts to."""

_LITERAL_SET = re.compile(r'toset\(\[((?:"[^"$]*"(?:, )?)+)\]\)')


def created(infra: Path, setup: Setup) -> list[Created]:
    """What each resource block makes; raise Problem where one says how often in words not known here."""
    return [Created(one.address, tuple(_names(one, setup))) for one in read_resources(infra)]


def _names(resource: Resource, setup: Setup) -> Iterable[str]:
    each = resource.each
    label = resource.address.partition(".")[2]
    if each is None:
        return [label]
    if isinstance(each, tuple):
        return each
    if literal := _LITERAL_SET.fullmatch(each):
        return re.findall(r'"([^"]*)"', literal[1])
    if each not in EXPRESSIONS:
        raise Problem(f"{resource.address}: deploy_plan/created.py does not know `{each}`")
    return [name or label for name in EXPRESSIONS[each](setup)]
