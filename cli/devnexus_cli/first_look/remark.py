"""A remark: something that holds of these repositories and that somebody may want to act on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from devnexus.values import Value

WORTH_TELLING = 0.5
"""From here on a remark is told unasked."""

MOST_TOLD = 3
_MOST_OF_A_KIND = 2


class Spot(Value):
    """Lines of a file of one repository, at the commit that was read."""

    repository: str
    path: str
    start: int
    end: int


class Remark(Value):
    """One remark, with where it can be checked."""

    kind: Literal["secret", "risk", "copy", "outlier", "version", "ways"]
    worth: float
    """How much it is worth acting on, from 0 to 1, against other remarks."""
    text: str
    """A sentence that names the repository, the sister where there is one, and the lines of both."""
    repository: str
    here: Spot | None = None
    """None where the remark is that something is not there."""
    sister: Spot | None = None

    @property
    def about(self) -> set[str]:
        """What is the same for remarks that say much the same."""
        spots = {f"{spot.repository} {spot.path}" for spot in (self.here, self.sister) if spot and self.here}
        return spots or {f"{self.repository} {self.kind}"}


def ranked(remarks: Iterable[Remark]) -> list[Remark]:
    """The weightiest first, in an order that depends on nothing else."""
    return sorted(remarks, key=lambda one: (-one.worth, one.repository, one.text))


def worth_telling(remarks: Sequence[Remark]) -> list[Remark]:
    """Of ranked remarks the up to three strong ones: two of a kind, and one about the same files, at most."""
    told: list[Remark] = []
    about: set[str] = set()
    kinds: Counter[str] = Counter()
    for remark in remarks:
        is_news = about.isdisjoint(remark.about) and kinds[remark.kind] < _MOST_OF_A_KIND
        if is_news and remark.worth >= WORTH_TELLING and len(told) < MOST_TOLD:
            told.append(remark)
            about |= remark.about
            kinds[remark.kind] += 1
    return told
