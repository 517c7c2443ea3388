"""Waits for a task, and says meanwhile what it does."""

import time
from collections.abc import Callable, Mapping

import click

from devnexus.printable import printable
from devnexus_cli.calling.gateway import Gateway, NotReached, Reply

_LEAST_SECONDS = 0.2
_MOST_SECONDS = 30.0
_PATIENCE = 5
"""So often in a row a gateway may be away; it goes on with the task meanwhile."""


def wait(
    gateway: Gateway, queued: Mapping[str, object], *, sleep: Callable[[float], None] = time.sleep
) -> Mapping[str, object]:
    """The answer of a task once it is there, or the refusal that it ended in; Ctrl-C gives it up."""
    task_id, pause = str(queued.get("workflow_id")), _pause(queued)
    said = ""
    try:
        while True:
            sleep(pause)
            told = _ask(gateway, task_id, pause, sleep)
            if (answer := _answer(told)) is not None:
                return answer
            if (step := _step(told)) and step != said:
                click.echo(printable(step), err=True)
                said = step
    except KeyboardInterrupt:
        gateway.cancel(task_id)
        click.echo(f"task {printable(task_id)} is given up", err=True)
        raise


def _ask(gateway: Gateway, task_id: str, pause: float, sleep: Callable[[float], None]) -> Reply:
    for _ in range(_PATIENCE - 1):
        try:
            told = gateway.task(task_id)
        except NotReached:
            sleep(pause)
            continue
        if told.status < 500:
            return told
        sleep(pause)
    return gateway.task(task_id)


def _answer(told: Reply) -> Mapping[str, object] | None:
    """What there is to show at the end; None while the task goes on."""
    answer, status = told.body.get("answer"), told.body.get("status")
    if status == "completed" and isinstance(answer, dict):
        return answer
    return None if status in {"queued", "running"} else {**told.body, "success": False}


def _step(told: Reply) -> str:
    about = told.body.get("metadata")
    return str(about.get("current_step") or "") if isinstance(about, dict) else ""


def _pause(queued: Mapping[str, object]) -> float:
    asked = queued.get("polling_interval_ms")
    seconds = asked / 1000 if isinstance(asked, int | float) else 2.0
    return min(max(seconds, _LEAST_SECONDS), _MOST_SECONDS)
