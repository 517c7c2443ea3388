"""The Terraform of infra/, as checkov sees it. Its many old dependencies get an environment of their own."""

import os
import subprocess
from pathlib import Path

import pytest
from own_environment import python_of

HERE = Path(__file__).parent
INFRA = HERE.parents[1] / "infra"


@pytest.fixture(scope="module")
def checkov():
    """Checks a folder, reaching nobody; gives exit status and what it says."""
    python = python_of(HERE)

    def check(folder):
        nobody = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "HTTPS_PROXY")}
        command = [python, "-m", "checkov.main", "--framework", "terraform", "--compact", "--skip-download"]
        everything = [
            "--var-file",
            INFRA / "environments" / "production.tfvars",
        ]  # what has a count of 0 is passed over
        done = subprocess.run(
            [*command, *everything, "--directory", folder],
            env={**os.environ, **nobody, "LOG_LEVEL": "ERROR"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout + done.stderr

    return check


def test_checkov_finds_nothing_that_is_not_waived_with_a_reason_in_its_place(checkov):
    status, said = checkov(INFRA)
    assert (status, "Failed checks: 0" in said) == (0, True), said
    looked_at = (
        "google_sql_database_instance.state",
        "google_compute_ssl_policy.front",
        "google_pubsub_topic.topic",
    )
    assert [address for address in looked_at if address not in said] == []


def test_checkov_would_find_a_database_that_takes_connections_in_plain_text(checkov, tmp_path):
    for file in ("database.tf", "variables.tf"):
        text = (INFRA / file).read_text()
        (tmp_path / file).write_text(
            text.replace("TRUSTED_CLIENT_CERTIFICATE_REQUIRED", "ALLOW_UNENCRYPTED_AND_ENCRYPTED")
        )
    status, said = checkov(tmp_path)
    assert (status, "requires all incoming connections to use SSL" in said.partition("FAILED")[0]) == (
        1,
        True,
    ), said
