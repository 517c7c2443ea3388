"""Services as they are, for gunicorn; only that Google's keys are those of a test, at TEST_CERTIFICATES."""

import os
from functools import partial

from devnexus.identity.google_keys import fetch_google_keys
from devnexus.outbound import Outbound, web_address


def extractor():
    from extractor.main import create_app  # noqa: PLC0415 - each process pays for its own service

    return create_app(fetch_keys=fetch())


def notifier():
    from notifier.main import create_app  # noqa: PLC0415

    return create_app(fetch_keys=fetch())


def similarity():
    from similarity.main import create_app  # noqa: PLC0415

    return create_app(fetch_keys=fetch())


def fetch():
    address = web_address(os.environ["TEST_CERTIFICATES"], allow_private=True)
    return partial(fetch_google_keys, Outbound(allow_private=True, seconds=5), address)
