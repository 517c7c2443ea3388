"""Messages of every kind and size, with the names and addresses that a hostile repository would choose."""

from builders import NOON, sha
from hypothesis import strategies as st
from notices import BILLING, ORDERS

from devnexus.events.notification_requested import Counted, Digest, Notice, Summary
from devnexus.events.similarity_computed import Named, PatternChange, Place

HOSTILE = (
    "<!channel> <@U123> <https://evil.example|acme> &lt;!here&gt;",
    "*bold* _it_ ~no~ `code` ```block``` > quote :skull: @everyone @here",
    "[acme](https://evil.example) ||spoiler|| # heading -# small 1. one <@&1> <t:0:R> \\*",
    "line\nbreak\r\u2028\u202e \x1b[2J\u0000 \U0001f600é",
)
_short = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_text = st.builds(lambda text, times: text * times, _short, st.sampled_from([1, 1, 1, 3, 50]))
_named = st.sampled_from([BILLING, ORDERS, Named(id="github.com/9", name=f"{'a' * 39}/{'_b' * 50}")])
_url = st.none() | st.sampled_from(
    [
        "https://github.com/acme/billing",
        "javascript:alert(1)",
        "https://evil.example|x>",
        f"https://github.com/{'a' * 5000}",
    ]
)
_patterns = st.lists(
    st.builds(
        PatternChange,
        id=st.just("retry-backoff"),
        name=_text,
        confidence=st.just(0.8),
        place=st.none() | st.builds(Place, path=_text, start=st.just(1), end=st.just(9), commit=st.just("c")),
    ),
    max_size=8,
)
_notices = st.builds(
    Notice,
    repository=_named,
    url=_url,
    revision=st.just(sha("revision")),
    commit=st.just(sha("b")),
    at=st.just(NOON),
    introduced=_patterns,
    gone=_patterns,
    left=st.lists(_named, max_size=5),
)
_summaries = st.builds(
    Summary,
    cause=st.sampled_from(["backfill", "snapshot", "import"]),
    repositories=st.integers(1, 10**6),
    names=st.lists(_named, min_size=1, max_size=10),
    patterns=st.lists(st.builds(Counted, name=_text, repositories=st.integers(1, 9)), max_size=10),
    began_at=st.just(NOON),
    ended_at=st.just(NOON),
)
_one = _notices | _summaries
_digests = st.builds(
    lambda messages, times: Digest(messages=tuple(messages * times)),
    st.lists(_one, min_size=2, max_size=4),
    st.sampled_from([1, 10]),
)

messages = _one | _digests
"""Any message."""
