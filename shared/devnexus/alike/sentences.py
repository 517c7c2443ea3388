"""What similarity says, in sentences: the same words in summaries, notices and pages."""

import math
from collections.abc import Sequence
from datetime import datetime

from devnexus.events.similarity_computed import (
    Alike,
    ChangedComponent,
    Consumer,
    Missing,
    Named,
    Place,
    SharedComponent,
    SharedTerm,
    Variant,
)
from devnexus.timestamps import as_utc

_NAMED = 3
"""So many of a longer list are named."""

_HALF_HAVE_IT = math.log(3)
"""The weight of what every second repository has."""


def day(moment: datetime) -> str:
    """`3 May 2026`, in UTC."""
    utc = as_utc(moment)
    return f"{utc.day} {utc:%B} {utc.year}"


def place(where: Place) -> str:
    """`path:line`, or `path:first-last`."""
    return f"{where.path}:{where.start}" + (f"-{where.end}" if where.end > where.start else "")


def copy(here: Named, there: Named, component: SharedComponent) -> str:
    """That one component stands in both, how alike the two are, and who changed theirs last."""
    both = f"{component.name} ({place(component.here)})"
    other = f"{there.name} ({place(component.there)})"
    if component.likeness == 1:
        return f"{both} is the same as in {other}"
    sentence = f"{both} is about {component.likeness:.0%} the same as in {other}"
    if component.changed_last is None or component.changed_at is None:
        return sentence
    later, earlier = (there, here) if component.changed_last == "there" else (here, there)
    sentence = f"{sentence}; {later.name} changed it on {day(component.changed_at)}"
    return f"{sentence}, {earlier.name} has not since" if component.other_known else sentence


def missing(here: Named, lacking: Missing) -> str:
    """That nearly all of its kind do something, and nothing shows that this one does."""
    return (
        f"{lacking.have} of {lacking.of} repositories of its kind have {lacking.name}; "
        f"{here.name} {exception(lacking)} "
        f"({_example(lacking.example, lacking.place, lacking.is_newest)})"
    )


def exception(lacking: Missing) -> str:
    """What one that lacks it is: `shows none`, or `is one of 2 exceptions`."""
    exceptions = lacking.of - lacking.have
    return "shows none" if exceptions == 1 else f"is one of {exceptions} exceptions"


def variant(here: Named, variant: Variant) -> str:
    """That most of its kind do something with one package, and this one with another."""
    return (
        f"{variant.have} of {variant.of} repositories of its kind do {variant.name} with {variant.theirs}; "
        f"{here.name} does it with {variant.ours} ({place(variant.here)}; "
        f"{_example(variant.example, variant.there, variant.is_newest)})"
    )


def consumers(consumers: Sequence[Consumer], count: int, changed: Sequence[ChangedComponent]) -> str:
    """Who uses what a push changed."""
    use = "1 repository uses" if count == 1 else f"{count} repositories use"
    packages = list(dict.fromkeys(one.package for one in consumers))
    what = [f"{one.name} ({place(one.place)})" for one in changed]
    who = [_consumer(one) for one in consumers]
    return f"{use} {first(packages)}, of which this changed {first(what)}: {first(who, of=count)}"


def reasons(alike: Alike, *, most: int = 3) -> str:
    """What says most of what two repositories share: `Kafka messaging, tenacity and 4 more`."""
    told = [term.name for term in sorted(alike.shared, key=_tells_little)[:most]]
    total = alike.overlap.patterns + alike.overlap.dependencies + alike.overlap.keywords
    more = f" and {total - len(told)} more" if total > len(told) else ""
    return f"{', '.join(told)}{more}"


def shares(alike: Alike) -> str:
    """What two repositories have in common: `Shares Kafka messaging, tenacity and 4 more`."""
    count = len(alike.components)
    same = f", and {count} component{'' if count == 1 else 's'} the same or nearly" if count else ""
    return f"Shares {reasons(alike)}{same}"


def both(here: Named, there: Named, term: SharedTerm) -> str | None:
    """That two repositories have something, and where; None of what stands in no particular line."""
    if term.here is None or term.there is None:
        return None
    return f"Both have {term.name}: {here.name} {place(term.here)}, {there.name} {place(term.there)}"


def _consumer(consumer: Consumer) -> str:
    only = "" if consumer.is_strong else ", to build or test"
    return f"{consumer.repository.name} ({place(consumer.place)}{only})"


def first(names: Sequence[str], *, of: int | None = None) -> str:
    """The first three, and how many more there are of them all."""
    more = (len(names) if of is None else of) - len(names[:_NAMED])
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _tells_little(term: SharedTerm) -> tuple[bool, bool, bool]:
    """Orders patterns before packages, after both what most repositories have, and words last of all."""
    return term.kind == "keyword", term.weight < _HALF_HAVE_IT, term.kind == "dependency"


def _example(there: Named, where: Place, is_newest: bool) -> str:
    return f"{'newest example' if is_newest else 'for example'} {there.name} {place(where)}"
