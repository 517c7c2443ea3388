"""Which licence a text is, by what only that one says."""

import re

_SPACE = re.compile(r"[\W_]+")

_HERE = "permission to use copy modify and or distribute this software for any purpose with or without fee"
_BSD = "redistribution and use in source and binary forms"

_TELLING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AGPL-3.0", ("gnu affero general public license version 3",)),
    ("LGPL-3.0", ("gnu lesser general public license version 3",)),
    ("LGPL-2.1", ("gnu lesser general public license version 2 1",)),
    ("GPL-3.0", ("gnu general public license version 3",)),
    ("GPL-2.0", ("gnu general public license version 2",)),
    ("Apache-2.0", ("apache license version 2 0",)),
    ("MPL-2.0", ("mozilla public license version 2 0",)),
    ("EPL-2.0", ("eclipse public license v 2 0",)),
    ("BSL-1.0", ("boost software license version 1 0",)),
    ("BUSL-1.1", ("business source license",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("CC0-1.0", ("cc0 1 0 universal",)),
    ("CC-BY-4.0", ("creative commons attribution 4 0",)),
    ("0BSD", (f"{_HERE} is hereby granted the software is provided as is",)),
    ("ISC", (_HERE,)),
    (
        "ISC",
        ("permission to use copy modify and distribute this software for any purpose with or without fee",),
    ),
    ("MIT", ("permission is hereby granted free of charge", "the above copyright notice")),
    ("MIT-0", ("permission is hereby granted free of charge",)),
    ("BSD-3-Clause", (_BSD, "neither the name")),
    ("BSD-3-Clause", (_BSD, "endorse or promote")),
    ("BSD-2-Clause", (_BSD,)),
)
"""SPDX id → words that all stand in it; the first that fits counts."""

_LOOKED_AT = 40_000


def licence_of(text: str) -> str | None:
    """The SPDX id of the licence, None where it is none of those that are known here."""
    words = _SPACE.sub(" ", text[:_LOOKED_AT].lower())
    return next((id_ for id_, telling in _TELLING if all(said in words for said in telling)), None)
