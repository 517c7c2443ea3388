"""The door to Google Secret Manager."""

import google_crc32c
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud.secretmanager import SecretManagerServiceClient

from devnexus.errors import ConfigurationError

_TIMEOUT_SECONDS = 10.0


def fetch(resource: str, *, client: SecretManagerServiceClient | None = None) -> bytes:
    """The payload of the version `resource`, its checksum verified; raise ConfigurationError otherwise."""
    try:
        answer = (client or SecretManagerServiceClient()).access_secret_version(
            name=resource, timeout=_TIMEOUT_SECONDS
        )
    except (GoogleAPIError, GoogleAuthError) as error:
        raise ConfigurationError(f"Secret Manager did not give {resource}: {error}") from error
    payload = answer.payload
    if payload.data_crc32c and payload.data_crc32c != google_crc32c.value(payload.data):
        raise ConfigurationError(f"{resource} arrived damaged (CRC32C differs): try again")
    return bytes(payload.data)
