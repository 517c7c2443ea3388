"""The redactor: what it takes out, what it leaves alone, and that lines keep their numbers.

The secrets are made up as the tests run, so that no scanner takes this file for a leak.
"""

import random
import re
from string import ascii_letters, ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devnexus.redact import redact

MARKER = re.compile(r"\[REDACTED:[a-z-]+\]")


def made_up(length, alphabet=ascii_letters + digits):
    return "".join(random.Random(length).choices(alphabet, k=length))


def key_block(kind, *, header="", lines=4):
    body = "".join(made_up(63 + n) + "\n" for n in range(lines))
    return f"-----BEGIN {kind}-----\n{header}{body}-----END {kind}-----"


RSA, OPENSSH, PGP = ("RSA PRIVATE " + "KEY", "OPENSSH PRIVATE " + "KEY", "PGP PRIVATE " + "KEY BLOCK")
SEGMENT = "ey" + "J" + made_up(30)
JWT = f"{SEGMENT}.{SEGMENT}.{made_up(43)}"
AWS_ID, AWS_SECRET = "AKIA" + "IOSFODNN7" + "EXAMPLE", "wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCY" + "EXAMPLEKEY"
GITHUB = "ghp_" + made_up(36)
WORD = made_up(20)

PLANTED = [
    ("private-key", "", key_block(RSA).replace("\n", "\\n"), '",'),
    ("private-key", '"private_key": "', key_block("PRIVATE " + "KEY").replace("\n", "\\\\n"), '\\\\n"'),
    ("aws-access-key", "id: ", AWS_ID, "\n"),
    ("aws-access-key", '("', "ASIA" + made_up(16, ascii_uppercase + digits), '")'),
    ("aws-secret-key", "aws_secret_access_key = ", AWS_SECRET, "\n"),
    ("aws-secret-key", '"SecretAccessKey": "', AWS_SECRET, '",'),
    ("aws-secret-key", "export AWS_SECRET_KEY='", AWS_SECRET, "'"),
    ("github-token", "clone \ud800 with ", GITHUB, ", please\0"),
    ("github-token", "", "gho_" + made_up(36), ""),
    ("github-token", "x=", "ghs_" + "123456_" + JWT, ";"),
    ("github-token", "", "github_pat_" + made_up(22) + "_" + made_up(59), ""),
    ("slack-token", "", "xox" + "b-123456789012-1234567890123-" + made_up(24), ""),
    ("slack-token", "", "xapp" + "-1-A0123456789-1234567890123-" + made_up(64), ""),
    ("slack-webhook", "https://hooks.slack.com/services/", "T01234567/B01234567/" + made_up(24), " now"),
    ("google-api-key", "?key=", "AI" + "za" + made_up(35), "&q=1"),
    ("google-oauth-secret", "", "GOCSP" + "X-" + made_up(28), ""),
    ("azure-account-key", "AccountName=x;AccountKey=", made_up(86) + "==", ";Suffix=y"),
    ("anthropic-key", "", "sk-" + "ant-api03-" + made_up(93) + "AA", ""),
    ("openai-key", "", "sk-" + "proj-" + made_up(48), ""),
    ("openai-key", "", "sk-" + made_up(48), ""),
    ("stripe-key", "", "sk_" + "live_" + made_up(24), ""),
    ("stripe-key", "", "rk_" + "live_" + made_up(99), ""),
    ("stripe-key", "", "sk_" + "test_" + made_up(24), ""),
    ("npm-token", "//npm.example.org/:_authToken=", "npm_" + made_up(36), ""),
    ("pypi-token", "password = ", "pypi-" + "AgEI" + made_up(150), ""),
    ("gitlab-token", "", "glpat-" + made_up(20), ""),
    ("sendgrid-key", "", "SG." + made_up(22) + "." + made_up(43), ""),
    ("jwt", "Authorization: Bearer ", JWT, '"'),
    ("url-credentials", "postgres://app:", "pa+" + made_up(6) + "@ss", "@db:5432/app"),
    ("url-credentials", "redis://:", "mypw", "@cache"),
    ("url-credentials", "amqps://ü:", "geheim-ß-" + made_up(3), "@host/"),
    ("curl-credentials", "curl -s -u admin:", "geheim" + "42", " https://acme.org"),
    ("curl-credentials", "$ curl -X POST \\\n  -fsu 'bob:", "pa:ss" + made_up(4), "' \\\n  https://acme.org"),
    ("curl-credentials", 'run(["curl", "--user", "bob:', "correct-horse", '"])'),
    ("bearer-token", '"Authorization: bearer ', made_up(32), '"'),
    ("generic-assignment", 'PASSWORD = "', WORD, '"'),
    ("generic-assignment", "password: str | None = '", WORD, "'"),
    ("generic-assignment", 'const apiKey string = "', WORD, '"'),
    ("generic-assignment", 'config["client_secret"] = "', WORD, '"'),
    ("generic-assignment", "'token' => '", WORD, "',"),
    ("generic-assignment", 'auth := "', WORD, '"'),
    ("generic-assignment", '{\\"private_key_password\\": \\"', WORD, '\\"}'),
    ("generic-assignment", 'geheimes_passwd = "', "Pässwörter" + "-4711ß", '"  # ü'),
    ("generic-assignment", "mysql --password=", WORD, " -e x"),
    ("generic-assignment", '"https://acme.org/?token=', WORD, '&page=1"'),
    ("generic-assignment", '"Server=db;Password=', WORD, ';Encrypt=true"'),
    ("generic-assignment", "DB_PASSWORD=", WORD, "\nDB_HOST=db"),
    ("generic-assignment", "+  - API_KEY=", WORD, "  # of the day\r\n"),
    ("generic-assignment", "# encryption-key: ", WORD, ""),
]

