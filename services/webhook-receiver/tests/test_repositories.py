"""Webhooks about repositories and installations: what they become, and whose are listened to."""

import json
from datetime import UTC, datetime

import pytest
from fakes.pubsub import FakePublisher
from flask import Flask

from devnexus.errors import ConfigurationError
from devnexus.secrets import Secret
from devnexus.timestamps import write
from webhook_receiver.allowed import EVERYBODY, parse_allowed
from webhook_receiver.routes import webhook_routes
from webhook_receiver.settings import read
from webhook_receiver.signature import sign

SECRET = Secret(b"current secret")
SENT_AT_NOON = "65f8a000-e709-11f0-8000-325096b39f47"
"""A UUID of version 1 made at 2026-01-01T12:00:00Z, as GitHub numbers deliveries."""

FEW = {"id": 42, "node_id": "x", "name": "billing", "full_name": "acme/billing", "private": True}
WHOLE = {
    **FEW,
    "html_url": "https://github.com/acme/billing",
    "default_branch": "trunk",
    "visibility": "private",
    "owner": {"login": "acme"},
}
INSTALLATION = {"id": 7, "account": {"login": "acme", "html_url": "https://github.com/acme"}}
ANYBODY = {"GOOGLE_CLOUD_PROJECT": "p", "GITHUB_WEBHOOK_SECRET": "s"}


class World:
    def __init__(self, allowed=EVERYBODY, knowledge_repository=None):
        self.broker = FakePublisher()
        app = Flask(__name__)
        app.register_blueprint(
            webhook_routes(
                secrets=(SECRET,),
                publisher=self.broker,
                allowed=allowed,
                knowledge_repository=knowledge_repository,
            )
        )
        self._client = app.test_client()

    def send(self, kind, payload, *, delivery=SENT_AT_NOON):
        body = json.dumps(payload).encode()
        headers = {
            "X-Hub-Signature-256": sign(body, SECRET),
            "X-GitHub-Event": kind,
            "X-GitHub-Delivery": delivery,
        }
        return self._client.post("/webhooks/github", data=body, headers=headers)

    def told(self):
        return [event.TYPE for event in self.broker.published]


def installation(action, **changes):
    return {"action": action, "installation": INSTALLATION, "repositories": [FEW], **changes}


def selection(*, added=(), removed=()):
    return {
        "action": "added" if added else "removed",
        "installation": INSTALLATION,
        "repositories_added": list(added),
        "repositories_removed": list(removed),
    }


def change(action, changes=None, **repository):
    return {
        "action": action,
        "repository": {**WHOLE, **repository},
        "changes": changes or {},
        "installation": {"id": 7},
    }


FOLLOWED = ["repository.registered.v1", "snapshot.requested.v1"]
LEFT = ["repository.removed.v1"]


@pytest.mark.parametrize(
    ("kind", "payload", "told"),
    [
        ("installation", installation("created"), FOLLOWED),
        ("installation", installation("unsuspend"), FOLLOWED),
        ("installation", installation("deleted"), LEFT),
        ("installation", installation("suspend"), LEFT),
        ("installation_repositories", selection(added=[FEW]), FOLLOWED),
        ("installation_repositories", selection(removed=[FEW]), LEFT),
        ("repository", change("created"), FOLLOWED),
        ("repository", change("deleted"), LEFT),
        (
            "repository",
            change("renamed", {"repository": {"name": {"from": "bills"}}}),
            ["repository.renamed.v1"],
        ),
        ("repository", change("archived"), ["repository.changed.v1"]),
        (
            "repository",
            change("edited", {"default_branch": {"from": "main"}}),
            ["repository.changed.v1", "snapshot.requested.v1"],
        ),
    ],
)
def test_what_happens_to_repositories_is_told_of_each(kind, payload, told):
    world = World()
    assert world.send(kind, payload).status_code == 202
    assert world.told() == told
    assert {event.repository.id for event in world.broker.published} == {"github.com/42"}


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("ping", {"zen": "x", "hook_id": 1}),
        ("installation", installation("new_permissions_accepted")),
        ("installation", {"action": "suspend", "installation": INSTALLATION}),
        ("repository", change("edited", {"description": {"from": "x"}})),
        ("repository", change("starred_by_nobody")),
        ("repository", change("renamed")),
        ("check_run", {"action": "created"}),
    ],
)
def test_what_changes_nothing_is_acknowledged_with_the_reason(kind, payload):
    world = World()
    answer = world.send(kind, payload)
    assert (answer.status_code, world.told()) == (200, [])
    assert answer.json["reason"]


@pytest.mark.parametrize(
    ("action", "repository", "field", "value"),
    [
        ("archived", {}, "archived", True),
        ("unarchived", {}, "archived", False),
        ("publicized", {"private": False, "visibility": "public"}, "visibility", "public"),
        ("privatized", {"visibility": "internal"}, "visibility", "internal"),
        ("privatized", {"visibility": None}, "visibility", "private"),
        ("publicized", {"private": False, "visibility": "secret"}, "visibility", "public"),
    ],
)
def test_a_change_says_what_is_so_from_now_on(action, repository, field, value):
    world = World()
    world.send("repository", change(action, **repository))
    (event,) = world.broker.published
    assert getattr(event, field) == value


def test_a_rename_and_a_transfer_tell_the_whole_former_name():
    world = World()
    world.send("repository", change("renamed", {"repository": {"name": {"from": "bills"}}}))
    world.send("repository", change("transferred", {"owner": {"from": {"organization": {"login": "old"}}}}))
    world.send("repository", change("transferred", {"owner": {"from": {"user": {"login": "ada"}}}}))
    assert [event.former_name for event in world.broker.published] == [
        "acme/bills",
        "old/billing",
        "ada/billing",
    ]


