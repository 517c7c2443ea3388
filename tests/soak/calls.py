"""Agents that call skills: they read, make mistakes, and write lessons until these are accepted."""

import threading
from collections.abc import Callable
from typing import Any

import requests

from devnexus_cli.local_issuer import YOU, local_token
from soak.chance import Chance
from soak.ledger import Ledger
from soak.stack import SoakStack

_ANSWER_SECONDS = 15.0
_AGAIN_SECONDS = (0.5, 3.0)
_READ = (200, 404)
_MISTAKE = (400, 404, 422)
_NOT_NOW = (429, 503)

Call = tuple[str, dict[str, Any]]


class Agents:
    """Two threads: one reads, one writes."""

    def __init__(
        self, stack: SoakStack, ledger: Ledger, chance: Chance, *, repositories: Callable[[], list[str]]
    ) -> None:
        self._ledger, self._repositories = ledger, repositories
        self._reading, self._writing = chance("reads"), chance("lessons")
        self._url = f"http://127.0.0.1:{stack.gateway_port}"
        self._token = local_token(stack.home, YOU, self._url, minutes=24 * 60)
        self._stop = threading.Event()
        self._give_up = threading.Event()
        self._threads = [threading.Thread(target=act, daemon=True) for act in (self._read, self._write)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing new; a lesson in hand is still sent until it is accepted."""
        self._stop.set()

    def give_up(self) -> None:
        """End, whatever is in hand."""
        self._stop.set()
        self._give_up.set()
        for thread in self._threads:
            thread.join(_ANSWER_SECONDS * 2)

    def _read(self) -> None:
        while not self._stop.wait(self._reading.uniform(0.1, 0.6)):
            (skill, given), right = self._question()
            status = self._post(skill, given)
            if status in (_READ if right else _MISTAKE):
                self._ledger.answered("read" if right else "told of a mistake")
            else:
                self._refused(skill, status)

    def _question(self) -> tuple[Call, bool]:
        repository = self._reading.choice(self._repositories() or ["acme/nothing"])
        right: list[Call] = [
            ("get_repository_list", {}),
            ("query_patterns", {"patterns": ["Retry with backoff"]}),
            ("find_similar_repositories", {"repository": repository}),
            ("get_cross_repo_patterns", {}),
            ("get_deployment_info", {"repository": repository}),
            ("get_recent_actions", {}),
        ]
        wrong: list[Call] = [
            ("query_patterns", {"patterns": 5}),
            ("no_such_skill", {}),
            ("find_similar_repositories", {"repository": "\ud83d"}),
        ]
        is_right = self._reading.random() < 0.85
        return self._reading.choice(right if is_right else wrong), is_right

    def _write(self) -> None:
        number = 0
        while not self._stop.wait(self._writing.uniform(0.4, 1.6)):
            number += 1
            self._tell(number)

    def _tell(self, number: int) -> None:
        key = f"lesson-{number}"
        id_ = f"{YOU}:add_lesson_learned:{key}"
        given = {
            "repository": self._writing.choice(self._repositories() or ["acme/nothing"]),
            "category": "reliability",
            "lesson": f"Lesson {number}",
            "idempotency_key": key,
        }
        self._ledger.tells(id_)
        times = 2 if self._writing.random() < 0.1 else 1
        while times and not self._give_up.is_set():
            status = self._post("add_lesson_learned", given)
            if status == 200:
                self._ledger.has_lesson(id_)
                times -= 1
            else:
                self._refused("add_lesson_learned", status)
                self._give_up.wait(self._writing.uniform(*_AGAIN_SECONDS))

    def _refused(self, skill: str, status: int | None) -> None:
        if status is None:
            self._ledger.answered("without an answer")
        elif status in _NOT_NOW:
            self._ledger.answered("not now")
        else:
            self._ledger.got_wrong(f"{skill} answered {status}")

    def _post(self, skill: str, given: dict[str, Any]) -> int | None:
        """The status; None where nobody answers."""
        try:
            answer = requests.post(
                f"{self._url}/skills/{skill}",
                json=given,
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=_ANSWER_SECONDS,
            )
        except requests.RequestException:
            return None
        return answer.status_code
