"""What people see: sentences with lines, whatever repositories are called, and nothing that runs."""

import re

import pytest
from builders import NOON, decided, known, manifest, pushed, reading, record_of, repository, row

from a2a_gateway.pages.links import lines_link, on_github
from a2a_gateway.pages.render import visible
from devnexus.events.patterns_extracted import Commit, FileReading, Pattern
from devnexus.events.similarity_computed import Place

NAMED = {"name": "acme-client", "line": 2}
SCRIPT = "<script>alert(1)</script>"


def text_of(page):
    """The page as a reader sees it: without tags, blanks made one."""
    plain = re.sub(r"<[^>]+>", " ", page.replace("&#39;", "'").replace("&amp;", "&"))
    return re.sub(r"\s+([.,;:])", r"\1", re.sub(r"\s+", " ", plain))


def test_the_overview_names_repositories_pushes_and_patterns(world):
    page = text_of(world.page("/"))
    assert "It knows 5 repositories as of revision" in page
    assert "Retry backoff 4" in page
    assert "2026-03-01 22:00 receipt acme/billing: Ada pushed 1 commit, “change”" in page
    assert "1–5 of 5, by name" in page
    assert "Nothing yet" not in page


def test_an_empty_knowledge_base_says_what_to_do(empty):
    page = text_of(empty.page("/overview"))
    assert "It knows 0 repositories" in page and "Push to a repository" in page


def test_a_long_list_of_repositories_comes_in_pages(world, monkeypatch):
    monkeypatch.setattr("a2a_gateway.pages.overview.PAGE_SIZE", 5)
    assert "page=2" not in world.page("/overview")
    monkeypatch.setattr("a2a_gateway.pages.overview.PAGE_SIZE", 2)
    assert "/overview?page=2" in world.page("/overview")
    last = world.page("/overview?page=3")
    assert "acme/web" in last and "5–5 of 5" in last and "page=4" not in last
    for beyond in ("4", "0", "x", "9" * 9):
        assert world.client.get(f"/overview?page={beyond}").status_code == 404


def test_a_repository_tells_what_it_does_what_it_is_like_and_what_it_lacks(world):
    page = text_of(world.page("/repositories/ACME/reports"))
    assert "Metrics strong 0.80 x, since 1 March 2026 src/metrics.py:3" in page
    assert "4 of 5 repositories of its kind have Retry backoff; acme/reports shows none." in page
    assert "For example acme/billing: src/retry-backoff.py:3" in page
    assert "No documented class or function was seen." in page
    assert "2 packages from pypi" in page
    assert "Every file of the last push or snapshot was read." in page
    like = world.page("/repositories/acme/api")
    assert '<a href="/pairs/acme/api/acme/billing">Side by side</a>' in like


def retrying_with(package, number):
    page = known(
        f"acme/r{number}", number, patterns=["rest-api", "ci-cd", "retry-backoff"], packages=[package]
    )
    retry = page.standing_patterns["retry-backoff"]
    asked = retry.evidence[0].model_copy(
        update={"path": "pyproject.toml", "start": 5, "end": 5, "kind": "dependency"}
    )
    patterns = {**page.standing_patterns, "retry-backoff": retry.model_copy(update={"evidence": (asked,)})}
    return page.model_copy(update={"standing_patterns": patterns})


def test_a_repository_tells_what_it_does_otherwise_than_its_kind(empty):
    empty.put(retrying_with("backoff", 1), *(retrying_with("tenacity", n) for n in range(2, 5)))
    page = text_of(empty.page("/repositories/acme/r1"))
    assert (
        "3 of 4 repositories of its kind do Retry backoff with tenacity; acme/r1 does it with backoff: "
        "pyproject.toml:5. For example acme/r4: pyproject.toml:5"
    ) in page
    assert "otherwise" not in text_of(empty.page("/repositories/acme/r2"))


def test_a_repository_tells_what_was_missed_and_what_was_left_out(told):
    page = text_of(told.page("/repositories/acme/api"))
    assert "6 files left out as lock file: uv.lock and 5 others" in page
    assert "2 secrets (aws-access-key) taken out of src/settings.py." in page
    gap = record_of(pushed("lost", "b", minute=5))
    told.learn(record_of(pushed("0", "a")), gap)
    told.now += 1
    page = text_of(told.page("/repositories/acme/api"))
    assert "before 2026-03-01 12:05, was never seen." in page


