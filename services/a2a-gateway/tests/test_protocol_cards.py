"""The agent cards of A2A: what they say, to whom, and that the SDK and everybody else can read them."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest
from a2a.client import A2ACardResolver
from a2a.types.a2a_pb2 import Message, Part
from google.protobuf.json_format import MessageToDict
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.testclient import TestClient

from a2a_gateway.described.card import Home
from a2a_gateway.protocol.card import Declared
from a2a_gateway.protocol.card_routes import card_routes
from a2a_gateway.protocol.selection import EXTENSION, asked
from a2a_gateway.protocol.written_cards import WrittenCards
from a2a_gateway.registry import load_skills

CARD = "/.well-known/agent-card.json"
OF_OLD = "/a2a/v0.3/.well-known/agent-card.json"
BOTH = pytest.mark.parametrize("path", [CARD, OF_OLD])
AT_HOME = "https://nexus.example"
SKILLS = load_skills()
HOME = Home("sealed-knowledge", AT_HOME, is_open=True, takes_tokens=True, requests_per_minute=77)


EVERYTHING = Declared()


def client_of(home=HOME, declared=EVERYTHING):
    return TestClient(Starlette(routes=card_routes(SKILLS, home, declared)), base_url="http://localhost")


def card_of(home=HOME, path=CARD, **declared):
    return client_of(home, Declared(**declared)).get(path).json()


def schemas(card):
    (extension,) = card["capabilities"]["extensions"]
    assert extension["uri"] == EXTENSION
    assert not extension.get("required")
    return extension["params"]["skills"]


def resolved(app, base):
    """The card as the SDK's own resolver finds and parses it."""

    async def found():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            return await A2ACardResolver(client, base).get_agent_card()

    return asyncio.run(found())


@pytest.mark.parametrize(("base", "version"), [("/a2a/v1", "1.0"), ("/a2a/v0.3", "0.3.0")])
def test_the_sdk_finds_and_reads_the_card_of_either_version(world, base, version):
    where = "http://nexus.test:8080"
    card = resolved(world.client.app, where if version == "1.0" else f"{where}{base}")
    assert [(one.url, one.protocol_binding, one.protocol_version) for one in card.supported_interfaces] == [
        (f"{where}{base}", binding, version) for binding in ("JSONRPC", "HTTP+JSON")
    ]
    assert [skill.id for skill in card.skills] == list(world.skills)
    capabilities = card.capabilities
    assert capabilities.streaming and capabilities.push_notifications and capabilities.extended_agent_card
    assert set(MessageToDict(capabilities.extensions[0].params)["skills"]) == set(world.skills)


def test_a_card_speaks_of_its_own_version_alone():
    card, old = card_of(), card_of(path=OF_OLD)
    assert not {"url", "protocolVersion", "preferredTransport", "additionalInterfaces", "security"} & set(
        card
    )
    assert not {"supportedInterfaces", "securityRequirements"} & set(old)
    assert "0.3" not in json.dumps(card["supportedInterfaces"])
    assert (old["url"], old["protocolVersion"]) == (f"{AT_HOME}/a2a/v0.3", "0.3.0")
    assert schemas(card) == schemas(old)


def test_every_example_is_a_call_as_the_skill_takes_it():
    for skill in card_of()["skills"]:
        (example,) = skill["examples"]
        call = asked(Message(parts=[Part(text=example)]), Message().metadata)
        assert SKILLS[call.skill_id].read(call.input) == SKILLS[skill["id"]].example


def test_the_schemas_are_valid_and_say_what_skills_take_and_answer(writer):
    card = writer.client.get(CARD).json()
    assert set(schemas(card)) == set(SKILLS)
    for skill_id, said in schemas(card).items():
        for schema in said.values():
            Draft202012Validator.check_schema(schema)
        given = SKILLS[skill_id].example_given()
        Draft202012Validator(said["inputSchema"]).validate(given)
        answer = answered(writer, skill_id, given)
        Draft202012Validator(said["outputSchema"]).validate(answer)
        assert set(answer) <= set(said["outputSchema"]["properties"])


def answered(world, skill_id, given):
    """What a skill answers over the protocol."""
    parts = [{"data": {"skill": skill_id, "input": given}}]
    body = {"message": {"messageId": skill_id, "role": "ROLE_USER", "parts": parts}}
    told = world.client.post("/a2a/v1/message:send", json=body, headers={"A2A-Version": "1.0"}).json()
    return told["task"]["artifacts"][0]["parts"][0]["data"]


@BOTH
def test_who_has_to_say_who_they_are_is_said_of_skills_and_of_a_closed_service_as_a_whole(path):
    ways = [{"google": ["openid", "email"]}, {"apiKey": []}]
    field = "securityRequirements" if path == CARD else "security"

    def required(part):
        told = part.get(field, [])
        return [_plain(one) for one in told] if path == CARD else told

    card = card_of(path=path)
    assert {skill["id"]: required(skill) for skill in card["skills"]} == {
        skill.id: ways if skill.is_for_writers else [] for skill in SKILLS.values()
    }
    assert required(card) == []
    assert required(card_of(replace(HOME, is_open=False), path)) == ways
    assert AT_HOME in json.dumps(card["securitySchemes"]["google"])
    keys_alone = card_of(replace(HOME, is_open=False, takes_tokens=False), path)
    assert (set(keys_alone["securitySchemes"]), required(keys_alone)) == ({"apiKey"}, [{"apiKey": []}])


