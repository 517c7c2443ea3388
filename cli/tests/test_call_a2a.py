"""`devnexus call --a2a`, against an agent whose one skill goes as a test has it."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from a2a.helpers import new_data_part, new_task_from_user_message, new_text_part
from a2a.server.agent_execution import AgentExecutor
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes, create_rest_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types.a2a_pb2 import AgentCapabilities, AgentCard, AgentExtension, AgentInterface, AgentSkill
from a2a.utils.errors import TaskNotCancelableError
from click.testing import CliRunner
from served import served
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from a2a_gateway.protocol.selection import EXTENSION, asked
from a2a_gateway.protocol.values import as_value
from devnexus_cli.main import main
from devnexus_cli.ports import free_port

ANSWER = {"success": True, "steps": 2}
TAKES = {"properties": {"deep": {"type": "object"}, "idempotency_key": {"type": "string"}}}
PARAMS = {"skills": {"dig": {"inputSchema": TAKES}}}


class Agent(AgentExecutor):
    """Does `work(updater)` for each message, and remembers what came; cuts streams after some pieces."""

    def __init__(self, work, *, binding="JSONRPC", streams=True, elsewhere=None, cut_after=None):
        self.work, self.binding, self.streams, self.elsewhere = work, binding, streams, elsewhere
        self.asked, self.requests, self.cancelled = [], [], []
        self.cut_after = cut_after

    @contextmanager
    def serving(self):
        self.card = AgentCard(
            name="x",
            description="x",
            version="1",
            capabilities=AgentCapabilities(
                streaming=self.streams,
                extensions=[AgentExtension(uri=EXTENSION, params=as_value(PARAMS).struct_value)],
            ),
            default_input_modes=["application/json"],
            default_output_modes=["application/json"],
            skills=[AgentSkill(id="dig", name="Dig", description="Digs", tags=["x"])],
        )
        handler = DefaultRequestHandlerV2(self, InMemoryTaskStore(), self.card)
        routes = [
            *create_agent_card_routes(self.card),
            *create_jsonrpc_routes(handler, "/rpc"),
            *create_rest_routes(handler, path_prefix="/rest"),
        ]
        self.app = Starlette(routes=routes)
        with served(self) as url:
            paths = {"JSONRPC": "/rpc", "HTTP+JSON": "/rest", "GRPC": ""}
            here = self.elsewhere or url
            for binding in (self.binding, "JSONRPC") if self.binding != "GRPC" else ("GRPC",):
                interface = AgentInterface(
                    url=here + paths[binding], protocol_binding=binding, protocol_version="1.0"
                )
                self.card.supported_interfaces.append(interface)
            yield url

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append((scope["path"], headers))
        left = self.cut_after

        async def cutting(message):
            nonlocal left
            if message["type"] == "http.response.body" and message.get("more_body") and left is not None:
                left -= 1
                if left < 0:
                    raise ConnectionResetError("cut by the test")
            await send(message)

        await self.app(scope, receive, cutting)

    async def execute(self, context, event_queue):
        self.asked.append(asked(context.message, context.message.metadata))
        await event_queue.enqueue_event(new_task_from_user_message(context.message))
        await self.work(TaskUpdater(event_queue, context.task_id, context.context_id))

    async def cancel(self, context, event_queue):
        self.cancelled.append(context.task_id)
        await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()


async def digs(task):
    for step in ("looks\x1b", "looks\x1b", "digs"):
        await task.start_work(task.new_agent_message([new_text_part(step)]))
    await task.add_artifact([new_data_part(ANSWER)])
    await task.complete()


def call(agent, *arguments, **kinds):
    with agent.serving() as url:
        return CliRunner().invoke(main, ["call", "--a2a", url, *arguments], **kinds)


def test_a_skill_is_read_by_the_card_called_and_its_steps_are_said_on_the_way():
    agent = Agent(digs)
    result = call(agent, "dig", 'deep={"a": [1]}')
    assert (result.exit_code, json.loads(result.stdout)) == (0, ANSWER)
    assert result.stderr == "looks\\u001b\ndigs\n"
    [one] = agent.asked
    assert (one.skill_id, one.input) == ("dig", {"deep": {"a": [1]}})
    assert agent.requests[-1][1]["a2a-extensions"] == EXTENSION
    unknown = call(agent, "dog")
    assert (unknown.exit_code, "no skill is called dog" in unknown.stderr) == (2, True)


@pytest.mark.parametrize(("binding", "path"), [("JSONRPC", "/rpc"), ("HTTP+JSON", "/rest/message:stream")])
def test_the_binding_is_the_one_that_the_card_prefers(binding, path):
    agent = Agent(digs, binding=binding)
    assert call(agent, "dig").exit_code == 0
    assert agent.requests[-1][0] == path


def test_an_agent_that_does_not_stream_is_asked_now_and_then(monkeypatch):
    async def slowly(task):
        await asyncio.sleep(0.3)
        await digs(task)

    monkeypatch.setattr("devnexus_cli.calling.a2a_task._PAUSE_SECONDS", 0.05)
    agent = Agent(slowly, binding="HTTP+JSON", streams=False)
    result = call(agent, "dig")
    assert (result.exit_code, json.loads(result.stdout)) == (0, ANSWER)
    assert {path.partition("/rest/")[2][:5] for path, _ in agent.requests} == {"", "messa", "tasks"}


def test_a_stream_that_is_cut_loses_nothing(monkeypatch):
    monkeypatch.setattr("devnexus_cli.calling.a2a_task._PAUSE_SECONDS", 0.05)
    agent = Agent(digs, cut_after=1)
    result = call(agent, "dig")
    assert (result.exit_code, json.loads(result.stdout)) == (0, ANSWER)
    assert len(agent.asked) == 1


def test_a_call_of_which_nothing_is_known_says_how_to_send_it_again():
    agent = Agent(digs, cut_after=0)
    result = call(agent, "dig")
    assert result.exit_code == 1
    assert "send it again with idempotency_key=a2a:" in result.stderr
    given = call(agent, "dig", "idempotency_key=mine")
    assert "idempotency_key=mine" in given.stderr


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("failed", "Error: too deep\n"),
        ("requires_input", '"state": "input required"'),
        ("reject", "rejected"),
    ],
)
def test_a_task_that_ends_otherwise_is_a_refusal(ending, said):
    async def ends(task):
        message = task.new_agent_message([new_text_part("too deep"), new_data_part({"error": "too deep"})])
        await getattr(task, ending)(message)

    result = call(Agent(ends), "dig")
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr


def test_who_asks_is_said_where_the_card_came_from_and_nowhere_else():
    agent = Agent(digs)
    assert call(agent, "dig", "--token", "t").exit_code == 0
    assert {headers.get("authorization") for _, headers in agent.requests} == {"Bearer t"}
    with agent.serving() as other:
        pointing = Agent(digs, elsewhere=other)
        agent.requests.clear()
        result = call(pointing, "dig", "--token", "t")
    assert result.exit_code == 0
    assert "asked without credentials: the card points to " in result.stderr
    assert [headers.get("authorization") for _, headers in agent.requests] == [None]


def test_what_is_no_agent_is_said_to_be_none():
    nobody = CliRunner().invoke(main, ["call", "--a2a", f"http://127.0.0.1:{free_port()}", "dig"])
    assert (nobody.exit_code, "no agent card can be read" in nobody.stderr) == (1, True)
    other = call(Agent(digs, binding="GRPC"), "dig")
    assert (other.exit_code, "it offers GRPC 1.0" in other.stderr) == (1, True)
    both = CliRunner().invoke(main, ["call", "--a2a", "http://x", "--url", "http://y", "dig"])
    assert (both.exit_code, "one of --url and --a2a" in both.stderr) == (2, True)


CARD = {
    "name": "x",
    "description": "x",
    "version": "1",
    "capabilities": {"streaming": True},
    "defaultInputModes": ["application/json"],
    "defaultOutputModes": ["application/json"],
    "skills": [{"id": "dig", "name": "Dig", "description": "Digs", "tags": ["x"]}],
}


def odd(card, answer=b"", status=200):
    """What is said to such a card, and to such an answer of the agent."""

    async def show(_):
        content = card if isinstance(card, bytes) else json.dumps(card)
        return Response(content, status, media_type="application/json")

    async def rpc(_):
        return Response(
            answer, media_type="text/event-stream" if answer[:5] == b"data:" else "application/json"
        )

    app = Starlette(
        routes=[Route("/.well-known/agent-card.json", show), Route("/rpc", rpc, methods=["POST"])]
    )
    with served(app) as url:
        if not isinstance(card, bytes):
            interface = {"url": f"{url}/rpc", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}
            card = {"supportedInterfaces": [interface], **card}
        return CliRunner().invoke(main, ["call", "--a2a", url, "dig"])


@pytest.mark.parametrize(
    "card",
    [
        b"\xff",
        b"[" * 100_000,
        {**CARD, "skills": 7},
        {**CARD, "supportedInterfaces": [{"url": "http://[", "protocolBinding": "JSONRPC"}]},
    ],
    ids=["no text", "too deep", "no skills", "no address"],
)
def test_a_card_that_is_none_is_said_to_be_none(card):
    result = odd(card)
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.search("no agent card can be read|no address to ask at", result.stderr)


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b'{"jsonrpc": "2.0", "id": 1, "result": 5}',
        b'{"jsonrpc": "2.0", "id": 1, "result": {}}',
        b'data: {"jsonrpc": "2.0", "id": 1, "result": {"task": {"id": [1]}}}\n\n',
        b"data: " + b"[" * 100_000 + b"\n\n",
    ],
    ids=["no JSON", "no result", "nothing", "another type", "too deep"],
)
def test_an_answer_that_is_none_is_said_to_be_none(answer):
    result = odd(CARD, answer)
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.search("answers is no A2A|ended its answer", result.stderr)


def test_a_card_that_is_shown_to_known_callers_only_says_how_to_be_one():
    result = odd(CARD, status=401)
    assert (result.exit_code, "--api-key-file" in result.stderr) == (1, True)


@pytest.mark.parametrize("refuses", [False, True])
def test_an_interrupt_cancels_the_task_or_says_which_goes_on(refuses):
    async def digs_on(task):
        await task.start_work(task.new_agent_message([new_text_part("digs")]))
        await asyncio.sleep(60)

    class Stubborn(Agent):
        async def cancel(self, context, event_queue):
            self.cancelled.append(context.task_id)
            if refuses:
                raise TaskNotCancelableError("it will be recorded")
            await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()

    agent = Stubborn(digs_on)
    with agent.serving() as url:
        command = [sys.executable, "-m", "devnexus_cli.main", "call", "--a2a", url, "dig"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stderr.readline() == "digs\n"
        process.send_signal(signal.SIGINT)
        output, said = process.communicate(timeout=30)
    [task] = agent.cancelled
    assert (process.returncode, output) == (1, "")
    assert f"task {task} " + ("is not cancelled: it will" if refuses else "is given up") in said


def test_the_command_line_starts_without_the_client():
    program = "import sys, devnexus_cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"a2a", "httpx", "a2a_gateway"} & {*done.stdout.split()}
