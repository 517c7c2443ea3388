"""An environment: what the files say and what its variables choose, as Terraform's locals have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from deploy_plan.hcl import read_defaults, read_values, read_variables
from deploy_plan.problem import Problem
from devnexus.events.event import describe
from devnexus.metrics import load_metrics
from devnexus.topology import load_topology


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Grant(_Told):
    """A role of a service, and what its code does with it."""

    role: str
    target: str | dict[str, str]
    why: str

    @property
    def on(self) -> str:
        """What it is on, by name."""
        return self.target if isinstance(self.target, str) else next(iter(self.target.values()))


class Call(_Told):
    """A call by Cloud Scheduler."""

    path: str
    schedule: str
    why: str
    needs: str = ""


class Service(_Told):
    """A service or a worker pool, as services.yaml has it."""

    runs_as: str
    open: str = ""
    works_on: str = ""
    cpu: str
    memory: str
    instances: tuple[int, int]
    secrets: dict[str, str] = {}
    files: dict[str, str] = {}
    more_secrets: str = ""
    roles: tuple[Grant, ...]
    scheduled: tuple[Call, ...] = ()


class _Plan(_Told):
    services: dict[str, Service]
    roles: tuple[Grant, ...] = ()
    optional_secrets: dict[str, str]


class Variables(_Told):
    """Those of Terraform's variables that decide what is made."""

    project: str
    knowledge: str
    region: str
    second_region: str
    domain: str
    github_app_id: str
    min_instances: dict[str, int]
    database: str
    database_tier: str
    database_availability: str
    optional_secrets: tuple[str, ...]
    notifier_secrets: dict[str, str]
    alert_emails: tuple[str, ...]
    billing_account: str
    monthly_budget: float
    traces: str
    deployer: bool


@dataclass(frozen=True)
class Home:
    """A service in one region."""

    service: str
    region: str


@dataclass(frozen=True)
class Setup:
    """Everything that is known of an environment before it is there."""

    environment: str
    variables: Variables
    services: Mapping[str, Service]
    common: Sequence[Grant]
    optional: Mapping[str, str]
    alerts: Sequence[str]
    topics: Sequence[str]
    subscriptions: Mapping[str, str | None]
    """Subscription → the service that it is pushed to."""
    metrics: Sequence[str]

    @property
    def homes(self) -> dict[str, Home]:
        """local.homes"""
        there = {name: one for name, one in self.services.items() if one.runs_as == "service"}
        first = {name: Home(name, self.variables.region) for name in there}
        second = {
            f"{name}-second": Home(name, self.variables.second_region)
            for name, one in there.items()
            if one.open and self.variables.second_region
        }
        return first | second

    @property
    def pools(self) -> list[str]:
        """local.pools"""
        return [name for name, service in self.services.items() if service.runs_as == "worker-pool"]

    @property
    def fronted(self) -> dict[str, Home]:
        """local.fronted"""
        front = bool(self.variables.domain)
        return {name: one for name, one in self.homes.items() if front and self.services[one.service].open}

    @property
    def left_out(self) -> set[str]:
        """local.left_out: optional secrets that this environment has not."""
        return self.optional.keys() - set(self.variables.optional_secrets)

    @property
    def readers(self) -> dict[str, set[str]]:
        """local.readers: service → the secrets that it reads."""
        return {
            name: {*one.secrets.values(), *one.files.values(), *self._more(one)} - self.left_out
            for name, one in self.services.items()
        }

    @property
    def secrets(self) -> set[str]:
        """Every secret."""
        return set().union(*self.readers.values(), self.variables.optional_secrets)

    @property
    def grants(self) -> list[tuple[str, Grant]]:
        """local.grants: service, role."""
        needed = {
            "roles/cloudsql.client": self.variables.database == "cloud-sql",
            "roles/telemetry.tracesWriter": self.variables.traces == "google",
        }
        return [
            (name, grant)
            for name, service in self.services.items()
            for grant in (*service.roles, *self.common)
            if needed.get(grant.role, True)
        ]

    @property
    def scheduled(self) -> list[tuple[str, Call]]:
        """local.scheduled: service, call."""
        return [
            (name, call)
            for name, service in self.services.items()
            for call in service.scheduled
            if call.needs not in self.left_out
        ]

    def _more(self, service: Service) -> Sequence[str]:
        return [*self.variables.notifier_secrets.values()] if service.more_secrets else []


def read_setup(infra: Path, environment: str) -> Setup:
    """The environment of this name; raise Problem where a file is missing or says something else."""
    file = infra / "environments" / f"{environment}.tfvars"
    if not file.is_file():
        known = ", ".join(sorted(one.stem for one in file.parent.glob("*.tfvars")))
        raise Problem(f"there is no {file}; there are: {known or 'none'}")
    chosen = read_values(file)
    if unknown := chosen.keys() - read_variables(infra):
        raise Problem(f"{file} sets what is no variable: {', '.join(sorted(unknown))}")
    try:
        plan = _Plan.model_validate(_yaml(infra / "services.yaml"))
        variables = Variables.model_validate({**read_defaults(infra), **chosen})
    except ValidationError as error:
        raise Problem(f"{environment}: {describe(error)}") from error
    topology, alerts = load_topology(), _yaml(infra / "alerts.yaml")
    return Setup(
        environment=environment,
        variables=variables,
        services=plan.services,
        common=plan.roles,
        optional=plan.optional_secrets,
        alerts=[*alerts["alerts"]] if isinstance(alerts, dict) else [],
        topics=[topic.name for topic in topology.topics],
        subscriptions={one.name: one.push for one in topology.subscriptions},
        metrics=[metric.name for metric in load_metrics().metrics],
    )


def _yaml(file: Path) -> object:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Problem(f"{file} cannot be read: {error}") from error