def _plain(requirement):
    return {name: scopes.get("list", []) for name, scopes in requirement["schemes"].items()}


def test_a_card_declares_what_it_is_told_to_and_says_so_where_it_is_nothing():
    declared = {"streaming": False, "push": False, "extended": False}
    can = card_of(**declared)["capabilities"]
    assert (can["streaming"], can["pushNotifications"], can["extendedAgentCard"]) == (False, False, False)
    old = card_of(path=OF_OLD, **declared)
    assert not old["capabilities"]["streaming"] and not old.get("supportsAuthenticatedExtendedCard")


@BOTH
def test_nothing_of_the_organisation_is_in_the_open_cards(path):
    agents = {"pattern_miner": "https://miner.internal"}
    other = replace(HOME, knowledge="other", external_agents=agents, requests_per_minute=9)
    told = client_of(other).get(path).content
    assert told == client_of().get(path).content
    assert b"sealed-knowledge" not in told and b"miner.internal" not in told


@BOTH
def test_a_card_that_is_known_is_not_sent_again(path):
    client = client_of()
    answer = client.get(path)
    tag = answer.headers["ETag"]
    assert answer.headers["Content-Type"] == "application/json"
    assert "max-age=300" in answer.headers["Cache-Control"]
    assert answer.headers["Last-Modified"].endswith(" GMT")
    for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        same = client.get(path, headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": f'{tag}x, "x"'}).status_code == 200
    assert client_of().get(path).headers["ETag"] == tag  # of another process as well
    moved = client_of(replace(HOME, public_url="https://elsewhere.example"))
    assert moved.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert client.post(path).status_code == 405


@BOTH
def test_a_card_is_no_longer_than_its_schemas_make_it(path):
    client = client_of()
    whole = client.get(path, headers={"Accept-Encoding": "identity"})
    zipped = client.get(path)
    assert zipped.content == whole.content
    assert (zipped.headers["Content-Encoding"], zipped.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert int(zipped.headers["Content-Length"]) < 30_000
    assert len(whole.content) - len(json.dumps(schemas(whole.json()))) < 15_000


def test_the_address_in_a_card_is_the_public_one_whatever_a_request_says():
    answer = client_of().get(CARD, headers={"Host": "evil.example"})
    assert f"{AT_HOME}/a2a/v1" in answer.text and "evil" not in answer.text


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("nexus.example:8080", "nexus.example:8080"),
        ("[2001:db8::7]:80", "[2001:db8::7]:80"),
        ("[", "localhost:80"),
        ("", "localhost:80"),
        ('x"><script>', "localhost:80"),
        ("user@evil.example", "localhost:80"),
        ("evil.example/path", "localhost:80"),
        (b"\xff.example", "localhost:80"),
        ("a" * 5_000, "localhost:80"),
    ],
)
def test_the_host_that_a_request_names_is_named_only_if_it_can_be_one(host, named):
    card = client_of(replace(HOME, public_url=None)).get(CARD, headers={"Host": host}).json()
    assert {one["url"] for one in card["supportedInterfaces"]} == {f"http://{named}/a2a/v1"}


def test_however_many_hosts_are_named_few_cards_are_kept():
    made = []
    cards = WrittenCards(lambda url: made.append(url) or {"url": url})

    async def ask():
        for number in range(50):
            await cards.at(f"http://{number}.example")
        return await asyncio.gather(*(cards.at("http://new.example") for _ in range(20)))

    assert {one.content for one in asyncio.run(ask())} == {b'{"url":"http://new.example"}'}
    assert (len(made), len(cards)) == (51, 8)


def extended(world, version):
    """The extended card by each binding of a version: status and card."""
    headers = {"A2A-Version": version}
    old = version == "0.3"
    path, method, by_path = (
        ("/a2a/v0.3", "agent/getAuthenticatedExtendedCard", "/v1/card")
        if old
        else ("/a2a/v1", "GetExtendedAgentCard", "/extendedAgentCard")
    )
    body = {"jsonrpc": "2.0", "id": 1, "method": method}
    over_rpc = world.client.post(path, json=body, headers=headers)
    over_http = world.client.get(f"{path}{by_path}", headers=headers)
    return (over_rpc.status_code, over_rpc.json().get("result")), (over_http.status_code, over_http.json())


def test_the_extended_card_is_for_those_who_proved_who_they_are(stranger):
    for version in ("1.0", "0.3"):
        for status, told in extended(stranger, version):
            assert status == 401
            assert "knowledge.git" not in json.dumps(told)


@pytest.mark.parametrize("version", ["1.0", "0.3"])
def test_the_extended_card_tells_known_callers_of_agents_limits_and_what_to_send(writer, version):
    old = version == "0.3"
    for status, card in extended(writer, version):
        assert status == 200
        (extension,) = card["capabilities"]["extensions"]
        assert extension["params"]["knowledgeBase"] == "knowledge.git"
        assert set(extension["params"]) == {"skills", "knowledgeBase", "externalAgents", "limits"}
        assert extension["params"]["limits"]["bodyBytes"] == 1_000_000
        assert card["security" if old else "securityRequirements"]
        where = card["url"] if old else card["supportedInterfaces"][0]["url"]
        assert where == f"http://localhost/a2a/v{version.removesuffix('.0')}"
