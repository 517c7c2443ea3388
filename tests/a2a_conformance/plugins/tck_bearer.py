"""For the kit's pytest: asks for the extended card as a known caller, which the kit cannot."""

import os
from collections.abc import Callable

import pytest
from tck.transport.base import TransportResponse
from tck.transport.http_json_client import HttpJsonClient
from tck.transport.jsonrpc_client import JsonRpcClient

Client = HttpJsonClient | JsonRpcClient
Ask = Callable[[Client], TransportResponse]


def pytest_configure(config: pytest.Config) -> None:
    """Have the calls for the extended card bear the token, and no other call."""
    for kind in (HttpJsonClient, JsonRpcClient):
        kind.get_extended_agent_card = _with_token(kind.get_extended_agent_card)


def _with_token(ask: Ask) -> Ask:
    def asked(client: Client) -> TransportResponse:
        headers = client._client.headers
        headers["Authorization"] = f"Bearer {os.environ['CONFORMANCE_TOKEN']}"
        try:
            return ask(client)
        finally:
            del headers["Authorization"]

    return asked
