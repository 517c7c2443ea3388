"""What became of one rule: what it looked at, and what is not right, by file and line."""

from dataclasses import dataclass
from typing import Literal

from devnexus.people.documentation import Rule

Kind = Literal[
    "missing_file",
    "too_short",
    "missing_section",
    "missing_text",
    "unwanted_text",
    "licence",
    "broken_link",
    "missing_reference",
    "code_language",
]


@dataclass(frozen=True)
class Finding:
    """One thing that is not right."""

    kind: Kind
    file: str
    fact: str
    remedy: str
    line: int | None = None
    """None: the file is not there."""
    section: str | None = None
    referenced_path: str | None = None
    link_url: str | None = None
    resolved_path: str | None = None
    count: int | None = None
    """How often, where it is told once for all."""


@dataclass(frozen=True)
class Verdict:
    """What a rule found."""

    rule: Rule
    looked_at: int
    """How many things could have been wrong; 0: there was nothing that it is about."""
    missed: int
    """How many of them are."""
    files: tuple[str, ...] = ()
    """What it looked at."""
    findings: tuple[Finding, ...] = ()
    """At most 500."""
    found: int = 0
    """How many findings there are, told or not."""
