"""Who comes in: nobody who does not belong, whatever they send and whatever they want."""

import secrets
import time
from functools import partial

import pytest
from builders import repository
from fakes.issuer import AUDIENCE, Certificates, changed, encoded, signed_with_public_key, token, unsigned

from a2a_gateway.answer import Message
from a2a_gateway.entrance import entrance
from a2a_gateway.registry import load_skills
from a2a_gateway.settings import Settings
from a2a_gateway.skill import WritingSkill
from a2a_gateway.writes.report import Report, WrittenAnswer
from devnexus.errors import ConfigurationError
from devnexus.events import LessonLearned
from devnexus.identity.google_keys import fetch_google_keys
from devnexus.outbound import Outbound
from devnexus.settings import read_settings

ROBOT = "robot@nexus.iam.gserviceaccount.com"
KEYS = {name: secrets.token_hex(16) for name in ("dashboard", "deployer", "stranger")}
DEPLOYED = {
    "KNOWLEDGE": "/k.git",
    "GOOGLE_CLOUD_PROJECT": "p",
    "DATABASE_URL": "sqlite:////state.db",
    "HOST": "0.0.0.0",
    "PUBLIC_URL": AUDIENCE,
    "READERS": f"example.com, bob@elsewhere.example, {ROBOT}, dashboard",
    "ALLOWED_SERVICE_ACCOUNTS": "ana@example.com, deployer",
    "API_KEYS": "\n".join(f"{name}={key}" for name, key in KEYS.items()),
}
NOW = int(time.time())


def note(given, knowledge):
    def event(origin):
        who = {"caller": origin.caller, "skill": origin.skill, "key": origin.key, "at": origin.at}
        what = {"cause": "live", "category": "cost", "lesson": "It adds up", "context": "Invoices"}
        return LessonLearned(repository=repository(), **who, **what)

    return Report(what="a note", event=event, answer=lambda record: WrittenAnswer())


NOTE = WritingSkill(
    **{"id": "note", "name": "Note", "description": "Notes.", "tags": ()},
    **{"input": Message, "output": WrittenAnswer, "run": note, "example": Message()},
)


@pytest.fixture
def google():
    with Certificates("a", "b") as certificates:
        yield certificates


@pytest.fixture
def deploy(make_world, google):
    return lambda **changes: make_world(**deployed_with(google, **changes))


@pytest.fixture(scope="module")
def deployed(world_class, tmp_path_factory):
    """One deployed gateway for all who try to come in."""
    with Certificates("a", "b") as google:
        world = world_class(tmp_path_factory.mktemp("deployed") / "k.git", **deployed_with(google))
        yield world
        world.store.close()


def deployed_with(google, **changes):
    """What makes a world one that is deployed with these settings."""
    environment = {**DEPLOYED, **changes}
    fetch = partial(fetch_google_keys, Outbound(allow_private=True, seconds=2), google.address)
    in_front = entrance(read_settings(Settings, environment), environment, fetch=fetch)
    return {"in_front": in_front, "skills": {**load_skills(), "note": NOTE}}


def statuses(world, headers):
    """What each kind of request comes to."""
    browser = [*headers, *world.BROWSER.items()]

    def execute(skill):
        call = {"skill_id": skill, "input": {}}
        return world.client.post("/a2a/execute", json=call, headers=headers).status_code

    return {
        "page": world.client.get("/overview", headers=browser).status_code,
        "card": world.client.get("/.well-known/agent.json", headers=headers).status_code,
        "read": execute("get_repository_list"),
        "write": execute("note"),
    }


def both(status, write=None):
    return {"page": status, "card": status, "read": status, "write": write or status}


def bearer(credential):
    return ("Authorization", f"Bearer {credential}")


def api_key(name):
    return ("X-API-Key", KEYS[name])


READER = token("zoe@example.com")
WRITER = token()
STRANGER = token("eve@evil.example")

