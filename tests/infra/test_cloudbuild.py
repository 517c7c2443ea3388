"""What Cloud Build does with a commit, as far as the file itself tells."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from rollout import __main__ as rollout

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "infra/cloudbuild.yaml").read_text()
BUILD = yaml.safe_load(TEXT)
STEPS = {step["id"]: step for step in BUILD["steps"]}
SERVICES = yaml.safe_load((ROOT / "infra/services.yaml").read_text())["services"]
GIVEN = {"PROJECT_ID", "COMMIT_SHA", "BUILD_ID"}


def before(step):
    """Every step that has ended when this one begins."""
    waits = [name for name in STEPS[step]["waitFor"] if name != "-"]
    return {*waits, *(earlier for name in waits for earlier in before(name))}


def test_every_step_waits_for_steps_that_stand_before_it():
    names = list(STEPS)
    assert len(names) == len(BUILD["steps"])
    for step in BUILD["steps"]:
        assert step["waitFor"]
        assert set(step["waitFor"]) - {"-"} <= set(names[: names.index(step["id"])])


def test_nothing_is_built_before_the_tests_and_nothing_deployed_before_every_image():
    images = {f"image {name}" for name in SERVICES}
    assert images | {"setup", "check", "test", "roll out"} == set(STEPS)
    assert all({"check", "test"} <= before(image) and not before(image) & images for image in images)
    assert before("roll out") == set(STEPS) - {"roll out"}
    assert [STEPS[name]["args"] for name in ("check", "test")] == [["check"], ["test"]]


@pytest.mark.parametrize("name", SERVICES)
def test_each_image_is_built_from_its_own_file_and_pushed_as_the_commit_and_as_latest(name):
    arguments = STEPS[f"image {name}"]["args"]
    image = f"${{_REGION}}-docker.pkg.dev/$PROJECT_ID/dev-nexus/{name}"
    assert f"--file=services/{name}/Dockerfile" in arguments
    assert (ROOT / f"services/{name}/Dockerfile").is_file()
    assert {f"--tag={image}:$COMMIT_SHA", f"--tag={image}:latest", "--push"} <= set(arguments)


def test_builders_are_pinned_to_a_version():
    for step in BUILD["steps"]:
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+[\w.-]*", step["name"]), step["name"]


def test_substitutions_are_declared_and_used():
    body = TEXT.partition("\nserviceAccount:")[2]
    used = set(re.findall(r"\$\{?([A-Z_]+)", body))
    assert used - GIVEN == set(BUILD["substitutions"])


def test_it_runs_as_its_own_account_logs_to_cloud_logging_and_ends():
    assert BUILD["serviceAccount"].endswith("/nexus-deployer@$PROJECT_ID.iam.gserviceaccount.com")
    assert BUILD["options"]["logging"] == "CLOUD_LOGGING_ONLY"
    assert 2 * 40 * 60 < int(BUILD["timeout"].rstrip("s")) <= 24 * 3600


def test_the_image_that_rolls_out_has_python():
    """Of Google's images for gcloud `-stable` has none outside of gcloud itself; `-slim` has."""
    image = STEPS["roll out"]["name"]
    assert re.fullmatch(r"gcr\.io/google\.com/cloudsdktool/google-cloud-cli:\d+\.\d+\.\d+-slim", image)


def test_it_knows_no_secret():
    assert not {"secrets", "availableSecrets"} & set(BUILD)
    assert not any({"secretEnv", "env"} & set(step) for step in BUILD["steps"])


def test_the_rollout_understands_what_it_is_given(monkeypatch, capsys):
    values = {
        **BUILD["substitutions"],
        "PROJECT_ID": "acme-nexus",
        "COMMIT_SHA": "0123456789abcdef0123456789abcdef01234567",
        "BUILD_ID": "0a1b2c3d-0000-4000-8000-000000000000",
        "_DEPLOY": "no",
    }
    arguments = [
        re.sub(r"\$\{?([A-Z_]+)\}?", lambda found: values[found[1]], argument)
        for argument in STEPS["roll out"]["args"][2:]
    ]
    monkeypatch.setattr(sys, "argv", ["rollout", *arguments])
    assert rollout.main() == 0
    assert "Nothing is deployed" in capsys.readouterr().out