TYPES = {
    "private key": key_block("PRIVATE " + "KEY"),
    "AWS id": f"region = eu-west-1\nkey = {AWS_ID}",
    "GitHub, classic": f"git clone https://x-access-token:{GITHUB}@github.com/acme/api",
    "GitHub, fine-grained": "gh auth login # github_pat_" + made_up(22) + "_" + made_up(59),
    "GitLab": 'headers["PRIVATE-TOKEN"] = "glpat-' + made_up(20) + '"',
    "Slack": "bot: xox" + "b-123456789012-1234567890123-" + made_up(24),
    "Google API": "https://maps.example.org/api/js?key=AI" + "za" + made_up(35),
    "Google OAuth": '{"client_secret":"GOCSP' + "X-" + made_up(28) + '"}',
    "Anthropic": "client = Client('sk-" + "ant-api03-" + made_up(93) + "AA')",
    "OpenAI": "openai.api_key = 'sk-" + "proj-" + made_up(48) + "'",
    "Stripe": "Stripe.api_key = 'sk_" + "live_" + made_up(24) + "'",
    "npm": "//npm.example.org/:_authToken=npm_" + made_up(36),
    "PyPI": "twine upload -p pypi-" + "AgEI" + made_up(150),
    "SendGrid": "SENDGRID: SG." + made_up(22) + "." + made_up(43),
    "JWT": f"const session = '{JWT}'",
    "credentials in a URL": "postgres://app:" + "hunter" + "2@db:5432/app",
    "bearer header": "Authorization: Bearer " + made_up(32),
    "Azure AccountKey": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + made_up(86) + "==",
    "curl -u": "curl -u deploy:" + made_up(12) + " https://ci.example.org/build",
    "quoted assignment": f'DB_PASSWORD = "{WORD}"',
    "key in YAML or .env": f"db:\n  password: {WORD}\n",
}