COME_IN = {
    "a reader by domain": ([bearer(READER)], 403),
    "a reader by address": ([bearer(token("bob@elsewhere.example", hd=None))], 403),
    "a reader in other letters": ([bearer(token("Bob@Elsewhere.example", hd=None))], 403),
    "a service account that reads": ([bearer(token(ROBOT, hd=None))], 403),
    "a writer": ([bearer(WRITER)], 200),
    "a scheme in small letters": ([("authorization", f"bearer {WRITER}")], 200),
    "the other name of the issuer": ([bearer(token(iss="accounts.google.com"))], 200),
    "the other key of the issuer": ([bearer(token(signed_by="b"))], 200),
    "a token of a clock that is ahead": ([bearer(token(iat=NOW + 5))], 200),
    "a key that reads": ([api_key("dashboard")], 403),
    "a key that writes": ([api_key("deployer")], 200),
}
STAY_OUT = {
    "nobody": ([], 401),
    "a token for another audience": ([bearer(token(aud="https://other.example.com"))], 401),
    "a token for the same host at another scheme": ([bearer(token(aud="http://nexus.example.com"))], 401),
    "a token for no audience": ([bearer(token(aud=None))], 401),
    "an expired token": ([bearer(token(exp=NOW - 3600))], 401),
    "a token without an end": ([bearer(token(exp=None))], 401),
    "a token of no time": ([bearer(token(iat=None))], 401),
    "a token that ends beyond all numbers": ([bearer(token(exp=1e400))], 401),
    "a token that is not valid yet": ([bearer(token(nbf=NOW + 600))], 401),
    "a token of the future": ([bearer(token(iat=NOW + 600))], 401),
    "an e-mail address that nobody verified": ([bearer(token(email_verified=False))], 401),
    "an address verified by a word": ([bearer(token(email_verified="true"))], 401),
    "no word on whether it is verified": ([bearer(token(email_verified=None))], 401),
    "no e-mail address": ([bearer(token(None))], 401),
    "an address that is a domain": ([bearer(token("example.com"))], 401),
    "an address that is the name of a key": ([bearer(token("deployer"))], 401),
    "an address with a letter that looks like another": ([bearer(token("ana@example.com"[:-1] + "ⅿ"))], 401),
    "somebody who is not listed": ([bearer(STRANGER)], 403),
    "a subdomain of a reader's": ([bearer(token("eve@sub.example.com"))], 403),
    "a domain that ends in a reader's": ([bearer(token("eve@evil-example.com"))], 403),
    "an account that its domain does not manage": ([bearer(token("zoe@example.com", hd=None))], 403),
    "an account that another domain manages": ([bearer(token("zoe@example.com", hd="evil.example"))], 403),
    "a domain that manages another's account": ([bearer(token("eve@evil.example", hd="example.com"))], 403),
    "another issuer": ([bearer(token(iss="https://evil.example"))], 401),
    "an issuer that nearly is Google": ([bearer(token(iss=f"{AUDIENCE}/accounts.google.com"))], 401),
    "an issuer that is a list": ([bearer(changed(WRITER, iss=["accounts.google.com"]))], 401),
    "alg none": ([bearer(unsigned(WRITER))], 401),
    "HS256 with the public key": ([bearer(signed_with_public_key(WRITER))], 401),
    "a key that is not published": ([bearer(token(signed_by="retired"))], 401),
    "a stranger's key with the name of a published one": ([bearer(token(signed_by="evil", kid="a"))], 401),
    "the name of the other key": ([bearer(token(signed_by="a", kid="b"))], 401),
    "a name of a key that is no text": ([bearer(f"{encoded({'alg': 'RS256', 'kid': 7})}.e30.AAAA")], 401),
    "claims that were changed": ([bearer(changed(STRANGER, email="ana@example.com"))], 401),
    "a token without its signature": ([bearer(WRITER.rpartition(".")[0] + ".")], 401),
    "a token whose signature Cloud Run took": (
        [bearer(WRITER.rpartition(".")[0] + ".SIGNATURE_REMOVED_BY_GOOGLE")],
        401,
    ),
    "garbage": ([bearer("garbage")], 401),
    "garbage with dots": ([bearer("a.b.c")], 401),
    "JSON without an end": ([bearer(f"{encoded(0)[:-1]}.{'W1tb' * 1500}.")], 401),
    "bytes": ([("Authorization", b"Bearer \xff\xfe")], 401),
    "a token that is too long": ([bearer("a" * 10_000)], 401),
    "an empty header": ([("Authorization", "")], 401),
    "a scheme without a token": ([("Authorization", "Bearer")], 401),
    "a token without a scheme": ([("Authorization", WRITER)], 401),
    "another scheme": ([("Authorization", "Basic YW5hOnNlY3JldA==")], 401),
    "two headers": ([bearer(WRITER), bearer(WRITER)], 401),
    "two headers of which one is fine": ([bearer(WRITER), bearer("garbage")], 401),
    "two tokens in one header": ([("Authorization", f"Bearer {WRITER}, Bearer {WRITER}")], 401),
    "a token and a key that disagree": ([bearer(WRITER), api_key("dashboard")], 401),
    "a wrong key": ([("X-API-Key", "0" * 32)], 401),
    "a key in pieces": ([("X-API-Key", KEYS["deployer"][:-1])], 401),
    "an empty key": ([("X-API-Key", "")], 401),
    "a key as a token": ([bearer(KEYS["deployer"])], 401),
    "a token as a key": ([("X-API-Key", WRITER)], 401),
    "a key that is not listed": ([api_key("stranger")], 403),
    "the name of a key": ([("X-API-Key", "deployer")], 401),
}