def test_a_repository_tells_what_was_decided_and_who_uses_what_it_publishes(told):
    decision = decided(f"Use Redis {SCRIPT}", status="accepted", line=3)
    client = repository("acme/client", 8)
    files = (
        FileReading(path="adr/1.md", status="added", decisions=(decision,)),
        FileReading(path="pyproject.toml", status="added", manifest=manifest("x").model_copy(update=NAMED)),
    )
    told.learn(record_of(pushed("0", "a", repository=client), *files))
    asks = FileReading(path="api/pyproject.toml", status="added", manifest=manifest("acme-client"))
    told.learn(record_of(pushed("0", "a", repository=repository("acme/shop", 9)), asks))
    told.now += 1
    page = told.page("/repositories/acme/client")
    assert SCRIPT not in page
    assert "Use Redis" in text_of(page) and "adr, accepted, 1 March 2026 adr/1.md:3" in text_of(page)
    used = "acme/shop asks for acme-client: api/pyproject.toml:5, published by pyproject.toml:2"
    assert used in text_of(page)


def test_a_pattern_tells_who_uses_it_and_who_like_them_does_not(world):
    page = text_of(world.page("/patterns/retry-backoff"))
    assert "4 of 5 repositories use it." in page
    assert "acme/jobs strong 0.80 since 1 March 2026 src/retry-backoff.py:3" in page
    assert "acme/reports, which is like acme/" in page
    everybody = text_of(world.page("/patterns/metrics"))
    assert "Every repository that is like a user of it uses it too." in everybody


def test_a_pair_tells_why_and_who_changed_the_copy_last_whichever_is_named_first(world):
    page = world.page("/pairs/acme/billing/acme/api")
    assert page == world.page("/pairs/acme/api/acme/billing")
    text = text_of(page)
    assert re.search(r"They share 4 patterns, 1 dependency and \d+ keywords\.", text), text[:600]
    assert "acme/billing changed it last, on 1 March 2026; the other has not since." in text
    assert "acme/api src/http.py:10-29" in text and "acme/billing src/http.py:12-31" in text
    assert re.search(r"Retry backoff pattern \d\.\d\d acme/api src/retry-backoff.py:3", text)
    assert world.client.get("/pairs/acme/api/acme/api").status_code == 404


def test_a_receipt_tells_what_was_seen_and_what_was_not(told):
    (address,) = re.findall(r'"(/receipts/[^"]+)"', told.page("/repositories/acme/api"))
    assert address.startswith("/receipts/acme/api/2026-03-01/")
    page = told.page(address)
    text = text_of(page)
    assert "Of 9 touched files, 2 were read whole." in text
    assert "Retry with backoff new lines src/client.py:7 new src/client.py:90" in text
    assert "Redis caching src/client.py:2" in text
    assert "Removed: old.py." in text
    assert "1 file left out as too many lines: big.sql" in text
    assert "2 × aws-access-key in src/settings.py" in text
    assert "1 claim dropped" in text and "rules, version 1" in text
    assert "https://github.com/acme/api/blob/" in page and "/src/client.py#L7-L7" in page


@pytest.mark.parametrize(
    "path",
    [
        "/repositories/acme/none",
        "/patterns/none",
        "/patterns/../../x",
        "/pairs/acme/api/acme/none",
        "/receipts/acme/api/2026-03-01/0000000000000000",
        "/receipts/acme/api/2026-3-1/0000000000000000",
        "/receipts/acme/api/..%2f../0000000000000000",
        "/receipts/acme/none/2026-03-01/0000000000000000",
    ],
)
def test_what_is_not_known_is_not_found_and_the_page_says_where_to_go(told, path):
    answer = told.client.get(path, headers=told.BROWSER)
    assert answer.status_code == 404
    assert 'href="/overview"' in answer.text


