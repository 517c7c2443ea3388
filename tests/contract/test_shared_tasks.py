"""Tasks that several instances of the gateway keep in one database."""

import asyncio
import uuid

import psycopg
import pytest
from a2a.server.agent_execution import AgentExecutor
from a2a.server.cluster.version import TaskVersion
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.types.a2a_pb2 import (
    AgentCapabilities,
    AgentCard,
    CancelTaskRequest,
    GetTaskRequest,
    ListTasksRequest,
    Message,
    Part,
    SendMessageRequest,
    SubscribeToTaskRequest,
    Task,
    TaskPushNotificationConfig,
    TaskState,
    TaskStatusUpdateEvent,
)
from kept_tasks import ANA, BO, task
from sqlalchemy import text

from a2a_gateway.protocol.life import SILENCE_SECONDS, LivingTasks
from a2a_gateway.protocol.sql_stores import _FORGET
from a2a_gateway.protocol.stores import open_stores
from a2a_gateway.writes.write_status import WriteStatus
from devnexus.errors import ConfigurationError, Unavailable

MANY_TASKS = (
    "INSERT INTO a2a.tasks (id, context_id, kind, last_updated, status)"
    " SELECT gen_random_uuid()::text, 'c', 'task', now() AT TIME ZONE 'UTC', '{}'"
    " FROM generate_series(1, 5000)"
)


class Events:
    """What became of events."""

    def __init__(self, revision=None):
        self._revision = revision

    def status(self, event_id, caller):
        assert caller.name == "ana@example.com"
        return WriteStatus(event_id, "add_repository", "acme/api", None, self._revision)


@pytest.fixture
def shared(postgresql):
    """Runs a story with the stores of two instances on one database."""

    def run(story, writes=None):
        async def both():
            url = postgresql.new_database()
            one, other = (open_stores(url, writes or Events()) for _ in range(2))
            await asyncio.gather(one.begin(), other.begin())
            try:
                return await story(one, other)
            finally:
                await one.close()
                await other.close()

        return asyncio.run(both())

    return run


class Waiting(AgentExecutor):
    """Works until it is told to end."""

    def __init__(self):
        self.may_end = asyncio.Event()

    async def execute(self, context, event_queue):
        working = Task(id=context.task_id, context_id=context.context_id)
        working.status.state = TaskState.TASK_STATE_WORKING
        working.status.timestamp.GetCurrentTime()
        await event_queue.enqueue_event(working)
        await self.may_end.wait()
        end = TaskStatusUpdateEvent(task_id=context.task_id, context_id=context.context_id)
        end.status.state = TaskState.TASK_STATE_COMPLETED
        end.status.timestamp.GetCurrentTime()
        await event_queue.enqueue_event(end)

    async def cancel(self, context, event_queue):
        pass


def instance(stores, executor):
    card = AgentCard(name="x", capabilities=AgentCapabilities(streaming=True))
    kept = {"task_store": stores.tasks, "event_stream": stores.event_stream}
    return DefaultRequestHandlerV2(executor, agent_card=card, push_config_store=stores.push_configs, **kept)


def message():
    asked = SendMessageRequest(message=Message(message_id="m", role="ROLE_USER", parts=[Part(text="go")]))
    asked.configuration.return_immediately = True
    return asked


def test_any_instance_gets_lists_and_follows_a_task_of_another(shared):
    async def story(one, other):
        executor = Waiting()
        works, asked = instance(one, executor), instance(other, Waiting())
        begun = await works.on_message_send(message(), ANA)
        got = await asked.on_get_task(GetTaskRequest(id=begun.id), ANA)
        listed = await asked.on_list_tasks(ListTasksRequest(), ANA)
        assert (got.status.state, [one.id for one in listed.tasks]) == (begun.status.state, [begun.id])
        assert not (await asked.on_list_tasks(ListTasksRequest(), BO)).tasks
        states = []
        async for event in asked.on_subscribe_to_task(SubscribeToTaskRequest(id=begun.id), ANA):
            states.append(event.status.state)
            executor.may_end.set()
        await works.aclose()
        return states

    assert shared(story) == [TaskState.TASK_STATE_WORKING, TaskState.TASK_STATE_COMPLETED]


def test_any_instance_cancels_a_task_of_another_which_then_does_not_complete(shared):
    async def story(one, other):
        executor = Waiting()
        works, asked = instance(one, executor), instance(other, Waiting())
        begun = await works.on_message_send(message(), ANA)
        await asked.on_cancel_task(CancelTaskRequest(id=begun.id), ANA)
        executor.may_end.set()
        await asyncio.sleep(0.5)
        got = await works.on_get_task(GetTaskRequest(id=begun.id), ANA)
        await works.aclose()
        return got.status.state

    assert shared(story) == TaskState.TASK_STATE_CANCELED


