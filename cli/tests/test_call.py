"""`devnexus skills` and `devnexus call`, against a gateway that answers what a test has it answer."""

import json
import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from devnexus_cli.calling import waiting
from devnexus_cli.calling.described import Described
from devnexus_cli.calling.gateway import NotReached, Reply
from devnexus_cli.calling.given import read_given
from devnexus_cli.calling.options import credentials, gateway_url
from devnexus_cli.main import main
from devnexus_cli.ports import free_port
from devnexus_cli.running import Running, announced

ANSWER = {"success": True, "matches": [], "total_matches": 0}


class Stub:
    """A gateway that answers in this order, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    @contextmanager
    def serving(self):
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                stub.asked.append((self.command, self.path, json.loads(content or "null"), self.headers))
                status, body, *headers = stub.answers.pop(0)
                self.send_response(status)
                for name, value in (headers[0] if headers else {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

            do_GET = do_POST = answer

            def log_message(self, *_):
                """Keep quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()


def call(*arguments, answer=(200, ANSWER), **kinds):
    """What the command says to one answer, and what the gateway was asked."""
    stub = Stub(answer)
    with stub.serving() as url:
        result = CliRunner().invoke(main, ["call", *arguments, "--url", url], **kinds)
    return result, stub.asked


def test_an_answer_is_printed_as_json_and_the_input_is_typed_by_the_skill():
    pairs = ["patterns=Retry with backoff, Outbox", "min_matches=2", "repository=acme/api"]
    result, [(method, path, given, _)] = call("query_patterns", *pairs)
    assert (result.exit_code, json.loads(result.stdout)) == (0, ANSWER)
    assert (method, path) == ("POST", "/skills/query_patterns")
    assert given == {
        "patterns": ["Retry with backoff", "Outbox"],
        "min_matches": 2,
        "repository": "acme/api",
    }


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ["query_patterns", "paterns=x"],
            "paterns: query_patterns has no such field; did you mean patterns?",
        ),
        (["query_patterns", "min_matches=many"], "min_matches: 'many' is not integer"),
        (["query_patterns", "min_matches=0"], "min_matches: Input should be greater than or equal to 1"),
        (["query_patterns", 'patterns=["x'], "patterns: list of string, to be written as JSON"),
        (["get_repository_list", "include_metadata=maybe"], "include_metadata: 'maybe' is not boolean"),
        (["get_write_status"], "event_id: Field required"),
        (["query_patterns", "patterns"], "'patterns' is not KEY=VALUE"),
        (["query_patterns", "--json", "-"], "holds no JSON"),
    ],
)
def test_a_mistake_is_named_before_anything_is_sent(arguments, problem):
    result, asked = call(*arguments)
    assert (result.exit_code, asked) == (2, [])
    assert problem in result.stderr


def test_a_file_gives_the_input_and_a_pair_replaces_a_field_of_it():
    given = '{"patterns": ["Outbox"], "min_matches": 3}'
    result, [(_, _, sent, _)] = call("query_patterns", "min_matches=1", "--json", "-", input=given)
    assert (result.exit_code, sent) == (0, {"patterns": ["Outbox"], "min_matches": 1})


def test_a_refusal_is_said_on_stderr_with_what_else_is_told_and_nothing_is_printed():
    refused = {
        "success": False,
        "error": "Unknown repository: a/b\x9b",
        "available_repositories": ["acme/api"],
    }
    result, _ = call("query_patterns", "patterns=x", answer=(404, refused))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: Unknown repository: a/b\\u009b\n")
    assert "acme/api" in result.stderr


def test_who_is_not_known_is_told_how_to_say_who_they_are():
    result, _ = call("query_patterns", "patterns=x", answer=(401, {"error": "Authentication required"}))
    assert result.exit_code == 1
    assert "--api-key-file" in result.stderr


def test_text_that_a_terminal_would_obey_comes_out_escaped_and_is_still_json():
    answer = {"success": True, "text": "a\x1b[31m\u202eb\U000e0001"}
    result, _ = call("query_patterns", "patterns=x", answer=(200, answer))
    assert json.loads(result.stdout) == answer
    assert result.stdout.replace("\n", "").isprintable()