NEAR = [
    "token = get_token()",
    'secret_name = "projects/p/secrets/x"',
    "password_hash_rounds = 12",
    "api_key: str",
    'PASSWORD_FIELD = "j_password_01x"',
    "token = tokens[index1].value",
    "token = request.headers2.x_token",
    "access_token=oauth2Token,",
    "    token=userToken2",
    "password: passwordFromVault1",
    'secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-aB3dE5"',
    'token_url = "https://acme.org/oauth2/token"',
    'private_key = "/etc/ssl/private/key01.pem"',
    'password = "${DB_PASSWORD_1}"',
    'password = "{{ password1 }}"',
    'password = f"{prefix1}-{suffix2}"',
    'password = "changeme-12345678"',
    'api_key = "YOUR_API_KEY_123"',
    'token = "<my-token-42>"',
    'token = "xxxxxxxx-0123-xxxx"',
    'token = "aaaaaaaaaaaa1"',
    'token = "a long text of 42 words"',
    'token = os.environ["TOKEN_1_OF_2"]',
    "token: process.env.TOKEN_1_OF_2",
    "TOKEN=$TOKEN_1_OF_2",
    "password: ${{ secrets.PASSWORD_1 }}",
    'credential = "alice01@acme.org"',
    'token = "x-acme-s3session-token"',
    'acme-auth = ">=2.14.1,<3.0.0rc1"',
    '"web-auth/webauthn": ">=3.3,<3.3.4|>=4.5,<4.9"',
    '"jwt-token": "^12.10.3-beta.2"',
    "acme-auth: ~=1.2.3,!=1.2.*",
    '"@acme/auth-next": "5.0.0-1667386184.dfbbb54"',
    '"8-characters-for-your-password": "请设置密码字符为8个或更多"',
    "https://{token}:x-access-token@git.acme.org/api.git",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    'author = "jdoe-8h3kq9x2"',
    'token = "^[a-z]+-[0-9]+$"',
    'token = "1234567890"',
    "SIOCGLIFTOKEN = -0x3f879678",
    '"[REDACTED:aws-secret-key]", ' + made_up(40),
    f'token = "{"6f1c2a9e"}-58b7-4c0d-9e3f-0a1b2c3d4e5f"',
    f'"integrity": "sha512-{made_up(86)}=="',
    f"token-1.0.0.tgz#{made_up(40, '0123456789abcdef')}",
    f"rev: {made_up(40, '0123456789abcdef')}",
    f'secret = "sha256:{made_up(64, "0123456789abcdef")}"',
    "Authorization: Bearer $TOKEN",
    "Authorization: Bearer <access-token-1234>",
    "uses bearer authentication-and-more",
    "postgres://user:password@host/db and postgres://REDACTED:REDACTED@host/db",
    "postgres://${USER}:${PASSWORD}@host/db",
    "postgres://{user}:{password}@host/db",
    "postgres://<user>:<password>@host/db",
    "postgres://%s:%s@host/db and postgres://u:$PW@host/db and postgres://u:***@host/db",
    "curl -u user:password -u admin:admin -u $USER:$TOKEN1 https://acme.org",
    "curl --user-agent 'acme:1.0' https://acme.org | docker run -u 1000:1001 -u a:b1 x",
    "curls like -u a:b1",
    "http://localhost:8080/a?mail=a@b.org",
    "see http://localhost:8080,a@b.org",
    "AKIA" + made_up(15, ascii_uppercase),
    "task-" + made_up(30),
    "sk-cube-grid-of-nine-blocks",
    "xoxb-your-token-goes-here",
    f"if '-----BEGIN {RSA}-----' in text:\n    return text.split('-----END {RSA}-----')",
    f"-----BEGIN {RSA}-----\n...\n-----END {RSA}-----",
    "-----BEGIN CERTIFICATE-----\n" + made_up(64) + "\n-----END CERTIFICATE-----",
    "Ünïcödé\r\n\x00\ud800 \u2028 and a lone \r",
]


@pytest.mark.parametrize(("kind", "before", "secret", "after"), PLANTED)
def test_a_secret_is_replaced_and_nothing_around_it(kind, before, secret, after):
    assert redact(before + secret + after) == (f"{before}[REDACTED:{kind}]{after}", {kind: 1})


