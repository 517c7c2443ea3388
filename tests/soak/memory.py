"""How much memory each service takes, over time."""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

WARM_SECONDS = 8.0
"""So old a process has to be in order to count: before that it still imports."""

_LEAST = 5
"""So many samples make a median."""

_MAY_GROW_PART, _MAY_GROW_MB = 0.2, 20.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sample:
    """What one service, with all of its processes, took at a time."""

    at: float
    mb: float
    age: float
    """Seconds since it was started."""


@dataclass(frozen=True)
class Growth:
    """The medians of the first and of the last quarter of a run, in MB; None where too little was seen."""

    first: float | None
    last: float | None
    most: float

    @property
    def bound(self) -> float | None:
        """What the last may be at most: a fifth and 20 MB above the first."""
        return None if self.first is None else self.first * (1 + _MAY_GROW_PART) + _MAY_GROW_MB

    @property
    def is_too_much(self) -> bool:
        """Whether the last is above the bound."""
        return self.bound is not None and self.last is not None and self.last > self.bound


def growth(samples: Sequence[Sample]) -> Growth:
    """How the memory of one service developed, without the seconds in which it starts."""
    warm = [one for one in samples if one.age >= WARM_SECONDS]
    if not warm:
        return Growth(None, None, max((one.mb for one in samples), default=0.0))
    begin, end = samples[0].at, samples[-1].at
    quarter = (end - begin) / 4
    early = [one.mb for one in warm if one.at <= begin + quarter]
    late = [one.mb for one in warm if one.at >= end - quarter]
    return Growth(_median(early), _median(late), max(one.mb for one in warm))


class Scales:
    """Weighs the services every second, in a thread of its own."""

    def __init__(self, pids: Callable[[], Mapping[str, tuple[int, float]]]) -> None:
        """`pids` tells, for each service, its first process and its age in seconds."""
        self._pids = pids
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._weigh, name="scales", daemon=True)
        self.samples: dict[str, list[Sample]] = defaultdict(list)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _weigh(self) -> None:
        at = 0.0
        while not self._stop.wait(1.0):
            at += 1.0
            for service, (pid, age) in self._pids().items():
                if mb := resident_mb(pid):
                    self.samples[service].append(Sample(at, mb, age))


def resident_mb(pid: int) -> float:
    """What a process and its children take, without the git that they run; 0 once it is gone.

    A child that was just forked counts its parent's once more: the medians say how it is, the most does not.
    """
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        own = 0.0 if Path(f"/proc/{pid}/comm").read_text().startswith("git") else pages * _PAGE / 1e6
    except (OSError, IndexError):
        return 0.0
    return own + sum(resident_mb(int(child)) for child in children)


def _median(values: Sequence[float]) -> float | None:
    return median(values) if len(values) >= _LEAST else None
