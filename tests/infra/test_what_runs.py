"""infra/services.yaml against the code: settings, secrets, roles, figures and scheduled calls."""

import ast
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from cloud_plan import (
    LEAST,
    MAINS,
    OPTIONAL,
    PLAN,
    SERVICES,
    WITH_OPTIONAL,
    environment,
    imported,
    kinds_of_settings,
    known,
)
from terraform_files import INFRA, blocks

from a2a_gateway import entrance
from devnexus.agents import open_agents
from devnexus.events import EVENT_TYPES
from devnexus.settings import read_settings
from devnexus.topology import load_topology
from webhook_receiver.settings import read
from webhook_receiver.sweep_settings import read_sweep

ROOT = INFRA.parent
TOPOLOGY = load_topology()
ELSEWHERE = {"PORT", "PUBSUB_EMULATOR_HOST", "HOST"}
"""Read in no settings class, but by every service."""

PUBLISHED_BY_SHARED_CODE = {"kb-writer": {"knowledge-committed"}}
NOT_PUBLISHED = {"kb-writer": {"RepositoryAdopted", "RepositoryRemoved"}}
"""Events that a service makes without sending them: the writer's own records of an adoption."""


def given(service):
    plan = SERVICES[service]
    return {*plan["environment"], *plan["secrets"], *plan.get("files", ())}


def test_the_plan_is_of_all_services_and_no_others():
    assert SERVICES.keys() == MAINS.keys()
    assert {name for name, plan in SERVICES.items() if plan["runs_as"] == "worker-pool"} == {"kb-writer"}


@pytest.mark.parametrize("service", MAINS)
def test_a_service_gets_what_its_settings_ask_for_and_nothing_else(service):
    unset = {*SERVICES[service].get("unset", ()), *PLAN["unset"]}
    assert known(service) - given(service) - unset == set(), "neither given nor said why not"
    assert given(service) - known(service) - ELSEWHERE == set(), "read by nobody"
    assert set(SERVICES[service].get("unset", ())) - known(service) == set(), "left unset, but read by nobody"
    assert given(service) & unset == set()


def test_what_is_unset_everywhere_is_read_somewhere():
    assert set(PLAN["unset"]) - set().union(*map(known, MAINS)) - ELSEWHERE == set()


@pytest.mark.parametrize("optional", [False, True], ids=["least", "everything"])
@pytest.mark.parametrize("service", MAINS)
def test_a_service_starts_with_the_environment_that_terraform_gives_it(service, optional, monkeypatch):
    told = environment(service, WITH_OPTIONAL if optional else LEAST, optional=optional)
    for kind in kinds_of_settings(service):
        read_settings(kind, told)
    if service == "webhook-receiver":
        settings, secrets = read(told)
        assert read_sweep(told, settings) is not None
        assert len(secrets) == (2 if optional else 1)
    if service in {"notifier", "a2a-gateway"}:
        assert bool(open_agents(told).all()) == optional
    if service == "a2a-gateway":
        kind = next(kind for kind in kinds_of_settings(service) if kind.__module__ == "a2a_gateway.settings")
        assert entrance.entrance(read_settings(kind, told), told)


def test_what_is_named_in_the_plan_is_a_value_of_terraform_and_the_other_way_round():
    settings = dict(blocks("locals"))["settings"]["value"]
    names = {name for name in settings if not name.startswith("__")}
    named = {
        text[1:] for plan in SERVICES.values() for text in plan["environment"].values() if text[0] == "$"
    }
    assert names == named == WITH_OPTIONAL.keys()
    assert OPTIONAL <= names


def test_optional_secrets_are_secrets_of_a_service():
    used = {
        secret
        for plan in SERVICES.values()
        for kind in ("secrets", "files")
        for secret in plan.get(kind, {}).values()
    }
    assert set(PLAN["optional_secrets"]) - used == set()
    needed = {
        call["needs"] for plan in SERVICES.values() for call in plan.get("scheduled", ()) if "needs" in call
    }
    assert needed <= set(PLAN["optional_secrets"])


def grants(service, role, kind):
    return {
        grant["target"][kind]
        for grant in SERVICES[service]["roles"]
        if grant["role"] == role and kind in grant["target"]
    }


def published(service):
    """The topics of the events that the service's own code makes."""
    package = MAINS[service].partition(".")[0]
    folder = ROOT / "services" / service / package
    made = {
        call.func.id
        for file in folder.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    } - NOT_PUBLISHED.get(service, set())
    topics = {kind.TOPIC for kind in EVENT_TYPES.values() if kind.__name__ in made}
    return topics | PUBLISHED_BY_SHARED_CODE.get(service, set())


