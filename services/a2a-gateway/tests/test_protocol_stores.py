"""Where tasks are kept, and for whom."""

import asyncio
from dataclasses import dataclass, field

from a2a.types.a2a_pb2 import (
    ListTasksRequest,
    Message,
    Part,
    TaskPushNotificationConfig,
    TaskState,
)
from kept_tasks import ANA, BO, task

from a2a_gateway.callers.caller import ANONYMOUS, Caller
from a2a_gateway.protocol.caller_context import context_of
from a2a_gateway.protocol.memory import KEPT_SECONDS, BoundedTasks
from a2a_gateway.protocol.weighed_receivers import WeighedReceivers


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self):
        return self.now


@dataclass
class Memory:
    clock: Clock = field(default_factory=Clock)
    configs: WeighedReceivers = field(default_factory=WeighedReceivers)

    def __post_init__(self):
        self.tasks = BoundedTasks(self.configs, most_bytes=15_000, clock=self.clock)

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


def test_a_task_is_found_as_it_was_saved_and_no_more_room_is_kept_for_it_when_it_goes_on():
    memory = Memory()
    begun = task(state=TaskState.TASK_STATE_WORKING, metadata={"x": "x" * 9000})
    ended = task(metadata={"x": "y" * 9000}, history=[Message(message_id="m", parts=[Part(text="go")])])
    memory.run(memory.tasks.save(begun, ANA), memory.tasks.save(ended, ANA), memory.tasks.delete("t", BO))
    found, listed = memory.run(memory.tasks.get("t", ANA), memory.tasks.list(ListTasksRequest(), ANA))
    assert (found, list(listed.tasks), listed.total_size) == (ended, [ended], 1)
    memory.run(memory.tasks.save(task("next"), ANA))
    (kept,) = memory.run(memory.tasks.list(ListTasksRequest(), ANA))
    assert {one.id for one in kept.tasks} == {"t", "next"}


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


def test_those_who_are_to_be_told_of_tasks_take_room_as_well():
    memory = Memory()
    for id_ in ("old", "new"):
        memory.run(memory.tasks.save(task(id_), ANA))
        for config in ("p", "q"):
            told = TaskPushNotificationConfig(id=config, url="https://agent.example.com", token="x" * 2000)
            memory.run(memory.configs.set_info(id_, told, ANA))
    memory.run(memory.tasks.save(task("newest"), ANA))
    (left,) = memory.run(memory.tasks.list(ListTasksRequest(), ANA))
    assert {one.id for one in left.tasks} == {"new", "newest"}
    memory.run(memory.configs.delete_info("new", ANA, "p"), memory.configs.delete_info("new", ANA))
    assert memory.configs.bytes == 0
