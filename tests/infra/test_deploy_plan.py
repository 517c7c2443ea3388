"""The plan of a deployment: the same as Terraform's, on one page, with prices that say whence they are."""

import hashlib
import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_plan.__main__ import main
from deploy_plan.costs import HOURS, SECONDS, floor
from deploy_plan.created import created
from deploy_plan.hcl import read_locals, read_resources
from deploy_plan.prices import load_prices
from deploy_plan.problem import Problem
from deploy_plan.setup import read_setup
from devnexus.topology import load_topology

INFRA = Path(__file__).parents[2] / "infra"
ENVIRONMENTS = sorted(file.stem for file in (INFRA / "environments").glob("*.tfvars"))
MIRRORED = {
    "cloud_sql": "87a5cda945a0",
    "deployers": "4447692f35a8",
    "dead_letters": "ad7b5d085439",
    "front": "0705611fb34f",
    "fronted": "884b8247538f",
    "grants": "6ad4844b3468",
    "homes": "fb744237ba51",
    "http": "e6b92c8dd14f",
    "left_out": "9426242ce387",
    "more_secrets": "537e48f365fe",
    "needed": "5377affc8d9c",
    "pools": "3a0d806ae9a4",
    "readers": "98615d708348",
    "scheduled": "c3ff73b144e5",
    "secrets": "18ef60b0382f",
    "files": "7a14ce0e1f28",
    "services": "dd4386e55a26",
    "subscriptions": "4b469fe67391",
}
"""The locals that deploy_plan/setup.py says again in Python, and the sum of what they said when it did."""


def made(environment):
    setup = read_setup(INFRA, environment)
    return {one.address: list(one.names) for one in created(INFRA, setup)}


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a plan asks nobody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("name", MIRRORED)
def test_a_local_that_the_plan_says_again_still_says_the_same(name):
    text = read_locals(INFRA)[name]
    assert hashlib.sha256(text.encode()).hexdigest()[:12] == MIRRORED[name], (
        f"local.{name} is another now: let deploy_plan/setup.py say the same, then write its sum here: {text}"
    )


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_resource_of_terraform_is_in_the_plan(environment):
    assert made(environment).keys() == {one.address for one in read_resources(INFRA)}


def test_staging_has_what_its_variables_ask_for_and_no_more():
    plan = made("staging")
    services = ["a2a-gateway", "extractor", "notifier", "similarity", "webhook-receiver"]
    assert sorted(plan["google_cloud_run_v2_service.service"]) == services
    assert plan["google_cloud_run_v2_worker_pool.pool"] == ["kb-writer"]
    assert not [names for address, names in plan.items() if address.startswith("google_compute") and names]
    assert plan["google_billing_budget.month"] == []
    assert "extractor-reanalyse" not in plan["google_cloud_scheduler_job.call"]  # it needs Claude
    secrets = {"database-url", "github-app-private-key", "github-webhook-secret", "knowledge-token"}
    assert set(plan["google_secret_manager_secret.secret"]) == secrets


def test_production_has_its_second_region_and_its_optional_secrets():
    plan = made("production")
    second = [name for name in plan["google_cloud_run_v2_service.service"] if name.endswith("-second")]
    assert second == ["webhook-receiver-second", "a2a-gateway-second"]
    assert len(plan["google_compute_region_network_endpoint_group.front"]) == 4
    assert "notifier slack-architects" in plan["google_secret_manager_secret_iam_member.reader"]
    assert "extractor-reanalyse" in plan["google_cloud_scheduler_job.call"]


def test_topics_and_subscriptions_are_those_of_the_topology():
    plan, topology = made("production"), load_topology()
    dead = {one.dead_letter for one in topology.subscriptions}
    assert set(plan["google_pubsub_topic.topic"]) == {topic.name for topic in topology.topics} | dead
    assert set(plan["google_pubsub_subscription.dead"]) == dead


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_page_is_a_page_and_needs_no_network(environment, capsys, no_network):
    assert main([environment]) == 0
    page = capsys.readouterr().out
    lines = page.splitlines()
    assert len(lines) <= 85 and max(map(len, lines)) <= 120
    for told in ("Who may call", "By hand, before", "A month without any traffic: $", "not known"):
        assert told in page


def test_programs_get_the_same_as_json(capsys):
    assert main(["production", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["creates"] == made("production")
    parts = told["monthly_floor_usd"]["parts"]
    assert told["monthly_floor_usd"]["known"] == pytest.approx(
        sum(one["usd"] or 0 for one in parts), abs=0.01
    )


def test_an_environment_that_is_not_there_is_answered_with_those_that_are(capsys):
    assert main(["prodction"]) == 1
    assert "production, staging" in capsys.readouterr().err


def test_what_the_plan_does_not_understand_it_does_not_guess(tmp_path):
    (tmp_path / "new.tf").write_text('resource "google_new" "one" {\n  for_each = local.unheard_of\n}\n')
    with pytest.raises(Problem, match=r"google_new.one: .*local.unheard_of"):
        created(tmp_path, read_setup(INFRA, "staging"))


def costs(**variables):
    setup = read_setup(INFRA, "staging")
    changed = setup.variables.model_copy(update=variables)
    return {
        one.what.split(",")[0]: one.usd for one in floor(replace(setup, variables=changed), load_prices())
    }


def test_the_floor_is_what_the_pages_say_times_a_month():
    told, prices = costs(min_instances={"a2a-gateway": 2, "webhook-receiver": 2}), load_prices()
    paid = (SECONDS - 384204) * prices["pool-cpu"].usd + (SECONDS - 728744) * prices["pool-memory"].usd
    assert told["kb-writer"] == pytest.approx(paid)
    assert told["Cloud SQL"] == pytest.approx(9.37, abs=0.01)  # Google's own example of this machine
    assert told["webhook-receiver"] == pytest.approx(2 * SECONDS * 0.000005)
    assert told["a2a-gateway"] == pytest.approx(2 * SECONDS * 0.00002)  # it works between requests, too
    assert costs(domain="nexus.example.com")["load balancer"] == pytest.approx(HOURS * 0.025)


def test_what_no_page_gave_is_not_known_and_not_made_up():
    assert costs(database="own")["PostgreSQL"] is None
    assert costs(database_tier="db-perf-optimized-N-2")["Cloud SQL"] is None
    zonal, regional = costs(), costs(database_availability="REGIONAL")
    assert regional["Cloud SQL"] == 2 * zonal["Cloud SQL"]


def test_every_price_says_which_page_it_is_from_and_how_it_was_read():
    prices = load_prices()
    assert all(
        one.page.startswith("https://cloud.google.com/") and one.read for one in prices.by_name.values()
    )


def test_the_page_on_deployment_names_the_figures_of_the_plan():
    told = (INFRA.parent / "docs/deployment.md").read_text()
    for machine, availability in [
        ("db-f1-micro", "ZONAL"),
        ("db-custom-1-3840", "ZONAL"),
        ("db-custom-1-3840", "REGIONAL"),
    ]:
        usd = costs(database_tier=machine, database_availability=availability)["Cloud SQL"]
        assert f"| ${usd:.2f} |" in told
    staging = costs()
    assert f"`staging` ${sum(usd or 0 for usd in staging.values()):.0f}" in told
    assert f"${staging['kb-writer']:.0f} are the writer" in told
