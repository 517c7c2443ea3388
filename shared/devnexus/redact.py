"""Secrets in text, each replaced by `[REDACTED:kind]`, before the text leaves the process or is stored.

The rules are a table. Each sees what the ones above it have left, so the most specific one wins. RE2
keeps the time linear in the text; it looks for all rules at once first, because nearly every text has no
secret. The formats are the vendors' own, linked above each rule. The last rules know no format: they take
only what is named like a secret and looks made at random, and rather miss a secret than spoil code.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import NamedTuple

import re2  # type: ignore[import-untyped]


class Redacted(NamedTuple):
    """A text with as many line feeds as before, and how many secrets of each kind were in it."""

    text: str
    found: Mapping[str, int]


@dataclass(frozen=True)
class _Rule:
    """What the last group of `pattern` matches is a secret where `is_secret`, told the name too, agrees."""

    kind: str
    pattern: re.Pattern[bytes]
    is_secret: Callable[[bytes, bytes], bool]


def redact(text: str) -> Redacted:
    """`text` without its secrets; what is no secret stays as it is, and redacting twice is redacting once."""
    content = text.encode("utf-8", "surrogatepass")
    if not _ANY_RULE.search(content):
        return Redacted(text, {})
    found: Counter[str] = Counter()
    for rule in _FORMATS + _GUESSES if _ANY_FORMAT.search(content) else _GUESSES:
        content, count = _replace(rule, content)
        found += Counter({rule.kind: count})
    return Redacted(content.decode("utf-8", "surrogatepass") if found else text, dict(found))


def redact_each(texts: Sequence[str]) -> list[str]:
    """`texts`, each as `redact` leaves it, and much sooner than one by one where none looks secret."""
    # what a rule finds in one of them it finds in all of them too: a line feed does for the end of a text
    if _ANY_RULE.search("\n".join(texts).encode("utf-8", "surrogatepass")):
        return [redact(text).text for text in texts]
    return list(texts)


def _replace(rule: _Rule, content: bytes) -> tuple[bytes, int]:
    pieces, end, count = [], 0, 0
    for start, stop in _secrets(rule, content):
        line_ends = b"".join(re.findall(rb"\r?\n", content[start:stop]))
        pieces += [content[end:start], b"[REDACTED:%b]" % rule.kind.encode(), line_ends]
        end, count = stop, count + 1
    return b"".join([*pieces, content[end:]]), count


def _secrets(rule: _Rule, content: bytes) -> Iterator[tuple[int, int]]:
    for match in rule.pattern.finditer(content):
        *name, value = match.groups()
        if rule.is_secret(b"".join(name), value):
            yield match.span(len(name) + 1)


def _always(_name: bytes, _value: bytes) -> bool:
    return True


def _is_no_stand_in(_name: bytes, value: bytes) -> bool:
    return not (_PLACEHOLDER.search(value) or _WORD_FOR_IT.fullmatch(value))


def _is_password(user: bytes, value: bytes) -> bool:
    return value != user and _is_no_stand_in(user, value)


def _looks_random(_name: bytes, value: bytes) -> bool:
    return (
        bool(re.search(rb"\d", value))
        and _bits_per_character(value) >= 3
        and not _PLACEHOLDER.search(value)
        and not _is_prose(value)
    )


def _is_random_string(name: bytes, value: bytes) -> bool:
    return _looks_random(name, value) and not (_ABOUT_IT.search(name) or _PLAIN.fullmatch(value))


def _is_random_word(name: bytes, value: bytes) -> bool:
    """Stricter than `_is_random_string`: what has no quotes may be code."""
    return _is_random_string(name, value) and not (_CODE.search(value) or _IDENTIFIER.fullmatch(value))


def _is_prose(value: bytes) -> bool:
    """Whether most of it is not ASCII: a sentence in a script that puts no spaces between words."""
    return 2 * sum(byte > 127 for byte in value) > len(value)


def _bits_per_character(value: bytes) -> float:
    return -sum(n / len(value) * log2(n / len(value)) for n in Counter(value).values())


def _compile(pattern: str, *, never_capture: bool = False) -> re.Pattern[bytes]:
    """RE2's, over bytes, of which none are invalid; what is not ASCII counts as several characters."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = never_capture
    compiled: re.Pattern[bytes] = re2.compile(pattern.encode("ascii"), options)
    return compiled


def _rule(kind: str, pattern: str, is_secret: Callable[[bytes, bytes], bool] = _always) -> _Rule:
    return _Rule(kind, _compile(pattern), is_secret)


def _any_of(rules: Iterable[_Rule]) -> re.Pattern[bytes]:
    """Matches where one of `rules` may find something: one search in place of one for each."""
    patterns = (rule.pattern.pattern.decode("ascii") for rule in rules)
    return _compile("|".join(f"(?:{pattern})" for pattern in patterns), never_capture=True)