@pytest.mark.parametrize("answer", [(502, b"<html>"), (200, b"[]")])
def test_what_is_no_gateway_is_said_to_be_none(answer):
    result, _ = call("query_patterns", "patterns=x", answer=answer)
    assert (result.exit_code, "is that a gateway?" in result.stderr) == (1, True)


def test_a_gateway_that_is_not_there_is_said_not_to_be_there():
    result = CliRunner().invoke(
        main, ["call", "query_patterns", "patterns=x", "--url", f"http://127.0.0.1:{free_port()}"]
    )
    assert (result.exit_code, "devnexus run" in result.stderr) == (1, True)


def test_a_skill_that_only_the_service_knows_is_read_by_its_card():
    skill = {"id": "new", "input_schema": {"properties": {"deep": {"type": "object"}}}}
    stub = Stub((200, {"skills": [skill]}), (200, ANSWER))
    with stub.serving() as url:
        result = CliRunner().invoke(main, ["call", "new", 'deep={"a": [1]}', "--url", url])
    assert (result.exit_code, stub.asked[1][1:3]) == (0, ("/skills/new", {"deep": {"a": [1]}}))
    unknown, asked = call("nope", answer=(200, {"skills": []}))
    assert (unknown.exit_code, [path for _, path, *_ in asked]) == (2, ["/.well-known/agent.json"])
    assert "no skill is called nope" in unknown.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "header", "value"),
    [
        (["--token", "t1"], {"DEVNEXUS_TOKEN": "t0"}, "Authorization", "Bearer t1"),
        ([], {"DEVNEXUS_TOKEN": "t0"}, "Authorization", "Bearer t0"),
        (["--token-file", "FILE"], {}, "Authorization", "Bearer secret"),
        (["--api-key-file", "FILE"], {"DEVNEXUS_TOKEN": "t0"}, "X-API-Key", "secret"),
        ([], {}, "Authorization", None),
    ],
)
def test_who_asks_is_said_in_a_header(tmp_path, monkeypatch, arguments, environment, header, value):
    monkeypatch.delenv("DEVNEXUS_TOKEN", raising=False)
    path = tmp_path / "secret"
    path.write_text("secret\n")
    given = [str(path) if one == "FILE" else one for one in arguments]
    _, [(*_, headers)] = call("query_patterns", "patterns=x", *given, env=environment)
    assert headers.get(header) == value


def test_two_ways_to_say_who_asks_are_one_too_many(tmp_path):
    path = tmp_path / "secret"
    path.write_text("a b")
    result, asked = call("query_patterns", "--token", "x", "--token-file", str(path))
    assert (result.exit_code, asked) == (2, [])
    result, asked = call("query_patterns", "patterns=x", "--token-file", str(path))
    assert (result.exit_code, asked, "a b" in result.stderr) == (2, [], False)


@pytest.mark.parametrize(("host", "is_sent"), [(None, True), ("localhost", True), ("[::1]", False)])
def test_the_run_in_home_is_asked_as_oneself_and_nobody_else(tmp_path, monkeypatch, host, is_sent):
    monkeypatch.delenv("DEVNEXUS_TOKEN", raising=False)
    stub = Stub((200, ANSWER))
    with stub.serving() as url:
        running = Running(project="p", pubsub="x", services={"a2a-gateway": url}, heartbeat="h")
        with announced(tmp_path, running):
            where = gateway_url(host and url.replace("127.0.0.1", host), tmp_path)
            sent = credentials(None, None, None, url=where, home=tmp_path)
            result = CliRunner().invoke(
                main, ["call", "query_patterns", "patterns=x", "--home", str(tmp_path)]
            )
    assert sent.get("Authorization", "").startswith("Bearer ey") is is_sent
    assert result.exit_code == 0
    assert stub.asked[0][3]["Authorization"].startswith("Bearer ey")


