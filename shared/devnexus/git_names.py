"""Names that git gives: object ids and refs, checked before they come near a command line."""

import re
from typing import Annotated

from pydantic import AfterValidator

NO_COMMIT = "0" * 40
"""What a push names as `before` for a new branch and as `after` for a deleted one."""

_OBJECT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_NOT_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|\.$|/$|\.lock$")


def is_no_commit(object_id: str) -> bool:
    """Whether `object_id` is all zeros (40 digits for SHA-1, 64 for SHA-256)."""
    return not object_id.strip("0")


def _object_id(text: str) -> str:
    if not _OBJECT_ID.fullmatch(text):
        raise ValueError("not a full git object id (40 or 64 lower-case hex digits)")
    return text


def _ref(text: str) -> str:
    # git-check-ref-format(1); 244 bytes is what GitHub accepts
    if not text.startswith("refs/") or _NOT_IN_REF.search(text) or len(text.encode()) > 255:
        raise ValueError("not a full git ref name")
    return text


ObjectId = Annotated[str, AfterValidator(_object_id)]
Ref = Annotated[str, AfterValidator(_ref)]