_PLACEHOLDER = _compile(
    r"(?i)example|sample|change.?(?:me|this|it)|your|xxxx|dummy|test|fake|placeholder|replace|redacted|todo"
    r"|\*\*\*|\.\.\.|\{[\w.:!()-]*\}|<[\w./ -]+>|\[[\w:-]+\]|\{\{|[$#]\{|<%|%\(|^\$\(|^\$\w+$|^%\w+%?$"
)
_WORD_FOR_IT = _compile(
    r"(?i)user|pass|passwd|password|pwd?|secret|token|key|\*+|x+|\d{1,5}[,;)|].*|x-access-token|x-oauth-basic"
)
_ABOUT_IT = _compile(
    r"(?i)^(?:iz|is|or|ent|ary|less)|(?:name|ur[il]|endpoint|path|file|dir|id|arn|type|header|field|param|"
    r"prefix|suffix|length|size|rounds|expir\w*|ttl|age|timeout|version|alg|algorithm|count|limit|label|text|"
    r"title|message|error|format|pattern|regex|class|method|policy|provider|hint|at|date|ref|env|scope)s?$"
)
_PART = r"(?:(?:[A-Za-z][a-z]*|[A-Z]+)\d{0,2}(?:[A-Z][a-z]+\d{0,2})*|\d{1,4}|[a-z]\d[a-z]{3,})"
_BETWEEN = r"[-._/:~@#]"
_VERSION = r"[<>=~^!]{0,3}v?\d[\d.*]*(?:[-.]?[a-z]{1,5}[.]?\d*)?"
_PLAIN = _compile(
    rf"{_BETWEEN}*{_PART}(?:{_BETWEEN}+{_PART})+{_BETWEEN}*|[\d.,:+TZ-]+|-?0x[\da-fA-F]{{1,16}}"
    r"|(?:\w+://|arn:|projects/|sha\d+[-:]).*|(?i:[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})|[\w.+-]+@[\w.-]+"
    rf"|[<>=~^!]{_VERSION}(?:[,|]+{_VERSION})*|[<>=~^!]{{0,3}}v?\d+\.\d+\.\d+[-+][\w.+-]+"
)
_IDENTIFIER = _compile(rf"{_BETWEEN}*{_PART}|[A-Za-z_]+\d?\d?[A-Za-z_]*(?:\.[A-Za-z_]+\d?\d?[A-Za-z_]*)+")
_CODE = _compile(r"^[!&*~+-]*[A-Za-z_][\w.:>-]*[(\[<{]|[=-]>|[,;:({\[)\]}]$")
_KEY = r"[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}"
_GAP = r"(?:\\+[nrt]|\n-|[\s\\\"'#*|>,;.()/+])*"
"""Between the lines of a key that has an end: line feeds, and what code, comments and diffs put there."""
_NEXT_LINE = r"[ \t\\\"',;+)]*(?:\\+r)?(?:\\+n|\r?\n)[ \t\\\"'#*|>(+-]*"
"""The same for a key without an end, which has to be told from the words that follow it."""
_NAME = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|auth(?:orization)?"
    r"|(?:api|access|private|signing|encryption)[_-]?key)([\w.-]*)"  # the rest of the name, for _ABOUT_IT
)
_TYPE = r"(?:[ \t]+|[ \t]*:[ \t]*)[\w&][\w.\[\]|& \t]*"
_OPEN_QUOTE, _IN_QUOTES, _CLOSE_QUOTE = r"[bfru@]{0,2}\\*[\"'`]", r"[^\x00-\x20\"'`\\]", r"\\*[\"'`]"
_USER_OPTION = r"(?:-[A-Za-z]*[uU][\"']?[ \t,]+|-[uU]|--(?:proxy-)?user[\"']?[ \t=,]+)"

