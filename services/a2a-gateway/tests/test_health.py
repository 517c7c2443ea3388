"""`GET /health` tells of the database, and does not wait for one that hangs."""

import asyncio
import threading

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from a2a_gateway.database_look import DatabaseLook
from a2a_gateway.health import health_route
from devnexus.errors import Unavailable


@pytest.fixture
def health(world):
    """What is told of health with a database that answers so."""

    def health(ask):
        route = health_route(
            skills=world.skills, model=world.model, home=world.home, database=DatabaseLook(ask)
        )
        with TestClient(Starlette(routes=[route])) as client:
            return client.get("/health")

    return health


def test_a_database_that_answers_is_named(health):
    told = health(lambda: "sqlite 3.46").json()
    assert told["status"] == "healthy"
    assert told["database"] == {"status": "healthy", "version": "sqlite 3.46"}


def test_without_a_database_reads_go_on_and_that_is_said(health):
    def away():
        raise Unavailable("connection to server at 10.0.0.7 failed")

    answer = health(away)
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["database"]["status"] == "unhealthy"
    assert "10.0.0.7" not in answer.text


def test_a_database_that_hangs_holds_up_no_answer(health):
    answers = threading.Event()
    told = health(lambda: str(answers.wait(30)))
    answers.set()
    assert told.json()["database"]["status"] == "unhealthy"


def test_a_database_is_asked_once_a_second_however_many_want_to_know():
    now, asked = [100.0], []
    look = DatabaseLook(lambda: asked.append(now[0]) or "sqlite 3.46", clock=lambda: now[0])
    for now[0] in (100.0, 100.5, 100.9, 101.0):
        assert asyncio.run(look.state())["status"] == "healthy"
    assert asked == [100.0, 101.0]
