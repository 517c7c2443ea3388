"""`devnexus token`: tokens that the gateway of a run on this machine takes, and nobody else does."""

import asyncio

import pytest
from click.testing import CliRunner

from a2a_gateway.callers.local_issuer import read_local_issuer
from devnexus.identity.issuer_keys import FixedKeys
from devnexus.identity.proven import Identity, NotVerified
from devnexus.identity.tokens import Tokens
from devnexus_cli.local_issuer import local_key_set
from devnexus_cli.main import main
from devnexus_cli.running import Running, announced

HERE = "http://127.0.0.1:8080"


def run(home, *arguments):
    return CliRunner().invoke(main, ["token", *arguments, "--home", str(home)])


def name_in(token, home, audience=HERE):
    issuer, keys = read_local_issuer(local_key_set(home))
    tokens = Tokens({issuer: FixedKeys(keys)}, audiences=[audience])
    return asyncio.run(tokens.identity(token))


def test_a_token_names_whom_it_is_for_to_the_run_of_that_home_alone(tmp_path):
    token = run(tmp_path / "a", "you@localhost", "--audience", HERE).stdout.strip()
    assert name_in(token, tmp_path / "a") == Identity("you@localhost", "localhost")
    for home, audience in ((tmp_path / "b", HERE), (tmp_path / "a", "http://127.0.0.1:8081")):
        with pytest.raises(NotVerified):
            name_in(token, home, audience)


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path):
    tokens = [run(tmp_path, "you@localhost", "--audience", HERE).stdout.strip() for _ in range(2)]
    assert all(name_in(token, tmp_path) for token in tokens)
    assert (tmp_path / "issuer-key.pem").stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in local_key_set(tmp_path).read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["issuer-key.pem", "issuer-keys.json"]


def test_the_audience_is_the_gateway_that_runs_there(tmp_path):
    refused = run(tmp_path, "you@localhost")
    assert refused.exit_code == 1
    assert "nothing runs with" in refused.stderr
    running = Running(project="p", pubsub="127.0.0.1:1", services={"a2a-gateway": HERE}, heartbeat="/h")
    with announced(tmp_path, running):
        assert name_in(run(tmp_path, "you@localhost").stdout.strip(), tmp_path)


def test_what_is_no_address_or_no_key_is_said(tmp_path):
    assert "'you' is no e-mail address" in run(tmp_path, "you", "--audience", HERE).stderr
    (tmp_path / "issuer-key.pem").write_text("nonsense")
    assert "holds no private key: delete it" in run(tmp_path, "you@localhost", "--audience", HERE).stderr