@pytest.mark.parametrize("line", ["{}", "+{}", '    - "{}"'])
def test_of_21_types_of_secrets_planted_in_a_diff_at_most_one_is_missed(line):
    assert len(TYPES) == 21
    missed = [name for name, text in TYPES.items() if not redact(line.replace("{}", text)).found]
    assert len(missed) <= 1, missed


@pytest.mark.parametrize("text", NEAR)
def test_what_only_resembles_a_secret_stays(text):
    assert redact(text) == (text, {})


@pytest.mark.parametrize(
    "block",
    [
        key_block(RSA),
        key_block(RSA, header="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n"),
        key_block(OPENSSH).replace("\n", "\r\n"),
        key_block(PGP, header="Version: GnuPG v2\n\n"),
        key_block(RSA).replace("\n", "\n+"),
        key_block(RSA).replace("\n", "\n-"),
        key_block(RSA).replace("\n", "\n    // "),
        key_block(RSA).replace("\n", '\\n" +\n  "'),
        key_block(RSA).replace("-----", "---- ", 1).replace("-----END", "---- END"),
        key_block(RSA).split("\n-----END")[0],
        key_block(RSA)[:150],
    ],
)
def test_a_private_key_keeps_its_lines_ended_or_not(block):
    kept = "".join(re.findall(r"\r?\n", block))
    expected = f"before\n'[REDACTED:private-key]{kept}"
    assert redact(f"before\n'{block}") == (expected, {"private-key": 1})
    assert redact(f"before\n'{block}'\nafter = 1") == (f"{expected}'\nafter = 1", {"private-key": 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'password = "{GITHUB}"', 'password = "[REDACTED:github-token]"'),
        (f'password = "a1-{GITHUB}"', 'password = "a1-[REDACTED:github-token]"'),
        (
            f"https://{GITHUB}:x-oauth-basic@acme.org",
            "https://[REDACTED:github-token]:x-oauth-basic@acme.org",
        ),
        (f"https://x:{GITHUB}@acme.org", "https://x:[REDACTED:github-token]@acme.org"),
        (f"{GITHUB} = '{WORD}'", f"[REDACTED:github-token] = '{WORD}'"),
    ],
)
def test_the_most_specific_rule_wins_and_nothing_is_replaced_twice(text, expected):
    assert redact(text) == (expected, {"github-token": 1})


def test_every_secret_is_counted_by_kind():
    text = f"{GITHUB} {AWS_ID} {GITHUB}\npassword='{WORD}'\npassword={WORD}\n"
    assert redact(text).found == {"aws-access-key": 1, "github-token": 2, "generic-assignment": 2}


pieces = st.one_of(
    st.sampled_from([before + secret + after for _, before, secret, after in PLANTED]),
    st.sampled_from([secret for _, _, secret, _ in PLANTED]),
    st.sampled_from([before for _, before, _, _ in PLANTED]),
    st.sampled_from(
        [*NEAR, key_block(RSA), key_block(PGP)[:99], "://", "@", ":", "=", "'", '"', "\\", "\n", "\r"]
    ),
    st.text(st.characters(), max_size=8),
)


@given(st.lists(pieces, max_size=8).map("".join))
def test_redacting_keeps_lines_and_what_is_no_secret_and_is_done_once(text):
    once = redact(text)
    assert once.text.count("\n") == text.count("\n")
    assert len(MARKER.findall(once.text)) - len(MARKER.findall(text)) == sum(once.found.values())
    assert redact(once.text) == (once.text, {})
    end = 0
    for kept in MARKER.split(once.text):
        end = text.index(kept.lstrip("\r\n"), end) + len(kept.lstrip("\r\n"))


@pytest.mark.parametrize(
    "piece", ["token=", "://a:", "password = '", "a", f"-----BEGIN {RSA}-----\n{WORD * 2}\n"]
)
def test_a_hostile_text_of_a_megabyte_is_no_trouble(piece):
    text = piece * (1_000_000 // len(piece))
    assert redact(text).text.count("\n") == text.count("\n")
