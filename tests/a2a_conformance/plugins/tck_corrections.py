"""For the kit's pytest: has it expect what A2A 1.0.1 says where it is older, or wrong (see waivers.yaml)."""

import itertools
import sys
from collections.abc import Callable
from http import HTTPStatus

import httpx
import pytest
from tck.requirements.base import (
    CONTENT_TYPE_NOT_SUPPORTED_ERROR,
    INVALID_AGENT_RESPONSE_ERROR,
    TASK_NOT_CANCELABLE_ERROR,
)
from tck.requirements.registry import get_requirement_by_id
from tck.transport import http_json_client

_STATUSES = (
    (TASK_NOT_CANCELABLE_ERROR, HTTPStatus.BAD_REQUEST),
    (CONTENT_TYPE_NOT_SUPPORTED_ERROR, HTTPStatus.BAD_REQUEST),
    (INVALID_AGENT_RESPONSE_ERROR, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def pytest_configure(config: pytest.Config) -> None:
    """1.0.1's statuses of errors, and the error that the kit forgot to expect."""
    for error, status in _STATUSES:
        error.http_status = int(status)
    get_requirement_by_id("CORE-SEND-003").expected_error = CONTENT_TYPE_NOT_SUPPORTED_ERROR
    http_json_client._extract_error = _or_status(http_json_client._extract_error)


def pytest_collection_finish(session: pytest.Session) -> None:
    """An id of its own for each message of a conversation, as the protocol wants it."""
    helpers = sys.modules.get("tests.compatibility._task_helpers")
    if helpers:
        numbers, same_id = itertools.count(1), helpers.tck_id
        helpers.tck_id = lambda name: f"{same_id(name)}-{next(numbers)}"


def _or_status(words: Callable[[httpx.Response], str]) -> Callable[[httpx.Response], str]:
    """What a refusal says, or its status where the kit closed the answer before it was read."""

    def said(response: httpx.Response) -> str:
        try:
            return words(response)
        except httpx.ResponseNotRead:
            return f"[{response.status_code}]"

    return said
