"""`patterns.extracted.v1`: what one push or snapshot showed. It is also the record kept in history."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from devnexus.events.record import Record
from devnexus.git_names import ObjectId, Ref
from devnexus.values import Value

Kind = Literal["dependency", "import", "code", "config", "path"]
"""The kinds of evidence; a pattern seen in several kinds is surer than one seen often in one."""

Coverage = Literal["change", "tree", "commits"]
"""What was read: the touched files, the whole tree, or only that the commits exist."""

SHINGLE_LINES = 3
SKETCH_SIZE = 24

Weight = Annotated[float, Field(ge=0, le=1)]


class EvidenceRow(Value):
    """Lines of one file at `after` that speak for a pattern, with the hash of the quoted text."""

    rule: str
    kind: Kind
    start: Annotated[int, Field(ge=1)]
    end: Annotated[int, Field(ge=1)]
    quote: str
    """First 16 hex digits of the SHA-256 of the quoted lines, joined by newlines, as UTF-8."""
    weight: Weight
    introduced: bool = False
    """Whether one of these lines was added by this very push."""


Ecosystem = Literal["pypi", "npm", "golang", "maven", "nuget", "cargo", "gem", "composer"]
"""Where packages come from, as package URLs call it (github.com/package-url/purl-spec)."""


class Dependency(Value):
    """One package that a manifest asks for."""

    name: str
    requirement: str = ""
    group: str = ""
    """Empty for what is needed to run, else the manifest's own word, such as `dev` or an extra."""
    line: Annotated[int, Field(ge=1)]


class Manifest(Value):
    """What one package manifest declares."""

    ecosystem: Ecosystem
    name: str | None = None
    line: int | None = None
    """Where `name` stands; None where it was not found, as in older records."""
    description: str | None = None
    is_private: bool = False
    """Whether it says of itself that it is never published, such as npm's `private`."""
    dependencies: tuple[Dependency, ...] = ()


class DependencyChange(Value):
    """What a push did to one package that a manifest asks for."""

    change: Literal["added", "removed", "upgraded", "downgraded", "changed"]
    """`changed` where the versions cannot be compared."""
    purl: str
    """Package URL without a version: `pkg:pypi/redis`."""
    before: str = ""
    """The requirement before the push, as the manifest wrote it."""
    after: str = ""
    group: str = ""
    line: int | None = None
    """At `after`; None where it was removed."""


class Decision(Value):
    """Something that people decided, as a file, a manifest or a commit says it."""

    kind: Literal["adr", "swap", "breaking-change", "major-upgrade", "dropped-support", "switch", "choice"]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    status: str | None = None
    """What an architecture decision record says of itself, such as `accepted`."""
    confidence: Weight
    path: str | None = None
    line: int | None = None
    """Where it stands at `after`."""
    commit: ObjectId | None = None
    """The commit whose message says so."""
    quote: Annotated[str, Field(max_length=300)] = ""
    """The words that say so."""
    source: Literal["rules", "claude", "both"] = "rules"
    """Who found it."""


class Fact(Value):
    """What a file says of how its repository is tested, secured or deployed."""

    about: Literal[
        "test-framework",
        "test-kind",
        "authentication",
        "security-measure",
        "ci-platform",
        "infrastructure",
        "deployment-script",
    ]
    name: str
    line: Annotated[int, Field(ge=1)] = 1


class OwnerRule(Value):
    """One line of CODEOWNERS."""

    pattern: str
    owners: tuple[str, ...]
    """Empty: these paths have no owner."""
    line: Annotated[int, Field(ge=1)]


class Component(Value):
    """A class or function that others could use: documented, public, in a file of source."""

    name: str
    kind: Literal["class", "function", "interface"]
    start: Annotated[int, Field(ge=1)]
    end: Annotated[int, Field(ge=1)]
    description: str = ""
    """The first line of its documentation."""
    public_methods: tuple[str, ...] = ()
    digest: str
    """First 16 hex digits of the SHA-256 of its lines without documentation, comments and blank lines."""
    sketch: tuple[str, ...]
    """The SKETCH_SIZE smallest hashes of its runs of SHINGLE_LINES lines, 8 hex digits each."""


class Claim(Value):
    """A line of one file at `after` that shows a pattern, as Claude says, and as the code bears out."""

    pattern: str
    """Canonical id."""
    line: Annotated[int, Field(ge=1)]
    quote: str
    """First 16 hex digits of the SHA-256 of the line."""
    key: str
    """`devnexus.layout_key.line_key` of the line: the same when a formatter has been over it."""


class Suggestion(Value):
    """Something that Claude says and code does not prove: shown with the push, and read by nothing else."""

    kind: Literal["pattern", "decision", "component"]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    meant: str | None = None
    """The canonical id that it may mean."""
    path: str
    line: Annotated[int, Field(ge=1)]
    quote: Annotated[str, Field(max_length=300)]
    """The line, without secrets."""


class ChangedFile(Value):
    """One path of a change."""

    path: str
    status: Literal["added", "modified", "removed"]


