"""What is kept of Claude's work in the operational store."""

from sqlalchemy import Boolean, Column, Double, Index, Integer, MetaData, Table, Text

CLAUDE_TABLES = MetaData()

KNOWN = Table(
    "claude_known",
    CLAUDE_TABLES,
    Column("repository", Text, primary_key=True),
    Column("reader", Text, primary_key=True),
    Column("digest", Text, primary_key=True, comment="of a piece, or blob:<object id>"),
    Column("said", Text, comment="JSON of Said; NULL where nothing could be used"),
    Column("because", Text, nullable=False),
    Column("at", Double, nullable=False),
)
Index("claude_known_by_time", KNOWN.c.at)

CALLS = Table(
    "claude_calls",
    CLAUDE_TABLES,
    Column("id", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("repository", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("reader", Text, nullable=False, comment="for whom the answer is kept"),
    Column("pieces", Text, nullable=False, comment="JSON list of their digests"),
    Column("in_batch", Boolean, nullable=False),
    Column("batch_key", Text, comment="the batch that it is in, until that is taken"),
    Column("state", Text, nullable=False, comment="claimed or answered"),
    Column("day", Text, nullable=False, comment="the day (UTC) whose budget it is of"),
    Column("claimed_at", Double, nullable=False),
    Column("answered_at", Double),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cache_read_tokens", Integer, nullable=False),
    Column("cache_write_tokens", Integer, nullable=False),
    Column("cost_usd", Double, nullable=False),
)
Index("claude_calls_by_record", CALLS.c.record_id)
Index("claude_calls_by_batch", CALLS.c.batch_key)
Index("claude_calls_by_day", CALLS.c.day)

BUDGET = Table(
    "claude_budget",
    CLAUDE_TABLES,
    Column("day", Text, primary_key=True),
    Column("repository", Text, primary_key=True, comment="empty: all of them"),
    Column("calls", Integer, nullable=False),
)

WAITING = Table(
    "claude_waiting",
    CLAUDE_TABLES,
    Column("record_id", Text, primary_key=True),
    Column("repository", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("event", Text, nullable=False, comment="JSON of its payload"),
    Column("because", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("listed_at", Double, nullable=False, comment="when it was listed last"),
    Column("given_at", Double, comment="when somebody was last given it"),
    Column("batch_key", Text, comment="the batch that it waits for"),
)
Index("claude_waiting_by_turn", WAITING.c.batch_key, WAITING.c.given_at, WAITING.c.since)

BATCHES = Table(
    "claude_batches",
    CLAUDE_TABLES,
    Column("key", Text, primary_key=True),
    Column("batch", Text, comment="what Claude calls it; NULL until it has said so"),
    Column("sent_at", Double, nullable=False),
)
