"""Speaks A2A 0.3 through the SDK of its time: what to send comes on stdin, what became of it goes out."""

import asyncio
import json
import sys

from a2a.client import ClientConfig, ClientFactory
from a2a.client.errors import A2AClientError
from a2a.types import Message, TaskIdParams, TaskQueryParams


async def answers(url, transport, streaming, conversations):
    """What is told in each of the conversations."""
    config = ClientConfig(streaming=streaming, supported_transports=[transport], use_client_preference=True)
    async with await ClientFactory.connect(url, client_config=config) as client:
        return [await conversation(client, messages) for messages in conversations]


async def conversation(client, messages):
    """The task after each message, of which each goes on where the one before left off."""
    task, told = None, []
    for message in messages:
        goes_on = {"task_id": task.id, "context_id": task.context_id} if task else {}
        states = []
        async for task, _ in client.send_message(Message.model_validate({**message, **goes_on})):
            states.append(task.status.state.value)
        told.append({"states": states, "task": plain(task)})
    again = await client.get_task(TaskQueryParams(id=task.id))
    return {"told": told, "again": plain(again), "cancelled": await cancelled(client, task)}


def plain(task):
    return task.model_dump(mode="json", exclude_none=True)


async def cancelled(client, task):
    """What is said to a task being cancelled that has ended."""
    try:
        return (await client.cancel_task(TaskIdParams(id=task.id))).status.state.value
    except A2AClientError as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    json.dump(asyncio.run(answers(**json.load(sys.stdin))), sys.stdout)