def silent(**fields):
    """A task of which nobody has heard for more than a minute."""
    made = task(state=TaskState.TASK_STATE_WORKING, **fields)
    made.status.timestamp.FromSeconds(int(made.status.timestamp.seconds - SILENCE_SECONDS - 1))
    return made


@pytest.mark.parametrize(
    ("metadata", "revision", "state"),
    [
        ({}, None, TaskState.TASK_STATE_FAILED),
        ({"event_id": "e"}, "abc", TaskState.TASK_STATE_COMPLETED),
        ({"event_id": "e"}, None, TaskState.TASK_STATE_WORKING),
    ],
)
def test_a_task_whose_instance_died_ended_as_what_it_wrote_did(shared, metadata, revision, state):
    async def story(one, other):
        await one.tasks._store.save(
            silent(metadata=metadata), event=None, prev=None, prev_version=TaskVersion.MISSING, context=ANA
        )
        working = await other.tasks.list(ListTasksRequest(status="TASK_STATE_WORKING"), ANA)
        assert [one.status.state for one in working.tasks] == [state] * (
            state == TaskState.TASK_STATE_WORKING
        )
        listed = await other.tasks.list(ListTasksRequest(), ANA)
        return [(await one.tasks.get("t", ANA)).task.status.state, listed.tasks[0].status.state]

    assert shared(story, Events(revision)) == [state, state]


def test_a_write_of_which_nothing_can_be_found_out_now_hides_no_other_task(shared):
    class Away:
        def status(self, event_id, caller):
            raise Unavailable("the store")

    async def story(one, other):
        new = {"event": None, "prev": None, "prev_version": TaskVersion.MISSING, "context": ANA}
        await one.tasks._store.save(silent(metadata={"event_id": "e"}), **new)
        await one.tasks._store.save(task("done"), **new)
        listed = await other.tasks.list(ListTasksRequest(), ANA)
        return {one.id: one.status.state for one in listed.tasks}

    states = {"t": TaskState.TASK_STATE_WORKING, "done": TaskState.TASK_STATE_COMPLETED}
    assert shared(story, Away()) == states


def test_old_tasks_are_deleted_with_all_that_belongs_to_them(shared):
    async def story(one, other):
        old = task("old")
        old.status.timestamp.FromSeconds(old.status.timestamp.seconds - 90_000)
        config = TaskPushNotificationConfig(id="p", url="https://agent.example.com")
        for made in (old, task("new")):
            new = {"event": made, "prev": None, "prev_version": TaskVersion.MISSING}
            await one.tasks.save(made, **new, context=ANA)
            await one.push_configs.set_info(made.id, config, ANA)
        await one.begin.__self__.forget_old()
        left = await other.tasks.list(ListTasksRequest(), ANA)
        told = [len(await one.push_configs.get_info(id_, ANA)) for id_ in ("old", "new")]
        return [one.id for one in left.tasks], told

    assert shared(story) == (["new"], [0, 1])


def test_old_tasks_are_found_however_many_there_are(shared):
    async def story(one, _):
        async with one.begin.__self__._engine.connect() as connection:
            await connection.execute(text("SET work_mem = '64kB'"))
            await connection.execute(text(MANY_TASKS))
            await connection.execute(text("ANALYZE a2a.tasks"))
            plans = [await connection.execute(text(f"EXPLAIN {statement}")) for statement in _FORGET]
            return "\n".join(line for plan in plans for line in plan.scalars())

    assert "SubPlan" not in shared(story)  # which would be gone through once for each row


def test_a_database_that_only_hangs_is_not_waited_for_without_end(monkeypatch):
    class Hanging:
        async def get(self, task_id, context):
            await asyncio.Event().wait()

    monkeypatch.setattr("a2a_gateway.protocol.answering.PATIENCE_SECONDS", 0.01)
    with pytest.raises(Unavailable):
        asyncio.run(LivingTasks(Hanging(), Events()).get("t", ANA))


def test_a_role_that_may_make_no_schema_is_told_so_at_the_start(postgresql):
    url, role = postgresql.new_database(), f"poor_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
    stores = open_stores(url.replace("postgres@", f"{role}@"), Events())
    with pytest.raises(ConfigurationError, match="GRANT CREATE ON DATABASE"):
        asyncio.run(stores.begin())
