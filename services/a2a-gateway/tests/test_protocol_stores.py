"""Where tasks are kept, and for whom."""

import asyncio
from dataclasses import dataclass, field

from a2a.server.tasks import InMemoryPushNotificationConfigStore
from a2a.types.a2a_pb2 import (
    ListTasksRequest,
    Task,
    TaskPushNotificationConfig,
    TaskState,
)

from a2a_gateway.callers.caller import ANONYMOUS, Caller
from a2a_gateway.protocol.caller_context import context_of
from a2a_gateway.protocol.memory import KEPT_SECONDS, BoundedTasks
from a2a_gateway.protocol.owner import owner_of

ANA, BO = (context_of(Caller(name, is_verified=True)) for name in ("ana@example.com", "bo@example.com"))


def task(id_="t", state=TaskState.TASK_STATE_COMPLETED, **fields):
    made = Task(id=id_, context_id="c", **fields)
    made.status.state = state
    made.status.timestamp.GetCurrentTime()
    return made


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self):
        return self.now


@dataclass
class Memory:
    clock: Clock = field(default_factory=Clock)
    configs: InMemoryPushNotificationConfigStore = field(
        default_factory=lambda: InMemoryPushNotificationConfigStore(owner_resolver=owner_of)
    )

    def __post_init__(self):
        self.tasks = BoundedTasks(self.configs, most_bytes=10_000, clock=self.clock)

    def run(self, *steps):
        async def all_of_them():
            return [await step for step in steps]

        return asyncio.run(all_of_them())


def test_a_task_is_its_callers_alone():
    memory = Memory()
    nobody = context_of(ANONYMOUS)
    memory.run(memory.tasks.save(task(), ANA))
    mine, bos, nobodys = memory.run(*(memory.tasks.get("t", who) for who in (ANA, BO, nobody)))
    assert (mine.id, bos, nobodys) == ("t", None, None)


def test_an_anonymous_caller_is_nobody_who_calls_themselves_so():
    memory = Memory()
    called_so = context_of(Caller("anonymous", is_verified=True))
    memory.run(memory.tasks.save(task(), context_of(ANONYMOUS)))
    assert memory.run(memory.tasks.get("t", called_so)) == [None]


def test_a_task_goes_after_a_day_and_the_addresses_that_were_told_of_it_with_it():
    memory = Memory()
    config = TaskPushNotificationConfig(id="p", url="https://agent.example.com")
    memory.run(memory.tasks.save(task(), ANA), memory.configs.set_info("t", config, ANA))
    memory.clock.now = KEPT_SECONDS + 1
    listed, found = memory.run(memory.tasks.list(ListTasksRequest(), ANA), memory.configs.get_info("t", ANA))
    assert (list(listed.tasks), found) == ([], [])


def test_where_it_gets_full_the_oldest_go_that_nobody_works_on():
    memory = Memory()
    big = {"x": "x" * 3000}
    states = {"works": TaskState.TASK_STATE_WORKING, "waits": TaskState.TASK_STATE_INPUT_REQUIRED}
    for id_ in ("works", "waits", "old", "new", "newest"):
        memory.run(memory.tasks.save(task(id_, states.get(id_, task().status.state), metadata=big), ANA))
    (left,) = memory.run(memory.tasks.list(ListTasksRequest(), ANA))
    assert {one.id for one in left.tasks} == {"works", "new", "newest"}
