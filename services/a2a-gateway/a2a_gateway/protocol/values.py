"""JSON in protobuf and back: there every number is a double, and every text is UTF-8."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, Struct, Value

_EXACT = 2**53
"""From here on a double no longer tells every integer from the next one."""


def plain(value: Struct | Value) -> object:
    """What `value` says in Python: whole numbers are integers again, as far as their digits are known.

    Raises ValueError for a number that JSON does not have.
    """
    return _object(value) if isinstance(value, Struct) else _plain(value)


def as_value(content: object) -> Value:
    """What JSON can say, as protobuf has it.

    An integer that a double cannot tell from its neighbours is given as text, half of a surrogate pair as the
    sign for what cannot be read, and a number that JSON does not have as null.
    """
    value = Value()
    _put(value, content)
    return value


def _plain(value: Value) -> object:
    kind = value.WhichOneof("kind")
    match kind:
        case "string_value":
            return value.string_value
        case "struct_value":
            return _object(value.struct_value)
        case "list_value":
            return [_plain(one) for one in value.list_value.values]
        case "number_value":
            return _number(value.number_value)
        case "bool_value":
            return value.bool_value
    return None


def _object(struct: Struct) -> dict[str, object]:
    return {name: _plain(value) for name, value in struct.fields.items()}


def _number(number: float) -> int | float:
    if not math.isfinite(number):
        raise ValueError("JSON has neither NaN nor Infinity")
    return int(number) if number.is_integer() and -_EXACT < number < _EXACT else number


def _put(value: Value, content: object) -> None:
    _PUT.get(type(content), _put_other)(value, content)


def _put_text(value: Value, content: str) -> None:
    try:
        value.string_value = content
    except UnicodeEncodeError:
        value.string_value = _readable(content)


def _put_integer(value: Value, content: int) -> None:
    if -_EXACT < content < _EXACT:
        value.number_value = content
    else:
        value.string_value = str(content)


def _put_float(value: Value, content: float) -> None:
    if math.isfinite(content):
        value.number_value = content
    else:
        value.null_value = NULL_VALUE


def _put_bool(value: Value, content: bool) -> None:
    value.bool_value = content


def _put_null(value: Value, _: None) -> None:
    value.null_value = NULL_VALUE


def _put_object(value: Value, content: Mapping[str, object]) -> None:
    struct = value.struct_value
    struct.SetInParent()  # else an empty one is nothing
    fields = struct.fields
    for name, one in content.items():
        try:
            field = fields[name]
        except UnicodeEncodeError:
            field = fields[_readable(name)]
        _PUT.get(type(one), _put_other)(field, one)


def _put_list(value: Value, content: list[object]) -> None:
    listed = value.list_value
    listed.SetInParent()
    add = listed.values.add
    for one in content:
        _PUT.get(type(one), _put_other)(add(), one)


def _put_other(value: Value, content: object) -> None:
    """What JSON is made of in other types, as `json.dumps` takes it."""
    for kind, plainer in _PLAINER.items():
        if isinstance(content, kind):
            _put(value, plainer(content))
            return
    raise TypeError(f"{type(content).__name__} is not JSON")


def _readable(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# a call by the type itself: an answer has a thousand values, and this is four times as fast as ParseDict
_PUT: dict[type, Callable[[Value, Any], None]] = {
    str: _put_text,
    dict: _put_object,
    list: _put_list,
    int: _put_integer,
    float: _put_float,
    bool: _put_bool,
    type(None): _put_null,
}
_PLAINER: dict[type, Callable[[Any], object]] = {
    str: str.__str__,
    int: int,
    float: float,
    dict: dict,
    tuple: list,
}