@pytest.mark.parametrize(("headers", "write"), COME_IN.values(), ids=COME_IN)
def test_who_belongs_comes_in(deployed, headers, write):
    assert statuses(deployed, headers) == both(200, write)


@pytest.mark.parametrize(("headers", "status"), STAY_OUT.values(), ids=STAY_OUT)
def test_who_does_not_belong_stays_out_and_is_told_why(deployed, headers, status):
    assert statuses(deployed, headers) == both(status)
    answer = deployed.client.get("/.well-known/agent.json", headers=headers)
    assert set(answer.json()) == {"success", "error", "message", "timestamp", "execution_time_ms"}
    assert not answer.json()["success"]
    told = f"{answer.text} {answer.headers}"
    for _, sent in headers:
        said = sent.decode("latin-1") if isinstance(sent, bytes) else sent
        assert not any(part in told for part in said.replace(".", " ").split() if len(part) > 20)


def test_a_bad_credential_is_not_taken_for_none_where_anybody_may_read(deploy):
    world = deploy(ANONYMOUS_READS="all")
    sent = {case: headers for case, (headers, _) in STAY_OUT.items() if headers}
    came_in = {case: statuses(world, headers) for case, headers in sent.items()}
    assert {case: got for case, got in came_in.items() if not {401, 403}.issuperset(got.values())} == {}


def test_whoever_sends_nothing_reads_only_where_that_was_said(deploy):
    world = deploy(ANONYMOUS_READS="true")
    assert statuses(world, []) == both(200, write=401)
    asked = world.client.post("/a2a/execute", json={"skill_id": "note"})
    assert asked.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ([], "Bearer"),
        ([bearer(token(exp=1))], "The token has expired: get a new one"),
        ([bearer(token(aud="x"))], f"The token is meant for another audience: get one for {AUDIENCE}"),
        ([bearer(token(email_verified=False))], "did not verify the e-mail address"),
        ([bearer(token(iss="x"))], "of an issuer that is not known here"),
        ([bearer(unsigned(WRITER))], "The token is not signed with RS256"),
        ([bearer(WRITER), api_key("dashboard")], "several credentials: send one"),
        ([("X-API-Key", "0" * 32)], "X-API-Key is none of the keys"),
    ],
)
def test_a_401_says_in_its_header_what_is_wrong_and_what_to_do(deployed, headers, challenge):
    asked = deployed.client.get("/overview", headers=headers).headers["WWW-Authenticate"]
    assert challenge in asked
    assert ('error="invalid_token"' in asked) == bool(headers)


def test_health_and_what_may_be_asked_are_told_to_anybody(deploy):
    client = deploy().client
    assert client.get("/health", headers=[bearer("garbage")]).status_code == 200
    answer = client.options("/a2a/execute")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get("/health/").status_code == client.get("//health").status_code == 401


CARDS = ("/.well-known/agent-card.json", "/a2a/v0.3/.well-known/agent-card.json")


def test_the_agent_cards_are_open_and_nothing_beside_them(deploy):
    client = deploy().client
    for path in CARDS:
        assert (client.get(path).status_code, client.head(path).status_code) == (200, 200)
        for near in (f"{path}/", f"/{path}", f"{path}%0A", f"{path}/x", path.upper()):
            assert client.get(near).status_code == 401
        assert client.post(path, json={}).status_code == 401
        assert client.get(path, headers=[bearer("garbage")]).status_code == 401
        assert client.get(path, headers=[bearer(WRITER)]).content == client.get(path).content
    for path in (
        "/.well-known/agent.json",
        "/a2a/v1/extendedAgentCard",
        "/a2a/v1/tasks",
        "/a2a/v0.3/v1/card",
    ):
        assert client.get(path, headers={"A2A-Version": "1.0"}).status_code == 401
    for path in ("/a2a/v1", "/a2a/v1/message:send", "/a2a/v0.3", "/a2a/v0.3/v1/message:send"):
        assert client.post(path, json={}).status_code == 401


def test_behind_cloud_run_the_cards_name_https(deploy):
    client = deploy(K_SERVICE="nexus", PUBLIC_URL="", AUDIENCE=AUDIENCE).client
    for path in CARDS:
        told = client.get(path, headers={"Host": "nexus-1.europe-west1.run.app"}).text
        assert '"https://nexus-1.europe-west1.run.app/a2a/v' in told and "http://nexus" not in told


def test_agent_cards_are_asked_for_as_often_as_anything_else(deploy):
    client = deploy(REQUESTS_PER_MINUTE="3").client
    assert [client.get(path).status_code for path in (*CARDS, *CARDS)] == [200, 200, 200, 429]


