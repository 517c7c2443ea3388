"""What is known of the Pub/Sub emulator that the client speaks to."""

import os
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

_CALL_SECONDS = 5.0


def is_emulator(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the client speaks to an emulator at all: its own switch, read where it reads it."""
    return bool(environment.get("PUBSUB_EMULATOR_HOST"))


def loses_what_waits() -> bool:
    """Whether it is Google's emulator, which forgets messages that a retry policy holds back.

    Measured with version 0.8.20 and policies from 1–1 s to 10–600 s: what is not acknowledged three
    times, or is refused with 503 three times, is as a rule never delivered again. Without a policy it
    comes again however often. Only Google's answers plain HTTP.
    """
    if not is_emulator():
        return False
    connection = HTTPConnection(os.environ["PUBSUB_EMULATOR_HOST"], timeout=_CALL_SECONDS)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read(10).strip() == b"Ok"
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