def test_a_history_that_cannot_be_read_is_said(told):
    (address,) = re.findall(r'"(/receipts/[^"]+)"', told.page("/repositories/acme/api"))
    path = f"history/github.com/1/{NOON:%Y-%m-%d}.jsonl"
    told.store.commit({path: b"{broken\n"}, message="damage", expected_head=told.store.head())
    told.now += 1
    answer = told.client.get(address)
    assert (answer.status_code, told.mimetype(answer)) == (503, "text/html")


def test_nothing_that_a_repository_says_becomes_markup_or_a_way_out(empty):
    where = repository().model_copy(update={"url": "javascript:alert(1)"})
    evil = Pattern(id=f"a/{SCRIPT}", name=f"\u202e{SCRIPT}", category='"><img src=x onerror=alert(1)>')
    push = pushed("0", "a", repository=where)
    record = record_of(push, reading(f"{SCRIPT}.py", row(rule=evil.id, introduced=True)), patterns=(evil,))
    commit = Commit(sha=push.after, author=SCRIPT, message=f"{SCRIPT}\u202e\x07")
    empty.learn(record.model_copy(update={"commits": (commit,)}))
    front = empty.page("/")
    here = empty.page("/repositories/acme/api")
    (receipt,) = re.findall(r'"(/receipts/[^"]+)"', here)
    (pattern,) = re.findall(r'"(/patterns/[^"]+)"', here)
    pages = [front, here, empty.page(receipt), empty.page(pattern)]
    for page in pages:
        assert "&lt;script&gt;" in page
        assert "<script" not in page and "<img" not in page
        assert "\u202e" not in page and "\x07" not in page
        assert "javascript:" not in page


def test_what_hides_or_turns_text_is_shown_as_its_number():
    assert visible("gnp\u202e.exe") == "gnp⌈202E⌉.exe"
    joined = "Łódź \U0001f469\u200d\U0001f4bb"
    assert visible(joined) == joined


def test_the_places_shown_first_are_code_and_in_different_files(empty):
    rows = [row(line=line, weight=0.9) for line in (5, 1)]
    files = [
        reading("a.toml", row(line=2, weight=1.0, kind="dependency")),
        reading("src/b.py", *rows),
        reading("src/c.py", row(line=7, weight=0.4)),
    ]
    empty.learn(record_of(pushed("0", "a"), *files))
    page = text_of(empty.page("/repositories/acme/api"))
    assert "src/b.py:1 src/c.py:7 src/b.py:5 1 more place a.toml:2" in page


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://github.com/acme/api", "https://github.com/acme/api"),
        ("https://github.com/acme/api.git", "https://github.com/acme/api"),
        ("https://github.com.evil.example/acme/api", None),
        ("https://github.com/acme/api/../../x", None),
        ('https://github.com/acme/api"onclick=', None),
        ("http://github.com/acme/api", None),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_only_repositories_on_github_are_linked(url, base):
    assert on_github(url) == base


def test_a_place_leads_to_its_lines_at_the_commit_that_was_read():
    place = Place(path="src/a b#c?.py", start=3, end=9, commit="c" * 40)
    link = lines_link("https://github.com/acme/api", place)
    assert link.text == "src/a b#c?.py:3-9"
    assert link.url == f"https://github.com/acme/api/blob/{'c' * 40}/src/a%20b%23c%3F.py#L3-L9"


def test_pages_are_guarded_and_kept_by_the_browser_until_the_knowledge_changes(world):
    first = world.client.get("/repositories/acme/api")
    assert first.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    known = {"If-None-Match": first.headers["ETag"]}
    again = world.client.get("/repositories/acme/api", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    world.learn(record_of(pushed("0", "z", minute=9000)))
    world.now += 1
    assert world.client.get("/repositories/acme/api", headers=known).status_code == 200
    known = {"If-None-Match": world.client.get("/repositories/acme/api").headers["ETag"]}
    world.is_down = True
    world.now += 60
    stale = world.client.get("/repositories/acme/api", headers=known)
    assert (stale.status_code, "ETag" in stale.headers) == (200, False)


def test_the_style_is_small_and_kept_for_a_year_under_its_own_name(world):
    (address,) = re.findall(r'rel="stylesheet" href="([^"]+)"', world.page("/overview"))
    style = world.client.get(address)
    assert world.mimetype(style) == "text/css" and len(style.content) < 6000
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    other = world.client.get("/style-000000000000.css")
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-cache")
