"""The protocol as its official client speaks it, over a real socket: every skill, both bindings."""

import asyncio
import uuid

import httpx
import pytest
from a2a.client import A2ACardResolver, ClientConfig, create_client
from a2a.types.a2a_pb2 import Message, Part, Role, SendMessageRequest, TaskState
from served import served

from a2a_gateway.protocol.selection import EXTENSION
from a2a_gateway.protocol.values import as_value, plain
from a2a_gateway.registry import load_skills
from a2a_gateway.skill import WritingSkill

SKILLS = load_skills()
OF_THE_MOMENT = {"timestamp", "execution_time_ms", "latency_ms", "since_date"}
BINDINGS = ("JSONRPC", "HTTP+JSON")
WAYS = [(binding, streams) for binding in BINDINGS for streams in (False, True)]

every_skill = pytest.mark.parametrize("skill", SKILLS.values(), ids=lambda skill: skill.id)


def message_for(skill_id, given, message_id):
    return Message(
        message_id=message_id,
        role=Role.ROLE_USER,
        parts=[Part(data=as_value(given))],
        extensions=[EXTENSION],
        metadata={EXTENSION: {"skillId": skill_id}},
    )


async def sent(card, binding, streams, message):
    """The answer, and the states that were told on the way to it."""
    config = ClientConfig(streaming=streams, supported_protocol_bindings=[binding])
    states, artifacts = [], []
    async with await create_client(card, config) as client:
        async for told in client.send_message(SendMessageRequest(message=message)):
            match told.WhichOneof("payload"):
                case "task":
                    states.append(told.task.status.state)
                    artifacts.extend(told.task.artifacts)
                case "status_update":
                    states.append(told.status_update.status.state)
                case "artifact_update":
                    artifacts.append(told.artifact_update.artifact)
    [part] = [part for artifact in artifacts for part in artifact.parts]
    return plain(part.data), states


async def card_of(url):
    async with httpx.AsyncClient() as http:
        return await A2ACardResolver(http, url).get_agent_card()


def lasting(answer):
    """What is the same each time."""
    if isinstance(answer, list):
        return [lasting(one) for one in answer]
    if isinstance(answer, dict):
        return {name: lasting(value) for name, value in answer.items() if name not in OF_THE_MOMENT}
    return answer


@every_skill
def test_its_example_is_answered_as_by_execute(writer, skill):
    call = {"skill_id": skill.id, "input": skill.example_given()}
    writer.client.post("/a2a/execute", json=call)  # what is new the first time is known from now on
    with served(writer.client.app) as url:
        card = asyncio.run(card_of(url))
        for binding, streams in WAYS:
            message = message_for(skill.id, skill.example_given(), uuid.uuid4().hex)
            answer, states = asyncio.run(sent(card, binding, streams, message))
            same = {"Idempotency-Key": f"a2a:{message.message_id}"}
            plainly = writer.client.post("/a2a/execute", json=call, headers=same).json()
            assert lasting(answer) == lasting(plainly)
            assert {*plainly} - {*answer} == {"timestamp", "execution_time_ms"}
            assert answer.get("committed", True) is True
            assert states[-1] == TaskState.TASK_STATE_COMPLETED
            if streams and isinstance(skill, WritingSkill):
                assert states[0] == TaskState.TASK_STATE_WORKING