def test_credentials_are_not_sent_on_to_where_an_answer_points():
    elsewhere = Stub((200, ANSWER))
    with elsewhere.serving() as url:
        answer = (302, {"error": "Moved"}, {"Location": f"{url}/skills/query_patterns"})
        result, asked = call("query_patterns", "patterns=x", "--token", "t", answer=answer)
    assert (result.exit_code, len(asked), elsewhere.asked) == (1, 1, [])


QUEUED = {"success": True, "state": "async_queued", "workflow_id": "w/1", "polling_interval_ms": 1}


class Tasks:
    """A gateway whose task is as the replies say, one after the other."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.cancelled = []

    def task(self, task_id):
        reply = self.replies.pop(0)
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def cancel(self, task_id):
        self.cancelled.append(task_id)


def running(step):
    return Reply(200, {"status": "running", "metadata": {"current_step": step}})


def test_a_task_is_waited_for_through_an_absence_of_the_gateway(capsys):
    done = Reply(200, {"status": "completed", "answer": ANSWER})
    tasks = Tasks(running("reads\x1b"), running("reads\x1b"), NotReached("gone"), Reply(503, {}), done)
    assert waiting.wait(tasks, QUEUED, sleep=lambda _: None) == ANSWER
    assert capsys.readouterr().err == "reads\\u001b\n"


def test_a_task_that_fails_is_a_refusal():
    failed = Reply(200, {"success": False, "status": "failed", "error": "GitHub is away"})
    assert waiting.wait(Tasks(failed), QUEUED, sleep=lambda _: None)["error"] == "GitHub is away"
    unknown = Reply(404, {"success": False, "error": "Unknown task: w/1"})
    assert waiting.wait(Tasks(unknown), QUEUED, sleep=lambda _: None)["success"] is False


def test_interrupting_gives_the_task_up():
    tasks = Tasks(running("reads"), KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        waiting.wait(tasks, QUEUED, sleep=lambda _: None)
    assert tasks.cancelled == ["w/1"]


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "1", "1"),
        ({"type": "string"}, '["x"]', '["x"]'),
        ({"type": "number"}, "0.5", 0.5),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "7", 7),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "a=b", "a=b"),
        ({"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}, "1,2", [1, 2]),
        ({"enum": ["low", "high"]}, "low", "low"),
        ({"type": "array", "items": {"type": "object"}}, '{"a": 1}', [{"a": 1}]),
        ({"type": "array", "items": {"type": "object"}}, '[{"a": 1}]', [{"a": 1}]),
        ({"type": "array", "items": {"type": "string"}}, "", []),
        ({"anyOf": [{"type": "object"}, {"type": "string"}]}, '{"a": 1}', {"a": 1}),
        ({"type": "boolean"}, "No", False),
        ({}, "anything", "anything"),
    ],
)
def test_a_value_is_read_as_its_schema_says(schema, text, value):
    skill = Described.model_validate({"id": "x", "input_schema": {"properties": {"f": schema}}})
    assert read_given(skill, [f"f={text}"]) == {"f": value}


def test_the_skills_are_listed_and_one_says_what_it_takes_and_how_to_try_it():
    listed = CliRunner().invoke(main, ["skills"])
    assert re.search("^get_write_status +writers  Tell", listed.stdout, re.MULTILINE)
    one = CliRunner().invoke(main, ["skills", "query_patterns"])
    assert "  min_matches  integer, default 1\n      How many" in one.stdout
    assert "try: devnexus call query_patterns patterns='Retry with backoff'" in one.stdout
    none = CliRunner().invoke(main, ["skills", "nope"])
    assert (none.exit_code, "no skill is called nope" in none.stderr) == (2, True)


def test_the_skills_of_a_running_service_are_read_from_its_card():
    stub = Stub((200, {"skills": [{"id": "new", "description": "It is new\x1b."}]}))
    with stub.serving() as url:
        result = CliRunner().invoke(main, ["skills", "--url", url])
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "new  readers  It is new\\u001b.")
