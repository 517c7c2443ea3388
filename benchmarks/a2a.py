"""How many messages of A2A the gateway answers, beside the barest agents that the SDK makes.

    python benchmarks/a2a.py [--json] [--rounds 3] [--seconds 1.2] [--repositories 1000] [--pushes 100]

`SendMessage` over 1 and 16 kept connections, as JSON-RPC and as HTTP+JSON, again and again, all agents in
turn, so that what else this machine does falls on all of them. The gateway runs as its image runs it, and
answers `get_pattern_health` from a base of 10 repositories (1 kB) and `query_patterns` from one of 1,000
(20 kB), made by the real fold (once a day), some hundred different questions each. The others run the same
way. They send back what they get: with a task as the SDK's samples make one (four events; also with the SDK's
spans, which nobody reads here), with a task that is told of once, and with a mere message. One more
says what the gateway answers to `query_patterns`: so much does the SDK alone take for that. Every answer is
looked at: it is a completed task, or the message.

`of_baseline` is how many answers there are for each of `echo_task`'s, or for the larger ones of
`echo_task_20kb`'s, the median over the rounds; `processor_ms_each` what an agent itself worked for one, which
depends less on what else this machine does.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import product
from pathlib import Path

from gateway import gateway, questions
from many_connections import Request
from organisation_base import organisation_base
from served import Figures, Served

from devnexus_cli.ports import free_port
from devnexus_cli.stack import COMMANDS

CONNECTIONS = (1, 16)
BINDINGS = ("jsonrpc", "http_json")
BASELINE, LARGE_BASELINE = "echo_task", "echo_task_20kb"

_HEADERS = {"A2A-Version": "1.0"}
_RPC, _REST = "/a2a/v1", "/a2a/v1/message:send"
_SMALL = (10, 10)
_SOME = 240
_SPANS = "OTEL_INSTRUMENTATION_A2A_SDK_ENABLED"
_START_SECONDS = 60
_WARM_UP_SECONDS = 0.5

Cell = tuple[str, str, int]
"""An agent, a binding, so many connections."""


@dataclass(frozen=True)
class Agent:
    """One that is measured."""

    served: Served
    skill: str = "get_pattern_health"
    holding: str = '"TASK_STATE_COMPLETED"'
    """What every answer of it holds."""
    baseline: str = BASELINE
    bindings: tuple[str, ...] = BINDINGS

    def ask(self, binding: str, connections: int, seconds: float) -> Figures:
        """How it answers."""
        requests = _messages(self.skill, binding)
        return self.served.ask(requests, connections, seconds, headers=_HEADERS, holding=self.holding)

    def answer_bytes(self) -> int:
        """How long its answers are, on average."""
        some = _messages(self.skill, "http_json")[:_SOME]
        answers = [_answer(self.served.port, one) for one in some]
        return round(statistics.mean(map(len, answers)))


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.2, help="for each figure of each round")
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--pushes", type=int, default=100, help="of each repository")
    options = parser.parse_args()
    large = organisation_base(options.repositories, options.pushes)
    with (
        tempfile.TemporaryDirectory(prefix="devnexus-benchmark-", ignore_cleanup_errors=True) as scratch,
        ExitStack() as running,
    ):
        agents = _agents(large, Path(scratch), running)
        sizes = {name: agent.answer_bytes() for name, agent in agents.items()}
        figures = measure(agents, options.rounds, options.seconds)
    if options.json:
        print(json.dumps(_flat(figures) | {f"{name}_answer_bytes": size for name, size in sizes.items()}))
    else:
        _print(figures, sizes)


def measure(agents: Mapping[str, Agent], rounds: int, seconds: float) -> Mapping[Cell, Figures]:
    """What came out of all rounds, for each agent in each way; names end in their unit."""
    for agent, binding in product(agents.values(), BINDINGS):
        agent.ask(binding, max(CONNECTIONS), _WARM_UP_SECONDS)
    cells = [
        (name, binding, connections)
        for binding, connections, (name, agent) in product(BINDINGS, CONNECTIONS, agents.items())
        if binding in agent.bindings
    ]
    kept: dict[Cell, list[Figures]] = {cell: [] for cell in cells}
    for _ in range(rounds):
        for name, binding, connections in cells:
            kept[name, binding, connections].append(agents[name].ask(binding, connections, seconds))
    return {
        (name, *way): _summed_up(of, kept[agents[name].baseline, *way]) for (name, *way), of in kept.items()
    }


def _summed_up(of: list[Figures], baseline: list[Figures]) -> Figures:
    shares = [one["per_second"] / other["per_second"] for one, other in zip(of, baseline, strict=True)]
    return {
        "per_second_median": round(statistics.median(one["per_second"] for one in of), 1),
        "per_second_best": round(max(one["per_second"] for one in of), 1),
        "of_baseline": round(statistics.median(shares), 2),
        **{
            what: round(statistics.median(one[what] for one in of), 2)
            for what in ("p50_ms", "p99_ms", "processor_ms_each", "client_processor_percent")
        },
    }


def _agents(large: Path, scratch: Path, running: ExitStack) -> Mapping[str, Agent]:
    """All of them, in the order of the table."""

    def echo(what: str, **environment: str) -> Served:
        return running.enter_context(_echo(scratch, ECHO=what, **environment))

    ours_small = running.enter_context(gateway(str(organisation_base(*_SMALL)), scratch))
    ours_large = running.enter_context(gateway(str(large), scratch))
    answers = [json.loads(_answer(ours_large.port, one)) for one in questions()["query_patterns"]]
    said = scratch / "said.json"
    said.write_text(json.dumps(answers))
    return {
        BASELINE: Agent(echo("task")),
        "gateway_1kb": Agent(ours_small),
        LARGE_BASELINE: Agent(echo("task", SAID=str(said)), "query_patterns", baseline=LARGE_BASELINE),
        "gateway_20kb": Agent(ours_large, skill="query_patterns", baseline=LARGE_BASELINE),
        "echo_task_with_spans": Agent(echo("task", **{_SPANS: "true"}), bindings=("jsonrpc",)),
        "echo_task_at_once": Agent(echo("task_at_once")),
        "echo_message": Agent(echo("message"), holding='"ROLE_AGENT"'),
    }


def _messages(skill: str, binding: str) -> list[Request]:
    """The skill's questions as messages, each with an id of its own."""
    sent = [
        {
            "message": {
                "messageId": str(uuid.uuid4()),
                "role": "ROLE_USER",
                "parts": [{"data": call["input"], "mediaType": "application/json"}],
                "metadata": {"skillId": skill},
            }
        }
        for _, call in questions()[skill]
    ]
    if binding == "http_json":
        return [(_REST, one) for one in sent]
    return [
        (_RPC, {"jsonrpc": "2.0", "id": number, "method": "SendMessage", "params": one})
        for number, one in enumerate(sent)
    ]


