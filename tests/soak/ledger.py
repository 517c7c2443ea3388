"""What was sent, and how it was answered: noted by those who send, whatever becomes of it."""

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass
class Push:
    """One push, and how often the receiver said that it has it."""

    id: str
    kind: str
    """`usual`, `new` (the first of a repository), `forced`, `huge`, or `hostile` (what it brought is)."""
    snapshot: str | None
    """The id of the snapshot that it must lead to, where it cannot be read as a change."""
    accepted: int = 0


@dataclass
class Lesson:
    """One lesson, and how often the gateway said that it has it."""

    id: str
    accepted: int = 0


class Ledger:
    """Everything that was sent. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.pushes: dict[str, Push] = {}
        self.lessons: dict[str, Lesson] = {}
        self.poison: dict[str, str] = {}
        """Id of a message that nobody can read → the subscription that it was sent to."""
        self.attempts = 0
        """Webhooks of pushes that were sent, with those that were sent again."""
        self.extra: Counter[str] = Counter()
        """`twice` and `late`: pushes that were sent so on purpose."""
        self.refused: Counter[str] = Counter()
        """Why pushes had to be sent again → how often."""
        self.turned_away: Counter[str] = Counter()
        """Kind of webhook that is none of a push's, or broken → how often it was answered as it should be."""
        self.calls: Counter[str] = Counter()
        """`read`, `told no` (as a mistake should be), `not now`: answers of skills."""
        self.wrong: list[str] = []
        """Answers that nobody may get."""

    def made(self, push: Push, *extra: str) -> None:
        """A push is about to be sent."""
        with self._lock:
            self.pushes[push.id] = push
            self.extra.update(extra)

    def attempted(self) -> None:
        """The webhook of a push goes out."""
        with self._lock:
            self.attempts += 1

    def accepted(self, push_id: str) -> None:
        """The receiver said that it has a push."""
        with self._lock:
            self.pushes[push_id].accepted += 1

    def was_refused(self, reason: str) -> None:
        """The receiver did not take the webhook of a push, or nobody answered."""
        with self._lock:
            self.refused[reason] += 1

    def was_turned_away(self, kind: str) -> None:
        """A webhook that is no push of ours was answered as it should be."""
        with self._lock:
            self.turned_away[kind] += 1

    def poisoned(self, id_: str, subscription: str) -> None:
        """A message that nobody can read is about to be sent to a subscription."""
        with self._lock:
            self.poison[id_] = subscription

    def tells(self, lesson_id: str) -> None:
        """A lesson is about to be sent."""
        with self._lock:
            self.lessons[lesson_id] = Lesson(lesson_id)

    def has_lesson(self, lesson_id: str) -> None:
        """The gateway said that it has a lesson."""
        with self._lock:
            self.lessons[lesson_id].accepted += 1

    def answered(self, outcome: str) -> None:
        """A call of a skill was answered."""
        with self._lock:
            self.calls[outcome] += 1

    def got_wrong(self, what: str) -> None:
        """An answer came that nobody may get."""
        with self._lock:
            self.wrong.append(what)

    def unaccepted(self) -> int:
        """How many pushes and lessons nobody has accepted yet."""
        with self._lock:
            return sum(not one.accepted for one in (*self.pushes.values(), *self.lessons.values()))
