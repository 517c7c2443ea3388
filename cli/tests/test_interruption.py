"""A Ctrl-C at the worst moment: while pydantic calls a serializer of ours."""

import os
import signal
from typing import Annotated

import pytest
from pydantic import BaseModel, PlainSerializer
from pydantic_core import PydanticSerializationError

from devnexus_cli.interruption import interruptible


def interrupted(value):
    os.kill(os.getpid(), signal.SIGINT)
    return value


def broken(value):
    raise TypeError(value)


class Interrupted(BaseModel):
    field: Annotated[str, PlainSerializer(interrupted)] = ""


class Broken(BaseModel):
    field: Annotated[str, PlainSerializer(broken)] = ""


def test_ctrl_c_while_a_value_is_written_is_still_ctrl_c():
    with pytest.raises(KeyboardInterrupt), interruptible():
        Interrupted().model_dump()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_cannot_be_written_is_no_ctrl_c():
    with pytest.raises(PydanticSerializationError), interruptible():
        Broken().model_dump()


def test_who_ignores_ctrl_c_goes_on_ignoring_it():
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, usual)
