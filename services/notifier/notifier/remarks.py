"""A notice in its remarks: what is told or left out by itself, and is the same when it is said again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devnexus.events.notification_requested import Notice
from devnexus.events.similarity_computed import (
    Alike,
    ChangedComponent,
    Copy,
    Missing,
    Named,
    PatternChange,
    Variant,
)

_FIELDS = ("introduced", "gone", "entered", "left", "missing", "variants", "copies", "changed")

_Item = PatternChange | Alike | Named | Missing | Variant | Copy | ChangedComponent


@dataclass(frozen=True)
class Remark:
    """One thing that a notice says of its repository."""

    kind: str
    """The notice's field."""
    subject: str
    """What it is about, so that it is known again: a pattern, another repository, a component."""
    pattern: str | None = None
    name: str = ""
    category: str | None = None
    owners: tuple[str, ...] = ()
    """Who looks after that place; empty: whoever looks after the repository."""


def remarks(notice: Notice) -> Iterator[Remark]:
    """All remarks of the notice, in the order in which they are told."""
    for kind in _FIELDS:
        yield from (_remark(kind, item) for item in getattr(notice, kind))


def only(notice: Notice, wanted: Callable[[Remark], bool]) -> Notice:
    """The notice with the remarks that are wanted, and nothing that belongs to the others."""
    kept = {
        kind: tuple(item for item in getattr(notice, kind) if wanted(_remark(kind, item))) for kind in _FIELDS
    }
    if not kept["changed"]:
        kept.update(consumers=())
        return notice.model_copy(update={**kept, "consumer_count": 0})
    return notice.model_copy(update=kept)


def _remark(kind: str, item: _Item) -> Remark:
    match item:
        case PatternChange():
            return _about_pattern(kind, item.id, item.id, item)
        case Missing():
            return _about_pattern(kind, item.pattern, item.pattern, item)
        case Variant():
            return _about_pattern(kind, f"{item.pattern} {item.ours}", item.pattern, item)
        case Alike():
            return Remark(kind, item.repository.id)
        case Named():
            return Remark(kind, item.id)
        case Copy():
            here, there = item.component.here, item.component.there
            subject = f"{item.component.name} {here.path} {item.repository.id} {there.path}"
            return Remark(kind, subject, owners=item.owners)
        case ChangedComponent():
            return Remark(kind, f"{item.name} {item.place.path}")


def _about_pattern(kind: str, subject: str, pattern: str, item: PatternChange | Missing | Variant) -> Remark:
    return Remark(kind, subject, pattern, item.name, item.category, item.owners)
