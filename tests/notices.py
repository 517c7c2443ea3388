"""Short ways to make what the notifier is about."""

from builders import NOON, sha

from devnexus.events import NotificationRequested, SimilarityComputed
from devnexus.events.notification_requested import Notice
from devnexus.events.similarity_computed import (
    Alike,
    ChangedComponent,
    Consumer,
    Copy,
    Missing,
    Named,
    Overlap,
    PatternChange,
    Place,
    SharedComponent,
    SharedTerm,
    Variant,
)

BILLING = Named(id="github.com/42", name="acme/billing")
ORDERS = Named(id="github.com/43", name="acme/orders")
RETRY = PatternChange(
    id="retry-backoff",
    name="Retry with backoff",
    confidence=0.8,
    place=Place(path="src/http.py", start=14, end=14, commit=sha("b")),
)


def place(path: str, start: int, end: int | None = None) -> Place:
    return Place(path=path, start=start, end=end or start, commit=sha("b"))


def alike(repository: Named = ORDERS, *components: SharedComponent) -> Alike:
    return Alike(
        repository=repository,
        score=0.43,
        overlap=Overlap(keywords=2, patterns=1, dependencies=1),
        shared=(
            SharedTerm(kind="pattern", term="kafka", name="Kafka messaging", weight=1.1),
            SharedTerm(kind="dependency", term="pypi:tenacity", name="tenacity", weight=0.7),
        ),
        components=components,
    )


def missing(name: str = "Retry with backoff") -> Missing:
    return Missing(
        pattern="retry-backoff", name=name, have=4, of=5, example=ORDERS, place=place("src/http.py", 22)
    )


def variant() -> Variant:
    return Variant(
        pattern="retry-backoff",
        name="Retry with backoff",
        theirs="tenacity",
        ours="backoff",
        have=9,
        of=11,
        example=ORDERS,
        here=place("pyproject.toml", 12),
        there=place("pyproject.toml", 8),
    )


def copy() -> Copy:
    component = SharedComponent(
        name="HttpClient", likeness=1.0, here=place("src/http.py", 8, 60), there=place("lib/http.py", 1, 53)
    )
    return Copy(repository=ORDERS, component=component)


def changed(name: str = "HttpClient") -> ChangedComponent:
    return ChangedComponent(name=name, place=place("src/http.py", 8, 60))


def consumer() -> Consumer:
    return Consumer(repository=ORDERS, package="acme-client", place=place("pyproject.toml", 9))


def computed(**changes: object) -> SimilarityComputed:
    """What similarity says of acme/billing; nothing has changed unless `changes` say so."""
    values = {
        "cause": "live",
        "revision": sha("revision"),
        "repository": BILLING,
        "url": "https://github.com/acme/billing",
        "commit": sha("b"),
        "at": NOON,
        **changes,
    }
    return SimilarityComputed(**values)  # type: ignore[arg-type]


def notice(**changes: object) -> Notice:
    """That Retry with backoff is new in acme/billing, unless `changes` say something else."""
    values = {
        "repository": BILLING,
        "revision": sha("revision"),
        "commit": sha("b"),
        "at": NOON,
        **(changes or {"introduced": (RETRY,)}),
    }
    return Notice(**values)  # type: ignore[arg-type]


def requested(target: str = "team", number: int = 1) -> NotificationRequested:
    """Notice number so and so for a target."""
    about = f"{sha(str(number))}:{BILLING.id}"
    return NotificationRequested(cause="live", about=about, target=target, notice=notice())
