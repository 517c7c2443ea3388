"""A database that is asked, and what it says where it does not answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from a2a.utils.errors import InvalidParamsError
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from devnexus.errors import Unavailable

PATIENCE_SECONDS = 10.0
"""With a database that neither answers nor fails; its own driver would wait for ever."""

_UNASKABLE = "No task, conversation, page or receiver is called so"
"""Where PostgreSQL refuses to look for a text, as it does for one with a NUL."""

_T = TypeVar("_T")


async def answering(asked: Coroutine[Any, Any, _T]) -> _T:
    """What was asked for.

    Raises Unavailable where the database is away, or takes more than ten seconds, and InvalidParamsError for
    a text that it cannot hold.
    """
    try:
        return await asyncio.wait_for(asked, PATIENCE_SECONDS)
    except DataError as problem:
        raise InvalidParamsError(_UNASKABLE) from problem
    except (OperationalError, InterfaceError, InternalError, NoConnectionFree, TimeoutError) as problem:
        raise Unavailable(f"the store of tasks does not answer: {type(problem).__name__}") from problem