def parks(service):
    """The dead-letter topics of the subscriptions that the service handles."""
    return {
        one.dead_letter
        for one in TOPOLOGY.subscriptions
        if service in (one.push, one.name if not one.push else None)
    }


@pytest.mark.parametrize("service", MAINS)
def test_a_service_may_publish_what_it_publishes_and_park_what_it_is_sent_and_no_more(service):
    assert grants(service, "roles/pubsub.publisher", "topic") == published(service) | parks(service)


@pytest.mark.parametrize("service", MAINS)
def test_a_service_pulls_only_what_nobody_pushes(service):
    pulled = {one.name for one in TOPOLOGY.subscriptions if not one.push}
    assert grants(service, "roles/pubsub.subscriber", "subscription") == (
        pulled if "kb_writer.pull" in imported(service) else set()
    )


DOORS = {
    "devnexus.pubsub": "roles/pubsub.publisher",
    "kb_writer.pull": "roles/pubsub.subscriber",
    "devnexus.trace_export": "roles/telemetry.tracesWriter",
}
NOT_IN_THE_CLOUD = {"devnexus.provision", "devnexus.dead_letters"}
"""The command line's: services import neither."""

BY_SECRET = {"devnexus.secret_manager"}
"""Needs roles/secretmanager.secretAccessor, which Terraform gives on each secret that the plan names."""

ONLY_PROTOBUF = {"a2a_gateway.protocol.*"}
"""Imports `google.protobuf`, in whose types A2A's SDK speaks; it asks nothing of Google."""


def test_every_client_of_google_has_a_role_and_every_role_a_client():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    doors = next(one for one in contracts if one["name"] == "Each vendor has one door")["ignore_imports"]
    google = {line.split(" -> ")[0] for line in doors if line.endswith("-> google")}
    assert google - DOORS.keys() - NOT_IN_THE_CLOUD - BY_SECRET - ONLY_PROTOBUF == set()
    assert not any(imported(service) & NOT_IN_THE_CLOUD for service in MAINS)
    for service, plan in SERVICES.items():
        roles = {grant["role"] for grant in [*plan["roles"], *PLAN["roles"]]}
        needed = {role for door, role in DOORS.items() if door in imported(service)}
        database = {"roles/cloudsql.client"} if "DATABASE_URL" in plan["secrets"] else set()
        assert roles == needed | database | {grant["role"] for grant in PLAN["roles"]}, service


@pytest.mark.parametrize("service", [name for name, plan in SERVICES.items() if plan["runs_as"] == "service"])
def test_a_service_takes_as_many_requests_as_it_has_threads_and_may_take_as_long_as_a_push(service):
    plan, dockerfile = SERVICES[service], (ROOT / "services" / service / "Dockerfile").read_text()
    settings = import_module(re.findall(r"python:([a-z]\w+\.\w+)", dockerfile)[0])
    assert plan["concurrency"] == getattr(settings, "threads", 80)
    deadlines = [one.ack_deadline_seconds for one in TOPOLOGY.subscriptions if one.push == service]
    assert all(seconds <= plan["timeout_seconds"] for seconds in deadlines)


@pytest.mark.parametrize("service", MAINS)
def test_who_calls_a_service_is_among_its_invokers(service):
    plan = SERVICES[service]
    pushed = any(one.push == service for one in TOPOLOGY.subscriptions)
    callers = {
        (True, True): "$invokers",
        (True, False): "$pubsub_account",
        (False, True): "$scheduler_account",
    }
    expected = callers.get((pushed, bool(plan.get("scheduled"))))
    assert plan["environment"].get("INVOKERS") == expected
    if expected:
        assert plan["environment"]["AUDIENCE"] == f"https://{service}.dev-nexus.internal"
    assert pushed or "open" in plan or plan["runs_as"] == "worker-pool"


CALLS = [(name, call) for name, plan in SERVICES.items() for call in plan.get("scheduled", ())]


@pytest.mark.parametrize(("service", "call"), CALLS, ids=[f"{name} {call['path']}" for name, call in CALLS])
def test_a_scheduled_call_is_one_that_the_service_takes(service, call):
    code = "".join(path.read_text() for path in Path(ROOT, "services", service).glob("*/**/*.py"))
    assert f'.post("{call["path"]}")' in code
    assert call["seconds"] <= SERVICES[service]["timeout_seconds"]
    assert re.fullmatch(r"(\S+ ){4}\S+", call["schedule"])
