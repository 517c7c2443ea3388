"""What can be known of infra/ without a provider: it parses, fits together, and has all of the topology."""

import re

import hcl2
import pytest
import yaml
from terraform_files import INFRA, addresses, bare, blocks, declared, parsed, referred, texts

from devnexus.metrics import load_metrics
from devnexus.topology import DEAD_LETTER_RETENTION_DAYS, PUSH_PATH, RETRY_SECONDS

ENVIRONMENTS = sorted((INFRA / "environments").glob("*.tfvars"))
ALERTS = yaml.safe_load((INFRA / "alerts.yaml").read_text())["alerts"]


def resource(address):
    return dict(blocks("resource"))[address]


def test_whatever_is_referred_to_is_declared_and_whatever_is_declared_is_referred_to():
    idle = {address for address in declared() - referred() if address.startswith(("var.", "local.", "data."))}
    assert (referred() - declared(), idle) == (set(), set())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "${google_pubsub_topic.topic[local.dead[each.key]].id}",
            {"google_pubsub_topic.topic", "local.dead"},
        ),
        ('"https://${var.domain}/local.nothing"', {"var.domain"}),
        ("${ephemeral.random_password.database.result}", {"ephemeral.random_password.database"}),
        ('"roles/run.invoker"', set()),
    ],
)
def test_an_address_is_found_where_it_is_evaluated(text, named):
    assert set(addresses(text)) == named


def test_every_variable_and_output_says_what_it_is_for():
    variables = dict(blocks("variable"))
    assert [name for name, body in variables.items() if not {"type", "description"} <= body.keys()] == []
    assert [name for name, body in blocks("output") if "description" not in body] == []


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.stem)
def test_an_environment_sets_what_there_is_and_all_that_has_no_default(file):
    values = {name for name in hcl2.loads(file.read_text()) if not name.startswith("__")}
    variables = dict(blocks("variable"))
    required = {name for name, body in variables.items() if "default" not in body}
    assert (values - variables.keys(), required - values) == (set(), set())
    backend = hcl2.loads(file.with_suffix(".gcs").read_text())
    assert {name for name in backend if not name.startswith("__")} == {"bucket", "prefix"}


def test_the_state_is_kept_elsewhere_and_versions_are_pinned():
    settings = parsed()["versions.tf"]["terraform"][0]
    assert [bare(name) for name in settings["backend"][0] if not name.startswith("__")] == ["gcs"]
    providers = settings["required_providers"][0]
    versions = [bare(body["version"]) for name, body in providers.items() if not name.startswith("__")]
    assert [version for version in versions if not version.startswith("~> ")] == []
    google = next(body for name, body in providers.items() if bare(name) == "google")
    assert bare(google["version"]).startswith("~> 7.")


def test_the_name_that_a_deployment_gave_a_revision_is_not_sent_with_another_configuration():
    """Cloud Run refuses it with 409: hashicorp/terraform-provider-google#13410."""
    for address in ("google_cloud_run_v2_service.service", "google_cloud_run_v2_worker_pool.pool"):
        ignored = resource(address)["lifecycle"][0]["ignore_changes"]
        assert not any("revision" in one for one in ignored)


def test_what_another_resource_names_is_made_anew_before_it_goes():
    for address in (
        "google_compute_region_network_endpoint_group.front",
        "google_compute_managed_ssl_certificate.front",
        "google_secret_manager_secret_version.database_url",
    ):
        assert resource(address)["lifecycle"][0]["create_before_destroy"] is True


def test_what_lives_in_a_region_moves_when_the_region_does():
    """A provider's default is taken once, and kept where only the default is another one."""
    assert bare(resource("google_cloud_scheduler_job.call")["region"]) == "${var.region}"


def test_no_value_of_a_secret_comes_into_the_state():
    """Only what is written and never kept: no `secret_data`, no `password` without `_wo`."""
    guilty = re.compile(r"secret_data|password|root_password|auth_token|private_key")
    versions = [
        body for address, body in blocks("resource") if "secret_version" in address or "sql_" in address
    ]
    assert [key for body in versions for key in body if guilty.fullmatch(key)] == []
    assert [kind for kind, _ in blocks("resource") if kind.startswith(("random_", "tls_"))] == []


def test_figures_are_those_of_the_topology():
    subscription = resource("google_pubsub_subscription.subscription")
    least, most = RETRY_SECONDS
    retry = subscription["retry_policy"][0]
    assert (bare(retry["minimum_backoff"]), bare(retry["maximum_backoff"])) == (f"{least}s", f"{most}s")
    assert bare(subscription["expiration_policy"][0]["ttl"]) == ""
    kept_for = dict(blocks("locals"))["kept_for"]["value"]
    assert bare(kept_for) == f"{DEAD_LETTER_RETENTION_DAYS * 86_400}s"
    pushed_to = [bare(text) for text in texts(subscription) if "uri" in text]
    assert [re.sub(r"\$\{.*\}", "", text) for text in pushed_to] == [PUSH_PATH]


def test_topics_subscriptions_and_dead_letters_are_all_those_of_the_topology():
    """Each by `for_each` over what topology.yaml says; its names are ours, and nobody else's."""
    local = {name: body["value"] for name, body in blocks("locals")}
    assert local["topology"] == '${yamldecode(file("${path.module}/../shared/devnexus/topology.yaml"))}'
    assert "local.topology.subscriptions" in local["subscriptions"]
    assert "keys(local.subscriptions)" in local["dead_letters"]
    assert '"${name}-dead"' in local["dead_letters"]
    topics = resource("google_pubsub_topic.topic")["for_each"]
    assert "local.topology.topics" in topics and "values(local.dead_letters)" in topics
    over = {
        "google_pubsub_subscription.subscription": "${local.subscriptions}",
        "google_pubsub_subscription.dead": "${local.dead_letters}",
        "google_pubsub_topic_iam_member.dead_letters": "${local.dead_letters}",
        "google_pubsub_subscription_iam_member.dead_letters": "${local.dead_letters}",
    }
    assert {address: resource(address)["for_each"] for address in over} == over


def test_every_alert_leads_to_a_heading_that_says_what_to_do():
    page = (INFRA.parent / "docs" / "operations.md").read_text()
    headings = set(re.findall(r"^#+ (.+)$", page, re.MULTILINE))
    assert {alert.get("heading", alert["title"]) for alert in ALERTS.values()} - headings == set()
    named = re.findall(
        r'docs/operations\.md, under "([^"]+)"', "".join(f.read_text() for f in INFRA.glob("*.tf"))
    )
    assert {name for name in named if "$" not in name} - headings == set()


def test_alerts_and_charts_ask_for_metrics_that_there_are():
    """By the names that Cloud Monitoring gives them in PromQL: a value's sum, count or buckets."""
    ours = {
        f"{metric.name}{end}"
        for metric in load_metrics().metrics
        for end in (("_sum", "_count", "_bucket") if metric.value else ("",))
    }
    charts = "".join(texts(dict(blocks("locals"))["charts"])).replace("${local.user}", "user_devnexus")
    asked = set(
        re.findall(r"user_(devnexus_\w+)", charts + "".join(alert["query"] for alert in ALERTS.values()))
    )
    assert len(asked) > 8
    assert asked - ours == set()


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS.keys())
def test_an_alert_has_a_query_that_is_whole(alert):
    assert {"title", "when", "query", "minutes", "severity"} <= alert.keys()
    assert all(
        alert["query"].count(left) == alert["query"].count(right) for left, right in ("()", "{}", "[]")
    )
    assert alert["severity"] in {"CRITICAL", "ERROR", "WARNING"}
