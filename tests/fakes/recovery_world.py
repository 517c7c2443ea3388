"""An organisation on GitHub whose webhooks come through our receiver, or do not, and become knowledge.

Every part is ours and runs in this process: receiver, extractor on GitHub's API, writer, sweep. Only GitHub
and the broker are stood in for, and the clock is turned by hand.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

from builders import NOON
from flask import Flask

from devnexus.events import CommitPushed, Record, SnapshotRequested
from devnexus.github import GitHubApp, connect
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import Views
from devnexus.secrets import Secret
from devnexus.timestamps import write
from extractor.extract import on_commit_pushed, on_snapshot_requested
from extractor.github import GitHubDiffs
from extractor.reading import Reader
from extractor.rule_set import load_rules
from fakes.github_app import AppDesk
from fakes.github_world import IMPATIENT, GitHubWorld
from fakes.knowledge import make_store
from fakes.pubsub import FakePublisher
from kb_writer.group_commit import Writer
from webhook_receiver.routes import webhook_routes
from webhook_receiver.signature import sign
from webhook_receiver.sweeper import sweep_once
from webhook_receiver.swept import Swept

SECRET = Secret(b"of the App")
_PERSON = {"name": "Ada", "email": "ada@example.org"}


@cache
def _reader() -> Reader:
    return Reader(load_rules())


class RecoveryWorld:
    """One organisation; `work` lets everything that was published become knowledge."""

    def __init__(self, github: GitHubWorld, folder: Path) -> None:
        self.github = github
        self.environment = github.app_environment()
        self.desk = AppDesk(self._receive, self.environment["GITHUB_APP_PRIVATE_KEY"], NOON)
        github.gate.desk = self.desk
        self.is_up = True
        self.broker = FakePublisher()
        app = Flask(__name__)
        app.register_blueprint(webhook_routes(secrets=(SECRET,), publisher=self.broker))
        self._receiver = app.test_client()
        self.knowledge = folder / "knowledge.git"
        self.store = make_store(self.knowledge)
        self._writer = Writer(self.store)
        self._source = GitHubDiffs(GitHubApp(self.environment, access="read", patience=IMPATIENT))
        self._reader = _reader()
        self._taken = 0
        self.heads: dict[str, str] = {}

    def close(self) -> None:
        self._source.close()
        self.store.close()

    def later(self, **time: float) -> None:
        self.desk.now += timedelta(**time)

    def new_repository(self, files: Mapping[str, str] | None = None) -> str:
        """The name of a repository with one commit, on which the App is installed."""
        name = self.github.backend.new_repository()
        door = connect(name, self.github.environment(), access="write", patience=IMPATIENT)
        first = {"message": "first", "content": base64.b64encode(b"# It\n").decode(), "branch": "main"}
        self.heads[name] = door.send("PUT", "/contents/README.md", {**first, **self._signed()})["commit"][
            "sha"
        ]
        self.desk.install(name)
        self.desk.pushed(name, "0" * 40, self.heads[name])
        return name

    def push(self, name: str, files: Mapping[str, str], *, send: bool = True) -> str:
        """Commit these files on main, a minute later, and tell our receiver; False: GitHub never does."""
        self.later(minutes=1)
        door = connect(name, self.github.environment(), access="write", patience=IMPATIENT)
        before = self.heads[name]
        base = door.get(f"/git/commits/{before}").body["tree"]["sha"]
        rows = [
            {"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in files.items()
        ]
        tree = door.send("POST", "/git/trees", {"base_tree": base, "tree": rows})["sha"]
        commit = {
            "message": f"change {', '.join(files)}",
            "tree": tree,
            "parents": [before],
            **self._signed(),
        }
        after = str(door.send("POST", "/git/commits", commit)["sha"])
        door.send("PATCH", "/git/refs/heads/main", {"sha": after, "force": False})
        self.heads[name] = after
        self.desk.pushed(name, before, after, send=send)
        return after

    def work(self) -> None:
        """Read what was published and write what it shows, until nothing is left to do."""
        while self._taken < len(self.broker.published):
            event = self.broker.published[self._taken]
            self._taken += 1
            common = {"source": self._source, "reader": self._reader, "publisher": self.broker}
            if isinstance(event, CommitPushed):
                on_commit_pushed(event, **common)
            elif isinstance(event, SnapshotRequested):
                on_snapshot_requested(event, **common)
            elif isinstance(event, Record):
                self._writer.group_commit([event])

    def sweep(self, **changes: object) -> Swept:
        wanted = {"knowledge": str(self.knowledge), "publisher": self.broker, **changes}
        return sweep_once(self.environment, patience=IMPATIENT, now=lambda: self.desk.now, **wanted)  # type: ignore[arg-type]

    def page(self, name: str) -> Projection:
        page = Views(self.store).head().named(name)
        assert page is not None, name
        return page

    def _receive(self, body: bytes, headers: Mapping[str, str]) -> int:
        if not self.is_up:
            return 0
        signed = {**headers, "X-Hub-Signature-256": sign(body, SECRET)}
        return self._receiver.post("/webhooks/github", data=body, headers=signed).status_code

    def _signed(self) -> dict[str, object]:
        person = {**_PERSON, "date": write(self.desk.now)}
        return {"author": person, "committer": person}
