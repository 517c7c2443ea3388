"""What stands for the gateway's ways out: events land in the base at once, and tasks are waited for."""

import asyncio
import threading
import uuid
from datetime import UTC, datetime
from functools import partial

from starlette.concurrency import run_in_threadpool

from a2a_gateway.world import World
from a2a_gateway.writes.report import Origin
from a2a_gateway.writes.write_status import WriteStatus
from a2a_gateway.writes.writing import Accepted
from devnexus.agents import Agents
from devnexus.knowledge.fold import fold
from devnexus.knowledge.history import load_history, with_records
from devnexus.knowledge.layout import history_path, projection_path


class DirectWriting:
    """Commits each event itself, as the writer would; the same key gives the same event."""

    def __init__(self, store, *, now=None):
        self.store = store
        self.sent = []
        self._now = now or (lambda: datetime.now(UTC))
        self._origins = {}
        self._one_at_a_time = threading.Lock()

    def accept(self, report, *, caller, skill, key, given):
        key = key or uuid.uuid4().hex
        with self._one_at_a_time:
            origin = self._origins.setdefault((skill, key), Origin(caller.name, skill, key, self._now()))
            record = report.event(origin)
            self.sent.append(record)
            learn(self.store, record)
        return Accepted(record)

    async def committed(self, accepted):
        return self.store.head()

    def status(self, event_id, caller):
        for record in self.sent:
            if record.id == event_id and record.caller == caller.name:
                head = self.store.head()
                return WriteStatus(event_id, record.skill, record.repository.name, record.at, head)
        return None


class InlineTasks:
    """Runs each piece of work to its end while the caller waits."""

    async def run(self, work, *, caller, skill, watch=None):
        tell = partial(asyncio.get_running_loop().call_soon_threadsafe, watch.doing) if watch else print
        return await run_in_threadpool(work, tell)

    def find(self, task_id, caller):
        return None

    cancel = find


class Kept(dict):
    """Results by key."""

    def keep(self, key, result):
        self[key] = result


class NoFilesHere:
    """No repository's files can be had."""

    def __getattr__(self, name):
        raise AssertionError(f"this test has no files of repositories, and something asks for {name}")


def world_of(writing, *, agents=None, standings=None, files=None, results=None):
    """A factory of what skills may ask besides the knowledge."""
    kept = Kept() if results is None else results

    def make(caller, progress):
        return World(
            caller=caller,
            now=datetime.now(UTC),
            agents=agents or Agents(),
            standings=lambda: standings or {},
            files=files or NoFilesHere(),
            results=kept,
            writes=writing,
            progress=progress,
        )

    return make


def learn(store, record):
    """Commit a record with what its repository amounts to now."""
    head = store.head()
    records = [*load_history(store, record.repository.id, at=head), record]
    path = history_path(record.repository.id, record.at)
    content = store.read([path], at=head).get(path, b"")
    page = fold(records).project()
    files = {
        path: with_records(content, [record], path=path),
        projection_path(page.repository_name): page.page(),
    }
    if any(store.read([file], at=head).get(file) != content for file, content in files.items()):
        store.commit(files, message="a record", expected_head=head)
