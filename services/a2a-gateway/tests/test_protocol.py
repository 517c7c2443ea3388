"""Calls in the protocol's own words, over the whole application."""

import gc

from a2a_gateway.protocol.places import Places

V1 = {"A2A-Version": "1.0"}


def sent(world, skill_id=None, given=None, *, message=None, **more):
    parts = [{"data": given}] if given is not None else [{"text": "hello"}]
    metadata = {"metadata": {"skillId": skill_id}} if skill_id else {}
    asked = {"messageId": "m-1", "role": "ROLE_USER", "parts": parts, **metadata, **(message or {})}
    return world.client.post("/a2a/v1/message:send", json={"message": asked, **more}, headers=V1)


def called(world, skill_id, given):
    asked = {"messageId": "m-2", "role": "ROLE_USER", "parts": [{"data": given}]}
    params = {"message": {**asked, "metadata": {"skillId": skill_id}}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": params}
    return world.client.post("/a2a/v1", json=body, headers=V1)


def test_a_call_is_a_task_with_the_answer_that_every_other_way_in_gives(world):
    given = {"keywords": ["retry"]}
    plain = world.execute("query_patterns", **given).json()
    over_http, over_rpc = sent(world, "query_patterns", given), called(world, "query_patterns", given)
    for task in (over_http.json()["task"], over_rpc.json()["result"]["task"]):
        assert task["status"]["state"] == "TASK_STATE_COMPLETED"
        answer = task["artifacts"][0]["parts"][0]["data"]
        assert answer == {name: plain[name] for name in answer}
        assert set(plain) - set(answer) == {"timestamp", "execution_time_ms"}


def test_a_message_that_names_no_skill_is_asked_for_one_and_may_go_on(world):
    with world.client:  # one event loop for both requests
        task = sent(world).json()["task"]
        went_on = sent(
            world, "get_repository_list", {}, message={"taskId": task["id"], "messageId": "m-3"}
        ).json()
    assert task["status"]["state"] == "TASK_STATE_INPUT_REQUIRED"
    words, listed = task["status"]["message"]["parts"]
    assert "get_repository_list" in words["text"]
    assert {"query_patterns"} <= {skill["id"] for skill in listed["data"]["skills"]}
    assert (went_on["task"]["id"], went_on["task"]["status"]["state"]) == (task["id"], "TASK_STATE_COMPLETED")


def test_what_is_wrong_with_a_call_is_said_by_field_before_there_is_a_task(world):
    unknown, wrong = sent(world, "no_such_skill", {}), sent(world, "query_patterns", {"repository": 7})
    for refused, field in ((unknown, "skillId"), (wrong, "input.repository")):
        assert refused.status_code == 400
        violations = refused.json()["error"]["details"][1]["fieldViolations"]
        assert [one["field"] for one in violations] == [field]
    rpc = called(world, "no_such_skill", {}).json()["error"]
    assert rpc["code"] == -32602
    assert world.client.get("/a2a/v1/tasks", headers=V1).json().get("tasks", []) == []


def test_a_skill_that_refuses_ends_its_task_as_failed_with_the_reason(world):
    plain = world.execute("get_receipt", repository="acme/none").json()
    task = sent(world, "get_receipt", {"repository": "acme/none"}).json()["task"]
    assert task["status"]["state"] == "TASK_STATE_FAILED"
    words, body = task["status"]["message"]["parts"]
    assert words["text"] == plain["error"] == body["data"]["error"]


def test_who_may_not_write_is_told_by_http_in_both_bindings(stranger):
    for refused in (
        sent(stranger, "add_repository", {"repository": "a/b"}),
        called(stranger, "add_repository", {"repository": "a/b"}),
    ):
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert "error" in refused.json()


def test_a_write_is_done_once_it_is_committed(writer):
    task = sent(writer, "add_repository", {"repository": "acme/new"}).json()["task"]
    assert task["status"]["state"] == "TASK_STATE_COMPLETED"
    answer = task["artifacts"][0]["parts"][0]["data"]
    assert answer["committed"] is True
    assert task["metadata"]["event_id"] == answer["event_id"]
    refused = writer.client.post(f"/a2a/v1/tasks/{task['id']}:cancel", headers=V1)
    assert refused.json()["error"]["details"][0]["reason"] == "TASK_NOT_CANCELABLE"


def test_answers_are_of_the_media_type_in_which_was_asked(world):
    """1.0.0 has plain JSON everywhere, 1.0.1 would rather have a type of its own."""

    def kind(method, path, **headers):
        body = {"content": b"{}"} if method == "POST" else {}
        answer = world.client.request(method, f"/a2a/v1{path}", headers={**V1, **headers}, **body)
        return world.mimetype(answer)

    own, plain = "application/a2a+json", "application/json"
    assert kind("GET", "/tasks") == kind("GET", "/tasks", accept=own) == own
    assert kind("GET", "/tasks", accept=plain) == kind("GET", "/tasks/none") == plain
    for sent_as in (own, plain):
        assert kind("POST", "/message:send", **{"content-type": sent_as}) == sent_as


def test_a_message_to_a_task_that_has_ended_is_refused_and_leaves_nothing_in_the_event_loop(world, caplog):
    with world.client:
        task = sent(world, "get_repository_list", {}).json()["task"]
        refused = sent(world, message={"taskId": task["id"], "messageId": "m-4"})
        gc.collect()
    assert refused.json()["error"]["details"][0]["reason"] == "UNSUPPORTED_OPERATION"
    assert [record.name for record in caplog.records if record.name == "asyncio"] == []


def test_where_too_much_is_under_way_a_question_is_still_answered(request, monkeypatch):
    full = Places("calls under way", most=0, per_caller=1)
    monkeypatch.setattr("a2a_gateway.protocol.serving.working_places", lambda: full)
    writer = request.getfixturevalue("writer")
    refused = called(writer, "add_repository", {"repository": "acme/new"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert refused.json()["error"]["code"] == -32053
    assert sent(writer, "get_repository_list", {}).status_code == 200
