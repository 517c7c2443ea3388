"""Who uses what a change of a published package is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from devnexus.alike.bag import place
from devnexus.alike.changed_components import differing
from devnexus.events.similarity_computed import ChangedComponent, Consumer, Named
from devnexus.knowledge.consumers import Use
from devnexus.knowledge.projection import Projection, PublishedPackage, StandingComponent
from devnexus.repository import RepositoryId

_CHANGED_SHOWN = 10
_CONSUMERS_SHOWN = 50

_ECOSYSTEMS = {
    "C#": "nuget",
    "F#": "nuget",
    "Go": "golang",
    "Groovy": "maven",
    "Java": "maven",
    "JavaScript": "npm",
    "Kotlin": "maven",
    "PHP": "composer",
    "Python": "pypi",
    "Ruby": "gem",
    "Rust": "cargo",
    "Scala": "maven",
    "TypeScript": "npm",
}
"""Language → where packages of it come from; in others a component counts to every package of its folder."""


_Key = tuple[str, str]


@dataclass(frozen=True)
class Affected:
    """What changed of packages that somebody uses, and who does."""

    changed: tuple[ChangedComponent, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    count: int = 0
    """How many repositories these are, the unlisted ones included."""


def affected(here: Projection, old: Projection, uses: Sequence[Use]) -> Affected:
    """Who of `uses`, which are of what `here` publishes, should know what became of it since `old`.

    Nobody where nothing of the components of their package changed.
    """
    used = {_key(use.published) for use in uses}
    packages: set[_Key] = set()
    changed: list[StandingComponent] = []
    for component in differing(here, old) if used else ():
        if belongs_to := used & {_key(one) for one in _packages_of(component, here.published_packages)}:
            changed.append(component)
            packages |= belongs_to
    consumers = _consumers([use for use in uses if _key(use.published) in packages])
    return Affected(
        changed=tuple(_changed(one) for one in changed[:_CHANGED_SHOWN]),
        consumers=tuple(consumers[:_CONSUMERS_SHOWN]),
        count=len(consumers),
    )


def _packages_of(
    component: StandingComponent, packages: Iterable[PublishedPackage]
) -> list[PublishedPackage]:
    """Those whose manifest is the nearest one above it."""
    above = [(_folder(one), one) for one in packages if _may_hold(one, component)]
    nearest = max((len(folder) for folder, _ in above), default=0)
    return [one for folder, one in above if len(folder) == nearest]


def _may_hold(package: PublishedPackage, component: StandingComponent) -> bool:
    ecosystem = _ECOSYSTEMS.get(component.language, package.ecosystem)
    return ecosystem == package.ecosystem and component.files[0].startswith(_folder(package))


def _folder(package: PublishedPackage) -> str:
    return package.path[: package.path.rfind("/") + 1]


def _consumers(uses: Sequence[Use]) -> list[Consumer]:
    """One for each repository, with the strongest reason; those that need it to run come first."""
    strongest: dict[RepositoryId, Consumer] = {}
    for use in sorted(uses, key=lambda use: bool(use.asked.group)):
        asked = use.asked
        consumer = Consumer(
            repository=Named(id=use.consumer, name=use.consumer_name),
            package=asked.name,
            place=place(asked.path, asked.line, asked.line, asked.commit),
            is_strong=not asked.group,
        )
        strongest.setdefault(use.consumer, consumer)
    return list(strongest.values())


def _changed(component: StandingComponent) -> ChangedComponent:
    return ChangedComponent(
        name=component.name,
        place=place(component.files[0], component.start, component.end, component.commit),
    )


def _key(package: PublishedPackage) -> _Key:
    return package.ecosystem, package.name