class FileReading(ChangedFile):
    """One path of the change or tree: all that is known of it at `after`."""

    language: str | None = None
    """Programming language, as GitHub's Linguist names it; None for data, prose and the unknown."""
    rows: tuple[EvidenceRow, ...] = ()
    cut: dict[str, int] = {}
    """Rule id → how many further rows were found in this file and not kept."""
    manifest: Manifest | None = None
    components: tuple[Component, ...] = ()
    dependency_changes: tuple[DependencyChange, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """Those that stand in this file, such as an architecture decision record."""
    facts: tuple[Fact, ...] = ()
    owners: tuple[OwnerRule, ...] = ()
    """In a CODEOWNERS file; the last line that matches a path counts."""
    introduction: str | None = None
    """The first paragraph of the README in the root folder."""
    claims: tuple[Claim, ...] | None = None
    """What Claude says of its added lines, in a tree of all of them; None where it did not read the file."""
    gone: str | None = None
    """The `line_key`s, 8 hex digits each, that stood in it before and do not now, in one text; `*`: all.

    Earlier claims hold until their line is gone. None: nobody looked, and none of them holds any more."""
    moved_from: str | None = None
    """What it was called before, where the push moved it: earlier claims moved with it."""


class Pattern(Value):
    """What a rule's rows speak for, so that a record can be understood without the rule set."""

    id: str
    name: str
    category: str
    need: tuple[Kind, ...] = ()
    """Kinds of which one must be there: a dependency on redis alone is not Redis caching."""
    anti: bool = False
    """Whether it is better avoided."""


class Commit(Value):
    """One commit of a push."""

    sha: ObjectId
    author: str
    message: str
    """The first line."""


class NotRead(Value):
    """Files that were left out or cut, and why."""

    reason: str
    count: int
    paths: tuple[str, ...]
    """The first ones, in order of path."""


class Redaction(Value):
    """Secrets of one kind that were taken out before anything else read the text."""

    kind: str
    path: str | None = None
    """None: in what was said of the commits, or in the name of a file."""
    count: int


class ClaudeReceipt(Value):
    """What Claude read besides the rules, what it took, and what became of its claims."""

    outcome: Literal["read", "partly", "not-read"]
    """`read`: all that was to be read has an answer, from now or from before."""
    because: str = ""
    """Why not, where it is not `read`."""
    model: str
    prompt: int
    """Version of the brief."""
    files: int = 0
    """Files that Claude read for this push or snapshot."""
    known: int = 0
    """Files of which it was known already what it says: they cost nothing."""
    left_out: tuple[NotRead, ...] = ()
    """Files that the rules read and Claude did not, and why."""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float = 0.0
    claims: int = 0
    """Claims that it made."""
    unverified: int = 0
    """Claims dropped because their quote does not stand in what it was given."""
    unproven: int = 0
    """Claims dropped because the code says nothing of the kind: comments, texts, documents prove nothing."""


class Receipt(Value):
    """What was looked at and what was not, so that silence cannot pass for absence."""

    reader: Literal["rules"]
    rules_version: int
    files: int
    """Paths in the change or tree."""
    read: int
    """Files read whole."""
    not_read: tuple[NotRead, ...] = ()
    clipped: tuple[NotRead, ...] = ()
    """Files read only in part."""
    unverified: int = 0
    """Claims dropped because their quote was not in the file."""
    redacted: tuple[Redaction, ...] = ()
    """Where secrets stood; what they were is stored nowhere."""
    claude: ClaudeReceipt | None = None
    """None where there was no key."""


class PatternsExtracted(Record):
    """All that one push or snapshot showed, possibly nothing; large ones come in numbered parts."""

    TYPE: ClassVar[str] = "patterns.extracted.v1"
    TOPIC: ClassVar[str] = "knowledge-changes"

    subject: Literal["push", "snapshot"]
    record_id: str
    """Id of the `commit.pushed` or `snapshot.requested` that this answers."""
    ref: Ref | None = None
    before: ObjectId | None = None
    after: ObjectId
    coverage: Coverage
    analysis: str
    """Digest over the normalised input, the rule set and the reader."""
    commits: tuple[Commit, ...] = ()
    """The newest ones, newest first."""
    commit_count: int = 0
    files: tuple[FileReading, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """Those that the push as a whole tells: in messages of commits, and by what it did to dependencies."""
    suggestions: tuple[Suggestion, ...] = ()
    receipt: Receipt
    quiet: bool = False
    """Whether the repository asks, at `after`, that nobody be told of what changes in it."""
    recovered: bool = False
    """Whether the push was made up for what was missed: it may stand for several."""
    part: Annotated[int, Field(ge=1)] = 1
    parts: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.part > self.parts:
            raise ValueError("part is greater than parts")
        if not self.record_id.startswith((f"{self.repository.id}:", f"{self.repository.id}@")):
            raise ValueError("record_id is not one of this repository")
        return self

    @property
    def kind(self) -> str:
        """As promised by Record."""
        return self.subject

    @property
    def id(self) -> str:
        """`<record id>#<analysis>`, and `/<part>-of-<parts>` where there are several."""
        suffix = f"/{self.part}-of-{self.parts}" if self.parts > 1 else ""
        return f"{self.record_id}#{self.analysis}{suffix}"
