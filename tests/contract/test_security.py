"""SECURITY.md: for each threat a test, and every one of them exists."""

import re

from contract.test_repository import ROOT, tracked

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "SECURITY.md").read_text().partition("## Threats")[2].splitlines()
    if line.startswith("| ") and not line.startswith("| threat ")
]


def existing():
    """`file::test` of every test function, whichever folder its file is in."""
    return {
        f"{path.rpartition('/')[2]}::{name}"
        for path in tracked("*/test_*.py")
        for name in re.findall(r"^\s*(?:async )?def (test_\w+)\(", (ROOT / path).read_text(), re.MULTILINE)
    }


def test_every_threat_has_a_test_and_every_test_that_is_named_exists():
    assert len(ROWS) > 20
    named = {threat: re.findall(r"`([^`]+)`", tests) for threat, _, tests in ROWS}
    assert [threat for threat, tests in named.items() if not tests] == []
    assert set().union(*named.values()) - existing() == set()
