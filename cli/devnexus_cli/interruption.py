"""Ctrl-C, kept what it is on its way through libraries."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pydantic_core import PydanticSerializationError


@contextmanager
def interruptible() -> Iterator[None]:
    """A Ctrl-C in the block leaves it as KeyboardInterrupt.

    One that arrives while pydantic calls one of our serializers would come as PydanticSerializationError.
    """
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or usual is not signal.default_int_handler:
        yield
        return
    came = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        came.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except PydanticSerializationError as error:
        if came.is_set():
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, usual)
