"""What Claude says and the code bears out, as short as a test can write it."""

import hashlib
from collections.abc import Iterable

from builders import RETRY
from hypothesis import strategies as st

from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import Claim, ClaudeReceipt, FileReading, Pattern
from devnexus.layout_key import line_key

CACHING = Pattern(id="redis-caching", name="Redis caching", category="data")
TEXTS = ("retry(a)", "retry(b)", "cache.get(k)")


def claim(text: str = "retry(a)", line: int = 1, pattern: str = RETRY.id) -> Claim:
    """That this line shows the pattern."""
    quote = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Claim(pattern=pattern, line=line, quote=quote, key=line_key(text))


def keys(texts: Iterable[str]) -> str:
    """These lines as `FileReading.gone` names them."""
    return "".join(map(line_key, texts))


def claimed(
    path: str,
    *claims: Claim,
    gone: str | None = "",
    status: str = "modified",
    moved_from: str | None = None,
) -> FileReading:
    """A file that Claude read, and of which it says this."""
    told = {"path": path, "status": status, "language": "Python", "gone": gone, "moved_from": moved_from}
    return FileReading.model_validate({**told, "claims": claims})


def claude(outcome: str = "read", **told: object) -> ClaudeReceipt:
    return ClaudeReceipt.model_validate({"outcome": outcome, "model": "claude-x", "prompt": 1, **told})


def read_by_claude(record: PatternsExtracted, outcome: str = "read", **told: object) -> PatternsExtracted:
    """The record with this receipt of Claude's."""
    receipt = record.receipt.model_copy(update={"claude": claude(outcome, **told)})
    return record.model_copy(update={"receipt": receipt})


CLAIMS = st.builds(claim, st.sampled_from(TEXTS), st.integers(1, 9), st.sampled_from([RETRY.id, CACHING.id]))
RECEIPTS = st.none() | st.builds(
    claude, st.sampled_from(["read", "partly", "not-read"]), prompt=st.integers(1, 2)
)


def with_claims(
    files: st.SearchStrategy[FileReading], paths: Iterable[str]
) -> st.SearchStrategy[FileReading]:
    """These files with any claims, any account of what went, and from anywhere."""
    return st.builds(
        lambda file, claims, gone, former: file.model_copy(
            update={"claims": claims, "gone": gone, "moved_from": former}
        ),
        files,
        st.none() | st.lists(CLAIMS, max_size=3).map(tuple),
        st.none() | st.just("*") | st.sets(st.sampled_from(TEXTS)).map(sorted).map(keys),
        st.none() | st.sampled_from(list(paths)),
    )