_FORMATS = (
    # https://www.rfc-editor.org/rfc/rfc7468 and https://www.rfc-editor.org/rfc/rfc9580#section-6.2
    _rule(
        "private-key",
        rf"(-{{4,5}} ?BEGIN {_KEY}{_GAP}(?:[A-Z][A-Za-z-]+: [^\r\n\\]*{_GAP})*[A-Za-z0-9+/]{{24,}}"
        rf"(?:(?:{_GAP}[A-Za-z0-9+/=]+)*{_GAP}-{{3,5}} ?END {_KEY}|(?:{_NEXT_LINE}[A-Za-z0-9+/=]{{16,}})*"
        rf"(?:{_NEXT_LINE}[A-Za-z0-9+/=]+\z)?))",
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    _rule("aws-access-key", r"\b((?:AKIA|ASIA)[A-Z0-9]{16})\b"),
    # https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
    _rule(
        "aws-secret-key",
        r"(?i)(?:aws[\w .-]*secret|secret_?access)[\w .-]*key(?:\\*[\"'`]\]?)?[ \t:=>,]{1,8}\\*[\"'`]?"
        r"([A-Z0-9/+]{40})(?:[^A-Z0-9/+=]|\z)",
    ),
    # https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    _rule(
        "github-token",
        r"\b(gh[pousr]_[A-Za-z0-9]{36,}|ghs_\w*eyJ[\w-]+\.[\w-]+\.[\w-]+|github_pat_[A-Za-z0-9]{20,}\w*)",
    ),
    # https://docs.slack.dev/authentication/tokens, …/messaging/sending-messages-using-incoming-webhooks
    _rule("slack-token", r"\b((?:xox[a-z](?:\.xox[a-z])?|xapp)-[0-9][A-Za-z0-9-]{10,})"),
    _rule("slack-webhook", r"hooks\.slack\.com/\w+/([\w/+-]{20,})", _is_no_stand_in),
    # https://cloud.google.com/docs/authentication/api-keys, https://developers.google.com/identity/protocols/oauth2
    _rule("google-api-key", r"\b(AIza[\w-]{35})(?:[^\w-]|\z)"),
    _rule("google-oauth-secret", r"\b(GOCSPX-[\w-]{20,})"),
    # https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
    _rule("azure-account-key", r"(?i)AccountKey=([A-Z0-9+/]{40,}={0,2})"),
    # https://docs.anthropic.com/en/api/overview
    _rule("anthropic-key", r"\b(sk-ant-[\w-]{20,})"),
    # https://platform.openai.com/docs/api-reference/authentication
    _rule("openai-key", r"\b(sk-(?:proj|svcacct|admin)-[\w-]{20,}|sk-[A-Za-z0-9]{20,})(?:[^\w-]|\z)"),
    # https://docs.stripe.com/keys
    _rule("stripe-key", r"\b([sr]k_(?:live|test)_[A-Za-z0-9]{24,})"),
    # https://docs.npmjs.com/about-access-tokens
    _rule("npm-token", r"\b(npm_[A-Za-z0-9]{36})\b"),
    # https://pypi.org/help/#apitoken
    _rule("pypi-token", r"\b(pypi-AgE[\w-]{50,})"),
    # https://docs.gitlab.com/security/tokens/#token-prefixes
    _rule("gitlab-token", r"\b(glpat-[\w-]{20,}(?:\.[0-9a-z]{2}\.[0-9a-z]+)?)"),
    # https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys
    _rule("sendgrid-key", r"\b(SG\.[\w-]{16,}\.[\w-]{16,})"),
    # https://www.rfc-editor.org/rfc/rfc7519
    _rule("jwt", r"\b(eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})"),
)
_GUESSES = (
    # https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
    _rule(
        "url-credentials",
        r"://[^\x00-\x20:@/?#\"'`<>\[\]\\]*:([^\x00-\x20/?#\"'`\\]+)@[^\x00-\x20/@]",
        _is_no_stand_in,
    ),
    # https://curl.se/docs/manpage.html#-u, also as a list of words
    _rule(
        "curl-credentials",
        rf"\bcurl\b(?:[^\n|;\\]|\\.|\\\r?\n)*?[ \t\"']{_USER_OPTION}"
        r"\\*[\"']?([^\x00-\x20:\"'`\\]+):([^\x00-\x20\"'`\\]+)",
        _is_password,
    ),
    # https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    _rule("bearer-token", r"(?i)\bbearer[ \t]+([\w.~+/-]{16,}=*)", _looks_random),
    # password: str = "…", 'token' => '…', config["secret"] = "…"
    _rule(
        "generic-assignment",
        rf"(?i){_NAME}(?:\\*[\"'`]\]?[ \t]*|{_TYPE}|[ \t]*)(?::=|=>|[:=])[ \t]*"
        rf"{_OPEN_QUOTE}({_IN_QUOTES}{{8,}}){_CLOSE_QUOTE}",
        _is_random_string,
    ),
    # PASSWORD=…, password: … on lines of their own
    _rule(
        "generic-assignment",
        r"(?im)^[ \t+#;/*-]*(?:(?:export|set|env|arg)[ \t]+)?[\w.-]*"
        rf"{_NAME}[ \t]*[:=][ \t]*({_IN_QUOTES}{{8,}})[ \t\r]*(?:[ \t]#.*)?$",
        _is_random_word,
    ),
    # --password=…, ?token=…&, Password=…;
    _rule(
        "generic-assignment",
        rf"(?i){_NAME}=([^\x00-\x20\"'`\\(){{}}\[\]<>,;&]{{8,}})(?:[\s\"'`&;\\]|\z)",
        _is_random_word,
    ),
)
_ANY_FORMAT, _ANY_RULE = _any_of(_FORMATS), _any_of(_FORMATS + _GUESSES)