def test_a_page_of_a_named_origin_may_speak_a2a(deploy):
    client = deploy(CORS_ORIGINS="https://app.example.com").client
    page = {"Origin": "https://app.example.com"}
    sent = {"Access-Control-Request-Headers": "a2a-version, a2a-extensions, authorization, content-type"}
    for method in ("POST", "DELETE"):
        asking = {**page, **sent, "Access-Control-Request-Method": method}
        assert client.options("/a2a/v1/tasks/1/pushNotificationConfigs/2", headers=asking).status_code == 200
    card = client.get(CARDS[0], headers=page)
    assert {"ETag", "A2A-Extensions"} <= set(card.headers["Access-Control-Expose-Headers"].split(", "))
    assert {"Origin", "Accept-Encoding"} == set(card.headers["Vary"].split(", "))


def test_a_page_of_a_named_origin_may_call_and_no_other(deploy):
    client = deploy(CORS_ORIGINS="https://app.example.com").client
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    ours, theirs = {"Origin": "https://app.example.com"}, {"Origin": "https://x.app.example.com"}
    allowed = client.options("/a2a/execute", headers={**asking, **ours})
    assert allowed.headers["Access-Control-Allow-Origin"] == ours["Origin"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    assert client.get("/overview", headers=ours).headers["Access-Control-Allow-Origin"] == ours["Origin"]
    for answer in (
        client.options("/a2a/execute", headers={**asking, **theirs}),
        client.get("/overview", headers=theirs),
        deploy().client.get("/overview", headers=ours),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_while_google_cannot_be_reached_a_token_is_neither_believed_nor_called_wrong(deploy, google):
    google.status = 500
    world = deploy()
    assert statuses(world, [bearer(WRITER)]) == both(503)
    assert world.client.get("/", headers=[bearer(WRITER)]).headers["Retry-After"] == "5"
    assert statuses(world, [bearer(token(iss="x"))]) == both(401)
    assert statuses(world, [api_key("deployer")]) == both(200)
    assert google.asked == 1


def test_a_token_for_another_audience_is_for_one_of_several(deploy):
    world = deploy(AUDIENCE=f"https://a.example, {AUDIENCE}")
    assert statuses(world, [bearer(WRITER)]) == both(200)
    assert statuses(deploy(AUDIENCE="https://a.example"), [bearer(WRITER)]) == both(401)


def test_who_asks_too_often_is_told_when_to_come_back_and_others_are_not_kept(deploy):
    client = deploy(REQUESTS_PER_MINUTE="3", ANONYMOUS_READS="true").client
    ana, zoe = [bearer(WRITER)], [bearer(READER)]
    assert [client.get("/overview", headers=ana).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/overview", headers=ana)
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert refused.json()["error"] == "Too many requests"
    assert client.get("/overview", headers=[bearer(token(sub="2"))]).status_code == 429
    for others in (zoe, [api_key("dashboard")], []):
        assert client.get("/overview", headers=others).status_code == 200
    assert client.get("/health", headers=ana).status_code == 200


def test_who_owns_the_machine_asks_as_often_as_they_like(deploy):
    client = deploy(REQUESTS_PER_MINUTE="1", ANONYMOUS_READS="all").client
    assert {client.get("/overview").status_code for _ in range(3)} == {200}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"PUBLIC_URL": ""}, "set PUBLIC_URL to the address that callers use, or AUDIENCE"),
        ({"K_SERVICE": "nexus", "LOCAL_ISSUER": "/keys.json"}, "LOCAL_ISSUER is for one's own machine"),
        ({"K_SERVICE": "nexus", "ANONYMOUS_READS": "all"}, "ANONYMOUS_READS=all would show private"),
        ({"LOCAL_ISSUER": "/none/keys.json"}, "LOCAL_ISSUER: /none/keys.json cannot be read"),
        ({"API_KEYS": "deployer=short"}, "API_KEYS: line 1: the key should have 32"),
    ],
)
def test_settings_that_would_let_in_the_wrong_people_stop_the_start(deploy, changes, problem):
    with pytest.raises(ConfigurationError, match=problem):
        deploy(**changes)


def test_without_an_audience_keys_are_enough(deploy):
    world = deploy(PUBLIC_URL="", READERS="dashboard", ALLOWED_SERVICE_ACCOUNTS="deployer")
    assert statuses(world, [api_key("deployer")]) == both(200)
    assert statuses(world, [bearer(WRITER)]) == both(401)


def test_only_a_route_that_the_settings_open_takes_calls_without_credentials(deploy):
    lesson = {"repo": "acme/api", "lesson": "l", "confidence": 0.8, "category": "triage_analysis"}
    path = "/api/kb/lessons-learned"
    assert deploy().client.post(path, json=lesson).status_code == 401
    world = deploy(LEGACY_OPEN_ROUTES=f"POST {path}")
    assert world.client.post(path, json=lesson).status_code == 201
    assert world.client.post("/api/kb/cross-repo-patterns", json={}).status_code == 401
    headers = {"Authorization": "Bearer none"}
    assert world.client.post(path, json=lesson, headers=headers).status_code == 401
