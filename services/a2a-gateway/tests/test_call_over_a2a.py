"""`devnexus call --a2a`, against the whole application on a real socket."""

import json

from click.testing import CliRunner
from served import served

from devnexus_cli.main import main


def call(world, *arguments):
    with served(world.client.app) as url:
        return CliRunner().invoke(main, ["call", "--a2a", url, *arguments])


def test_the_answer_is_that_of_the_plain_call(world):
    result = call(world, "query_patterns", "keywords=retry", "min_matches=1")
    plainly = world.execute("query_patterns", keywords=["retry"], min_matches=1).json()
    answer = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert answer == {name: plainly[name] for name in answer}
    assert set(plainly) - set(answer) == {"timestamp", "execution_time_ms"}


def test_a_write_is_waited_for_until_it_is_committed(writer):
    result = call(writer, "add_repository", "repository=acme/new")
    assert (result.exit_code, json.loads(result.stdout)["committed"]) == (0, True)
    assert result.stderr == "accepted, waiting for its commit\n"


def test_a_refusal_is_said_as_by_the_plain_call(world, stranger):
    unknown = call(world, "get_receipt", "repository=acme/none")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith("Error: Unknown repository: acme/none. get_repository_list names")
    assert "acme/billing" in unknown.stderr
    anonymous = call(stranger, "add_repository", "repository=acme/new")
    assert anonymous.exit_code == 1
    cause, remedy = anonymous.stderr.splitlines()
    assert cause == "Error: add_repository is for callers who say who they are"
    assert "--api-key-file" in remedy
