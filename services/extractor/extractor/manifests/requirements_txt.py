"""What a pip requirements file asks for."""

import re

from devnexus.events.patterns_extracted import Manifest
from extractor.evidence import lines_of
from extractor.manifests.requirement import python_dependency

_GROUP = re.compile(
    r"(?:^|[^a-z])(dev|develop|development|test|tests|testing|docs|lint|ci|typing)(?:[^a-z]|$)"
)


def read_requirements(path: str, text: str) -> Manifest:
    """Every requirement that stands in the file itself; options, URLs and included files are not followed."""
    group = _group(path)
    found = (
        python_dependency(line, group=group, line=number) for number, line in enumerate(lines_of(text), 1)
    )
    return Manifest(ecosystem="pypi", dependencies=tuple(filter(None, found)))


def _group(path: str) -> str:
    """`dev` for `requirements-dev.txt` or `requirements/dev.txt`, and so on; empty for the main file."""
    match = _GROUP.search(path.rpartition("/")[2].rpartition(".")[0].lower())
    return match[1] if match else ""
