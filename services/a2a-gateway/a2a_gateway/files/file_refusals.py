"""What a caller is told where the files of a repository cannot be had: never that all is well."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.files.repository_files import NoFiles
from devnexus.errors import Unavailable
from devnexus.printable import printable

_log = logging.getLogger(__name__)


@contextmanager
def reading_files(repository: str) -> Iterator[None]:
    """Around what reads files: what it raises becomes CannotAnswer, with the reason and the remedy."""
    about = {"repository": repository}
    try:
        yield
    except NoFiles as error:
        raise CannotAnswer(printable(str(error)), status=HTTPStatus.FAILED_DEPENDENCY, **about) from error
    except Unavailable as error:
        _log.warning("the files of %s cannot be read: %s", repository, error)
        again = {} if error.retry_after_seconds is None else {"retry_after_seconds": _whole(error)}
        said = f"The files of {repository} cannot be read at the moment. Try again in a while."
        raise CannotAnswer(said, status=HTTPStatus.SERVICE_UNAVAILABLE, **about, **again) from error


def _whole(error: Unavailable) -> int:
    return max(1, round(error.retry_after_seconds or 0))
