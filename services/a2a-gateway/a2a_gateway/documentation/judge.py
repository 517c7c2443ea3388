"""Rules held against documents: one function for each kind of rule."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from a2a_gateway.documentation.document import Document
from a2a_gateway.documentation.licences import licence_of
from a2a_gateway.documentation.places import Places
from a2a_gateway.documentation.selection import in_scope, is_licence, is_told_once, matching
from a2a_gateway.documentation.verdict import Finding, Verdict
from devnexus.people.documentation import Rule

_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\bv?\d+\.\d+(\.\d+)?\b")
_MOST_FINDINGS = 500


@dataclass(frozen=True)
class Material:
    """What rules are held against."""

    places: Places
    documents: Mapping[str, Document]
    is_part: bool = False
    """Whether only these documents are asked about, and not whether others are there."""


def judge(rules: Sequence[Rule], material: Material) -> list[Verdict]:
    """What became of each rule, in their order. Equal material gives equal verdicts."""
    return [_judged(rule, material) for rule in rules]


def _judged(rule: Rule, material: Material) -> Verdict:
    if rule.exists:
        found = _exists(rule, material)
    elif rule.licence:
        found = _licence(rule, material)
    else:
        found = _in_documents(rule, material)
    if rule.remedy:
        own = tuple(replace(one, remedy=rule.remedy) for one in found.findings)
        return replace(found, findings=own)
    return found


def _exists(rule: Rule, material: Material) -> Verdict:
    assert rule.exists
    if material.is_part:
        return Verdict(rule, 0, 0)
    names = rule.exists.any_of
    found = matching(names, material.places.listing.files)
    if not found and rule.exists.or_heading:
        says = _saying(rule.exists.or_heading)
        found = [path for path, one in material.documents.items() if _has_heading(one, says)]
    if found or not material.places.listing.is_whole and any("/" in name for name in names):
        return Verdict(rule, 1, 0, tuple(found[:1]))
    others = ", nor another file that would do" if names[1:] else ""
    missing = Finding("missing_file", names[0], f"There is no {names[0]}{others}", f"Add {names[0]}.")
    return Verdict(rule, 1, 1, (names[0],), (missing,), 1)


def _licence(rule: Rule, material: Material) -> Verdict:
    assert rule.licence
    files = [path for path in material.documents if is_licence(path)]
    wanted = [one.lower() for one in rule.licence.one_of]
    allowed = " or ".join(rule.licence.one_of)
    if not files and material.is_part:
        return Verdict(rule, 0, 0)
    if not files:
        fact, remedy = "There is no file with a licence", f"Add LICENSE with the text of {allowed}."
        return Verdict(rule, 1, 1, ("LICENSE",), (Finding("licence", "LICENSE", fact, remedy),), 1)
    found = {path: licence_of(material.documents[path].text) for path in files}
    if any((id_ or "").lower() in wanted for id_ in found.values()):
        return Verdict(rule, 1, 0, tuple(files))
    file = files[0]
    fact = (
        f"The licence is {found[file]}" if found[file] else "It is the text of no licence that is known here"
    )
    remedy = f"Put the text of {allowed} there, or let the organisation allow this licence."
    return Verdict(rule, 1, 1, tuple(files), (Finding("licence", file, fact, remedy, line=1),), 1)


def _in_documents(rule: Rule, material: Material) -> Verdict:
    look = _look_of(rule)
    looked_at = missed = count = 0
    findings: list[Finding] = []
    files = in_scope(rule.files, material.documents)
    for path in files:
        at, found = look(rule, material.documents[path], material.places)
        looked_at += at
        missed += sum(one.count or 1 for one in found)
        count += len(found)
        findings += found[: _MOST_FINDINGS - len(findings)]
    return Verdict(rule, looked_at, missed, tuple(files), tuple(findings), count)


_Look = Callable[[Rule, Document, Places], tuple[int, list[Finding]]]
"""How many things there were to be looked at in a document, and those that are not right."""


def _look_of(rule: Rule) -> _Look:
    if rule.size:
        return _size
    if rule.heading:
        return _heading
    if rule.text:
        return _text
    looks: Mapping[str | None, _Look] = {"links": _links, "paths": _paths, "fenced-languages": _fences}
    return looks[rule.check]


def _size(rule: Rule, document: Document, _: Places) -> tuple[int, list[Finding]]:
    assert rule.size
    length, least = len(document.text.strip()), rule.size.at_least_characters
    if length >= least:
        return 1, []
    fact = f"It has {length} characters, and should have {least} at least"
    return 1, [Finding("too_short", document.path, fact, "Write what is missing.", line=1)]


def _heading(rule: Rule, document: Document, _: Places) -> tuple[int, list[Finding]]:
    assert rule.heading
    wanted = rule.heading.any_of
    if _has_heading(document, _saying(wanted)) or _has_link(document, rule.heading.or_link):
        return 1, []
    named = " or ".join(wanted[:5]) + (" or the like" if wanted[5:] else "")
    fact = f"No heading says {named}"
    remedy = f"Add a section {wanted[0]}."
    section = wanted[0]
    return 1, [Finding("missing_section", document.path, fact, remedy, line=1, section=section)]


def _has_heading(document: Document, says: re.Pattern[str]) -> bool:
    return any(says.search(heading.text) for heading in document.headings)


def _has_link(document: Document, words: Sequence[str]) -> bool:
    says = _saying(words)
    return bool(words) and any(says.search(link.label) or says.search(link.text) for link in document.links)


def _saying(words: Sequence[str]) -> re.Pattern[str]:
    """Finds one of the words, or groups of words, whole."""
    return re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in words), re.IGNORECASE)


def _text(rule: Rule, document: Document, _: Places) -> tuple[int, list[Finding]]:
    assert rule.text
    found: list[Finding] = []
    lowered = document.text.lower()
    wanted = rule.text.any_of
    if (wanted or rule.text.or_date) and not any(word.lower() in lowered for word in wanted):
        if not (rule.text.or_date and _DATE.search(document.text)):
            date = ("a date or a version",) if rule.text.or_date else ()
            named = " or ".join((*wanted, *date))
            fact, remedy = f"It does not say {named}", f"Say there {(*wanted, *date)[0]}."
            found.append(Finding("missing_text", document.path, fact, remedy, line=1))
    for word in rule.text.none_of:
        lines = [*_lines_with(word, document.text)]
        if lines:
            fact, remedy = f"It says {word} ({len(lines)} lines)", f"Say it without {word}."
            finding = Finding("unwanted_text", document.path, fact, remedy, line=lines[0])
            found.append(finding)
    return bool(wanted or rule.text.or_date) + len(rule.text.none_of), found


def _lines_with(word: str, text: str) -> Iterator[int]:
    whole = _saying([word])
    return (number for number, line in enumerate(text.splitlines(), start=1) if whole.search(line))


def _links(rule: Rule, document: Document, places: Places) -> tuple[int, list[Finding]]:
    found: list[Finding] = []
    for link in document.links:
        path = places.dead_target(document.path, link.text)
        if path is not None:
            meant = places.called_alike(path)
            remedy = f"Did you mean {meant}?" if meant else "Correct the link, or add what it leads to."
            wrong = "which is no address" if "://" in link.text else f"and there is no {path}"
            fact = f"It links to {link.text}, {wrong}"
            finding = Finding("broken_link", document.path, fact, remedy, line=link.line)
            found.append(replace(finding, link_url=link.text, resolved_path=path))
    return len(document.links), found


def _paths(rule: Rule, document: Document, places: Places) -> tuple[int, list[Finding]]:
    spoken = [] if is_told_once(document.path) else [code for code in document.code if "/" in code.text]
    found: list[Finding] = []
    for code in spoken:
        path = places.missing_path(document.path, code.text)
        if path is not None:
            meant = places.called_alike(path)
            remedy = f"Did you mean {meant}?" if meant else "Name the file that is meant, or leave it out."
            finding = Finding("missing_reference", document.path, f"There is no {path}", remedy, code.line)
            found.append(replace(finding, referenced_path=path))
    return len(spoken), found


def _fences(rule: Rule, document: Document, places: Places) -> tuple[int, list[Finding]]:
    bare = [fence for fence in document.fences if not fence.text]
    if not bare:
        return len(document.fences), []
    fact = f"{len(bare)} of {len(document.fences)} fenced blocks do not say in which language they are"
    remedy = "Name it after the opening fence: ```python, or ```text where it is none."
    finding = Finding("code_language", document.path, fact, remedy, bare[0].line, count=len(bare))
    return len(document.fences), [finding]