@contextmanager
def _echo(scratch: Path, **environment: str) -> Iterator[Served]:
    """One of the others, run as the gateway is."""
    port = free_port()
    command = (*COMMANDS["a2a-gateway"][:-1], "echo_agents:create_app()")
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONPATH": str(Path(__file__).with_name("a2a_agents")),
        _SPANS: "false",
    }
    with (scratch / f"log-{port}").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **settings, **environment}, stdout=log, stderr=log
        )
        try:
            _wait_for_an_answer(process, port, Path(log.name))
            yield Served(process, port)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for_an_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            _answer(port, _messages("query_patterns", "http_json")[0])
        except OSError:
            time.sleep(0.02)
        else:
            return
    sys.exit(f"the echo did not start: {log.read_text()[-2000:]}")


def _answer(port: int, request: Request) -> str:
    path, body = request
    connection = HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
    try:
        connection.request("POST", path, json.dumps(body), {**_HEADERS, "Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"the answer to {request} was {answer.status}")
        return answer.read().decode()
    finally:
        connection.close()


def _flat(figures: Mapping[Cell, Figures]) -> Figures:
    return {
        f"{name}_{binding}_at_{connections}_{what}": value
        for (name, binding, connections), of in figures.items()
        for what, value in of.items()
    }


def _print(figures: Mapping[Cell, Figures], sizes: Mapping[str, int]) -> None:
    columns = next(iter(figures.values()))
    print(f"{'':<38}" + "".join(f"{what.replace('_', ' '):>26}" for what in columns))
    for (name, binding, connections), of in figures.items():
        what = f"{name}, {binding}, {connections}"
        print(f"{what:<38}" + "".join(f"{value:>26,.2f}" for value in of.values()))
    for name, size in sizes.items():
        print(f"an answer of {name}: {size / 1e3:,.1f} kB")


if __name__ == "__main__":
    main()
