"""One requirement as Python writes it, read tolerantly: what is no requirement gives None."""

import re

from devnexus.events.patterns_extracted import Dependency

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"
_REQUIREMENT = re.compile(
    rf"\s*(?P<name>{_NAME})\s{{0,9}}(?:\[[^\]\n]{{0,200}}\])?\s{{0,9}}"
    r"(?P<rest>$|[@;#(<>=!~ ][^\n]*)"
)
_END = re.compile(r";| #| --| \\$")
"""A marker, a comment, an option of pip such as `--hash`, or the line that goes on with one."""
_SEPARATORS = re.compile(r"[-_.]+")
_LONGEST = 100


def python_name(name: str) -> str:
    """`name` as PEP 503 compares names."""
    return _SEPARATORS.sub("-", name).lower()


def valid_python_name(name: str | None) -> str | None:
    """`name` as PEP 503 compares names, or None if it is none."""
    return python_name(name) if name and re.fullmatch(_NAME, name) else None


def short(requirement: str) -> str:
    """`requirement` on one line, no longer than 100 characters, and without any URL.

    A URL may carry a token, and which fork it names is not what a pattern is about.
    """
    return "url" if "://" in requirement else " ".join(requirement.split())[:_LONGEST]


def python_dependency(text: str, *, group: str, line: int) -> Dependency | None:
    """The dependency that a PEP 508 requirement asks for."""
    match = _REQUIREMENT.match(text[:2000])
    if match is None:
        return None
    wanted = _END.split(match["rest"], maxsplit=1)[0].strip().strip("()")
    return Dependency(name=python_name(match["name"]), requirement=short(wanted), group=group[:50], line=line)