def test_a_redelivery_makes_the_same_records_at_the_time_of_the_first():
    world = World()
    for _ in range(2):
        world.send("installation", installation("created"))
    first, again = world.broker.published[:2], world.broker.published[2:]
    assert first == again
    assert write(first[0].at) == "2026-01-01T12:00:00Z"


@pytest.mark.parametrize(
    "delivery",
    [
        "x",
        "72d3162e-cc78-41e3-81ab-4c9367dc0958",
        "00000000-0000-1000-8000-325096b39f47",
        "ffffffff-ffff-1fff-8000-325096b39f47",
    ],
)
def test_a_delivery_whose_id_holds_no_time_that_can_be_is_dated_when_it_came(delivery):
    world, before = World(), datetime.now(UTC)
    world.send("repository", change("archived"), delivery=delivery)
    (event,) = world.broker.published
    assert before <= event.at <= datetime.now(UTC)


def test_a_host_of_ones_own_is_taken_from_the_account_where_a_repository_names_none():
    world = World()
    account = {"login": "acme", "html_url": "https://git.acme.example/acme"}
    world.send("installation", installation("created", installation={"id": 7, "account": account}))
    assert world.broker.published[0].repository.id == "git.acme.example/42"
    assert world.broker.published[0].repository.url == "https://git.acme.example/acme/billing"


def test_what_would_be_named_by_its_delivery_needs_one():
    world = World()
    assert world.send("repository", change("archived"), delivery="").status_code == 400
    assert world.told() == []


def test_an_installation_of_a_thousand_repositories_is_handed_on_at_once():
    world = World()
    many = [{**FEW, "id": n, "full_name": f"acme/r{n}"} for n in range(1, 1001)]
    assert world.send("installation", installation("created", repositories=many)).status_code == 202
    assert len({event.id for event in world.broker.published}) == 2000


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("installation", {"action": "created", "installation": {"id": 7}, "repositories": [{"id": "x"}]}),
        ("installation", {"action": "created"}),
        (
            "installation_repositories",
            {"repositories_added": [{**FEW, "full_name": "../x"}], "installation": {}},
        ),
        ("repository", {"action": "archived"}),
        ("repository", change("archived", full_name="acme/..")),
        ("repository", change("renamed", {"repository": {"name": {"from": "../x"}}})),
        ("repository", []),
    ],
)
def test_a_malformed_payload_is_refused_and_its_kind_named(kind, payload):
    world = World()
    answer = world.send(kind, payload)
    assert (answer.status_code, world.told()) == (400, [])
    assert answer.json["error"].startswith(f"not a {kind} payload: ")


@pytest.mark.parametrize(
    ("allowed", "is_let_in"),
    [("acme", True), ("ACME,other", True), ("7", True), ("other", False), ("8,other", False), ("acm", False)],
)
def test_only_the_named_owners_and_installations_are_listened_to(allowed, is_let_in):
    world = World(parse_allowed(allowed))
    for kind, payload in (("repository", change("archived")), ("installation", installation("deleted"))):
        assert world.send(kind, payload).status_code == (202 if is_let_in else 200)
    assert bool(world.told()) is is_let_in


def test_a_repository_that_was_given_to_a_stranger_is_left():
    world = World(parse_allowed("acme"))
    given = change(
        "transferred", {"owner": {"from": {"organization": {"login": "acme"}}}}, full_name="stranger/billing"
    )
    world.send("repository", given)
    (event,) = world.broker.published
    assert (event.TYPE, event.repository.name) == ("repository.removed.v1", "acme/billing")


def test_what_happens_to_the_repository_of_the_knowledge_base_is_not_read():
    world = World(knowledge_repository="Acme/Knowledge")
    itself = {**FEW, "id": 43, "full_name": "acme/knowledge"}
    assert world.send("repository", change("archived", **itself)).status_code == 200
    world.send("installation", installation("created", repositories=[FEW, itself]))
    assert {event.repository.name for event in world.broker.published} == {"acme/billing"}


@pytest.mark.parametrize(
    ("knowledge", "repository"),
    [
        ("github:acme/knowledge", "acme/knowledge"),
        ("https://github.com/acme/knowledge.git", "acme/knowledge"),
        ("https://git.acme.example/acme/know.ledge/", "acme/know.ledge"),
        ("/knowledge.git", None),
        ("", None),
    ],
)
def test_the_repository_of_the_base_is_known_from_its_location(knowledge, repository):
    settings, _ = read({**ANYBODY, "KNOWLEDGE": knowledge})
    assert settings.knowledge_repository == repository


def test_on_cloud_run_owners_have_to_be_named():
    with pytest.raises(ConfigurationError, match="ALLOWED_OWNERS"):
        read({**ANYBODY, "K_SERVICE": "webhook-receiver"})
    assert read({**ANYBODY, "K_SERVICE": "webhook-receiver", "ALLOWED_OWNERS": "acme"})
    assert read(ANYBODY)[0].allowed == EVERYBODY


@pytest.mark.parametrize("text", [",", "acme,*", "acme/billing"])
def test_owners_that_cannot_be_are_named_at_the_start(text):
    with pytest.raises(ConfigurationError, match="ALLOWED_OWNERS"):
        read({**ANYBODY, "ALLOWED_OWNERS": text})
