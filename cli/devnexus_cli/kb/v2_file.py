"""One repository of a v2 file, with the shapes mended that the original wrote or documented wrongly."""

from typing import Any

from devnexus_cli.kb.json_text import Wrong

_ISSUES = "runtime_issues"


def mended(repository: object) -> dict[str, Any]:
    """`repository` as a RepositoryMetadata, which it need not be yet in every field.

    A pattern that the runtime skill made an object of becomes its name again, and its issues the
    repository's; a dependency in the documented shape (`repository`, `relationship`) becomes one of v2.
    """
    if not isinstance(repository, dict):
        raise Wrong((), "a repository is an object")
    content = dict(repository)
    issues: list[Any] = []
    if "latest_patterns" in content:
        content["latest_patterns"] = _entry(content["latest_patterns"], issues)
    if isinstance(content.get("history"), list):
        content["history"] = [_entry(entry, issues) for entry in content["history"]]
    if issues:
        content[_ISSUES] = _with_issues(content.get(_ISSUES), issues)
    if isinstance(content.get("dependencies"), dict):
        content["dependencies"] = _dependencies(content["dependencies"])
    return content


def _entry(entry: object, issues: list[Any]) -> object:
    """The entry with its patterns as names; what the objects held goes to `issues` or stays beside them."""
    if not isinstance(entry, dict) or not isinstance(entry.get("patterns"), list):
        return entry
    patterns = entry["patterns"]
    if not any(isinstance(pattern, dict) and isinstance(pattern.get("name"), str) for pattern in patterns):
        return entry
    names: list[Any] = []
    more_is_known = False
    for pattern in patterns:
        if not isinstance(pattern, dict) or not isinstance(pattern.get("name"), str):
            names.append(pattern)
            continue
        names.append(pattern["name"])
        own = pattern.get(_ISSUES)
        issues += own if isinstance(own, list) else []
        more_is_known |= bool(pattern.keys() - {"name", _ISSUES}) or not isinstance(own, list | None)
    return {**entry, "patterns": names, **({"original_patterns": patterns} if more_is_known else {})}


def _with_issues(known: object, found: list[Any]) -> object:
    if not isinstance(known, list | None):
        return known  # wrong, and the model will say so
    merged, ids = list(known or ()), {_issue_id(issue) for issue in known or ()}
    for issue in found:
        if (id_ := _issue_id(issue)) is None or id_ not in ids:
            merged.append(issue)
            ids.add(id_)
    return merged


def _issue_id(issue: object) -> str | None:
    id_ = issue.get("issue_id") if isinstance(issue, dict) else None
    return id_ if isinstance(id_, str) else None


def _dependencies(section: dict[str, Any]) -> dict[str, Any]:
    content = dict(section)
    for field, relationship in (("consumers", "consumer"), ("derivatives", "derivative")):
        if isinstance(content.get(field), list):
            content[field] = [_relationship(row, relationship) for row in content[field]]
    return content


def _relationship(row: object, relationship: str) -> object:
    if isinstance(row, str):
        row = {"repository": row}
    if not isinstance(row, dict) or "target_repo" in row or "repository" not in row:
        return row
    rest = {name: value for name, value in row.items() if name not in {"repository", "relationship"}}
    return {
        "target_repo": row["repository"],
        "relationship_type": row.get("relationship") or relationship,
        "dependency_strength": "unknown",
        **rest,
    }
