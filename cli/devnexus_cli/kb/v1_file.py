"""One repository of a v1 file as one of v2, as the original's migration makes it, but without its losses."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from devnexus.schema_v2 import is_failed
from devnexus.timestamps import Timestamp
from devnexus.values import canonical_json
from devnexus_cli.kb.json_text import Path, Wrong

_LISTS = ("patterns", "decisions", "dependencies", "keywords")
_TIMESTAMP: TypeAdapter[Timestamp] = TypeAdapter(Timestamp)


def is_date(text: object) -> bool:
    """Whether `text` is a date and time that can be read."""
    try:
        _TIMESTAMP.validate_python(text if isinstance(text, str) else None)
    except ValidationError:
        return False
    return True


def migrated(name: str, repository: object, *, dates_of_file: Sequence[object]) -> dict[str, Any]:
    """v2's RepositoryMetadata of a v1 repository called `name`.

    A date that is missing or cannot be read is the wrapper's, for the latest analysis that of the last
    one in history, then the first readable of `dates_of_file`; Wrong where there is none. It is never
    today's, so that importing twice is importing once. What had another form than v2's is also kept as it
    was, under `original_<field>`.
    """
    if not isinstance(repository, dict):
        raise Wrong((), "a repository is an object")
    if "latest_patterns" in repository and "patterns" not in repository:
        raise Wrong(("latest_patterns",), 'this is v2: the file must say "schema_version": "2.0"')
    history = _history(repository.get("history") or [])
    latest = _latest(repository.get("patterns") or {}, history, dates_of_file)
    more = {field: value for field, value in repository.items() if field not in {"patterns", "history"}}
    good = next((entry for entry in (latest, *reversed(history)) if not is_failed(entry)), latest)
    return {
        "latest_patterns": latest,
        "deployment": {"reusable_components": good["reusable_components"]},
        "dependencies": {"external_dependencies": good["dependencies"]},
        "history": history,
        "repository_url": f"https://github.com/{name}",
        "last_updated": latest["analyzed_at"],
        **more,
    }


def _history(wrappers: object) -> list[dict[str, Any]]:
    if not isinstance(wrappers, list):
        raise Wrong(("history",), "a history is a list")
    entries: list[dict[str, Any]] = []
    for index, wrapper in enumerate(wrappers):
        place: Path = ("history", index)
        if not isinstance(wrapper, dict):
            raise Wrong(place, "an entry of a history is an object")
        known = {"timestamp", "commit_sha", "patterns"}
        entry = _entry(
            wrapper.get("patterns") or {},
            dates=[wrapper.get("timestamp")],
            commit=wrapper.get("commit_sha"),
            place=(*place, "patterns"),
        )
        entries.append(
            {**{name: wrapper[name] for name in wrapper if name not in known | entry.keys()}, **entry}
        )
    return entries


def _latest(
    analysis: object, history: Sequence[dict[str, Any]], dates_of_file: Sequence[object]
) -> dict[str, Any]:
    if not analysis and history:
        return history[-1]
    last = history[-1] if history else {}
    return _entry(
        analysis,
        dates=[last.get("analyzed_at"), *dates_of_file],
        commit=last.get("commit_sha"),
        place=("patterns",),
    )


def _entry(analysis: object, *, dates: Sequence[object], commit: object, place: Path) -> dict[str, Any]:
    if not isinstance(analysis, dict):
        raise Wrong(place, "an analysis is an object, or [] before the first")
    entry = dict(analysis)
    for field in _LISTS:
        _replace(entry, field, [_text(item) for item in _list(entry, field, place)])
    components = _list(entry, "reusable_components", place)
    if not all(isinstance(item, dict) for item in components):
        entry["original_reusable_components"] = components
    entry["reusable_components"] = [_component(item) for item in components]
    if not isinstance(entry.get("problem_domain"), str):
        _replace(entry, "problem_domain", "Unknown")
    if not isinstance(entry.get("commit_sha"), str):
        entry["commit_sha"] = commit if isinstance(commit, str) else "unknown"
    if not is_date(entry.get("analyzed_at")):
        readable = next((date for date in dates if is_date(date)), None)
        if readable is None:
            raise Wrong((*place, "analyzed_at"), "there is no date that can be read, here or around it")
        _replace(entry, "analyzed_at", readable)
    return entry


def _list(entry: dict[str, Any], field: str, place: Path) -> list[Any]:
    items = entry.get(field)
    if items is None:
        return []
    if not isinstance(items, list):
        raise Wrong((*place, field), "this must be a list")
    return items


def _replace(entry: dict[str, Any], field: str, value: object) -> None:
    """Set `field`, and keep what stood there before if that said anything else."""
    if entry.get(field) is not None and canonical_json(entry[field]) != canonical_json(value):
        entry[f"original_{field}"] = entry[field]
    entry[field] = value


def _text(item: object) -> str:
    """v1 never checked what the model answered: an object is called by its name, all else is itself."""
    if isinstance(item, dict) and isinstance(item.get("name"), str):
        return str(item["name"])
    return item if isinstance(item, str) else canonical_json(item).decode()


def _component(item: object) -> dict[str, Any]:
    content = dict(item) if isinstance(item, dict) else {"name": _text(item)}
    for field, missing in (("name", "Unknown"), ("description", ""), ("language", "unknown")):
        if content.get(field) is None:
            content[field] = missing
    content["files"] = content.get("files") or []
    return content


def migrated_fields(top: dict[str, Any]) -> dict[str, Any]:
    """The fields of a v2 file, besides its repositories, for those of a v1 file."""
    fields = {name: value for name, value in top.items() if name not in {"created_at", "last_updated"}}
    dates = {name: top[name] for name in ("created_at", "last_updated") if is_date(top.get(name))}
    known = fields.get("metadata")
    metadata = {"migrated_from": "v1"}
    if isinstance(top.get("last_updated"), str):
        metadata["original_last_updated"] = top["last_updated"]
    if isinstance(known, dict) and all(isinstance(value, str) for value in known.values()):
        metadata = known | metadata
    elif known is not None:
        fields["original_metadata"] = known
    return {**fields, **dates, "metadata": metadata}


def path_before_migration(path: Path) -> Path:
    """Where in the v1 repository stands what has this path in the migrated one."""
    match path:
        case ("latest_patterns", *rest):
            return ("patterns", *rest)
        case ("history", index, *rest) if rest[:1] != ["patterns"]:
            return ("history", index, "patterns", *rest)
        case _:
            return path
