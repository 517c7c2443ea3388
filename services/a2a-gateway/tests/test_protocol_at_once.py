"""A question whose answer is at hand goes past the SDK's queues, and nobody can tell by the task."""

import json

import pytest
from a2a.server.cluster.task_store import LegacyTaskStoreAdapter

V1 = {"A2A-Version": "1.0"}


def question(skill_id="get_repository_list", given=None, **more):
    parts = [{"data": given or {}}]
    metadata = {"skillId": skill_id}
    return {"message": {"messageId": "m-1", "role": "ROLE_USER", "parts": parts, "metadata": metadata} | more}


def sent(world, asked, **configuration):
    body = {**asked, "configuration": configuration}
    return world.client.post("/a2a/v1/message:send", json=body, headers=V1)


def without_what_differs(task):
    for own in (task["status"], task["status"].get("message", {})):
        own.pop("timestamp", None)
        own.pop("messageId", None)
    return json.loads(json.dumps(task).replace(task["id"], "<id>"))


@pytest.mark.parametrize(
    ("skill_id", "given"), [("get_repository_list", {}), ("get_receipt", {"repository": "acme/none"})]
)
def test_the_task_is_the_one_that_a_stream_tells_of(world, skill_id, given):
    asked = question(skill_id, given, contextId="c-1")
    with world.client:
        answered = sent(world, asked).json()["task"]
        stream = world.client.post("/a2a/v1/message:stream", json=asked, headers=V1).text
    (told,) = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: ")]
    assert answered["contextId"] == "c-1"
    assert without_what_differs(answered) == without_what_differs(told["task"])


def test_it_is_kept_with_its_history_however_little_of_that_was_asked_for(world):
    answered = sent(world, question(), historyLength=0).json()["task"]
    kept = world.client.get(f"/a2a/v1/tasks/{answered['id']}", headers=V1).json()
    assert "history" not in answered
    assert [one["messageId"] for one in kept.pop("history")] == ["m-1"]
    assert kept == answered


def test_nothing_is_kept_for_followers_that_it_cannot_have(world, monkeypatch):
    kept, save = [], LegacyTaskStoreAdapter.save

    async def noted(self, task, **how):
        kept.append(how["event"])
        return await save(self, task, **how)

    monkeypatch.setattr(LegacyTaskStoreAdapter, "save", noted)
    sent(world, question())
    assert kept == [None]


def test_what_the_sdk_refuses_is_refused(world):
    without_id = question(messageId="")
    image = question(parts=[{"data": {}, "mediaType": "image/png"}])
    reasons = [
        answer.json()["error"]["details"][0]["reason"]
        for answer in (sent(world, without_id), sent(world, image), sent(world, question(), historyLength=-1))
    ]
    assert reasons == ["INVALID_PARAMS", "CONTENT_TYPE_NOT_SUPPORTED", "INVALID_PARAMS"]
