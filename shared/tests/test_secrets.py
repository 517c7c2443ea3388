"""Secrets: environment before file before Secret Manager; the last through its real client."""

from concurrent.futures import ThreadPoolExecutor

import google_crc32c
import grpc
import pytest
from google.cloud.secretmanager import SecretManagerServiceClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcTransport,
)
from google.cloud.secretmanager_v1.types import AccessSecretVersionRequest, AccessSecretVersionResponse

from devnexus.errors import ConfigurationError
from devnexus.secret_manager import fetch
from devnexus.secrets import Secret, read_secret, require_secret

VERSION = "projects/p/secrets/webhook/versions/3"


@pytest.fixture
def secret_manager():
    """A gRPC server that holds VERSION, and the real client of Google's library connected to it."""
    payload = {"data": b"from the manager", "crc": google_crc32c.value(b"from the manager")}

    def access(request, context):
        if request.name != VERSION:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such version")
        return AccessSecretVersionResponse(
            name=request.name, payload={"data": payload["data"], "data_crc32c": payload["crc"]}
        )

    handler = grpc.method_handlers_generic_handler(
        "google.cloud.secretmanager.v1.SecretManagerService",
        {
            "AccessSecretVersion": grpc.unary_unary_rpc_method_handler(
                access,
                request_deserializer=AccessSecretVersionRequest.deserialize,
                response_serializer=AccessSecretVersionResponse.serialize,
            )
        },
    )
    server = grpc.server(ThreadPoolExecutor(1), handlers=[handler])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    client = SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))
    yield client, payload
    channel.close()
    server.stop(0)


def test_the_environment_comes_before_a_file_and_a_file_before_the_manager(tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    everywhere = {"KEY": "from the environment", "KEY_FILE": str(tmp_path / "secret"), "KEY_SECRET": VERSION}
    for expected in (b"from the environment", b"from a file", b"from the manager"):
        assert read_secret("KEY", everywhere, fetch=lambda name: b"from the manager") == Secret(expected)
        del everywhere[next(iter(everywhere))]
    assert read_secret("KEY", everywhere) is None


def test_a_secret_that_is_nowhere_is_an_error_that_names_the_places():
    with pytest.raises(ConfigurationError, match=r"KEY_FILE.*KEY_SECRET"):
        require_secret("KEY", {}, about="a key")


def test_a_file_that_cannot_be_read_or_says_nothing_is_an_error(tmp_path):
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_secret("KEY", {"KEY_FILE": str(tmp_path / "none")})
    with pytest.raises(ConfigurationError, match="empty"):
        read_secret("KEY", {"KEY_FILE": str(tmp_path / "empty")})


def test_a_secret_does_not_show_itself():
    secret = Secret(b"hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"


def test_secret_manager_gives_the_payload_of_a_version(secret_manager):
    client, _ = secret_manager
    assert fetch(VERSION, client=client) == b"from the manager"


def test_a_version_that_is_not_there_is_an_error_that_names_it(secret_manager):
    client, _ = secret_manager
    with pytest.raises(ConfigurationError, match="versions/9"):
        fetch("projects/p/secrets/webhook/versions/9", client=client)


def test_a_payload_that_arrives_damaged_is_refused(secret_manager):
    client, payload = secret_manager
    payload["crc"] += 1
    with pytest.raises(ConfigurationError, match="damaged"):
        fetch(VERSION, client=client)
