"""The pages in a real browser: what people see of the demo, and that nothing is refused or broken."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from devnexus_cli.ports import free_port

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    """The command of a browser without a window."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise FileNotFoundError("no chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address at which `devnexus run` serves the demo."""
    ports = {"WEBHOOK_PORT": str(free_port()), "GATEWAY_PORT": str(free_port())}
    run = subprocess.Popen(
        [sys.executable, "-m", "devnexus_cli.main", "run", "--home", tmp_path_factory.mktemp("demo")],
        env={**os.environ, **ports, "ONCE": "", "REPOS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = ""
    while "Serving" not in printed:
        line = run.stdout.readline()
        assert line, printed
        printed += line
    address = f"http://127.0.0.1:{ports['GATEWAY_PORT']}"
    _wait_for_the_last_commit(address)
    yield address
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=30)


def _wait_for_the_last_commit(address):
    """The gateway looks at the head once a second: what came last may not be there at the first look."""
    until = time.monotonic() + 15
    while any(word not in _body(address) for word in SENTENCES["/"]):
        assert time.monotonic() < until, "the overview lacks what the demo's pushes held"
        time.sleep(0.2)


def _body(address):
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "text/html"})) as answer:
        return answer.read().decode()


@pytest.fixture
def show(browser, site, tmp_path):
    def look(path, width=1200):
        """The document that the browser made of a page, its picture, and what it complained of."""
        picture = tmp_path / "page.png"
        done = subprocess.run(
            [
                *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"),
                *(
                    f"--user-data-dir={tmp_path / 'profile'}",
                    "--hide-scrollbars",
                    "--virtual-time-budget=2000",
                ),
                *(f"--window-size={width},1600", f"--screenshot={picture}", "--dump-dom", f"{site}{path}"),
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert picture.stat().st_size > 5000
        assert re.findall(r".*CONSOLE.*", done.stderr) == []
        return done.stdout

    return look


SENTENCES = {
    "/": ["demo/billing", "demo/fieldkit", "Retry with backoff"],
    "/repositories/demo/billing": ["ServiceClient", "src/billing/http.py", "demo/orders"],
    "/repositories/demo/reports": ["4 of 5 repositories of its kind have"],
    "/patterns/retry-backoff": ["4 of 6 repositories use it", "prices.go:29"],
    "/pairs/demo/billing/demo/orders": [
        "src/billing/http.py:35-80",
        "src/orders/http.py:36-81",
        "3 May 2026",
    ],
}


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("path", SENTENCES)
def test_a_page_says_what_the_summary_says(show, path, width):
    document = show(path, width)
    assert [sentence for sentence in SENTENCES[path] if sentence not in document] == []


def test_from_the_overview_to_a_receipt_by_links_alone(show):
    overview = show("/")
    assert 'href="/repositories/demo/reports"' in overview
    receipts = re.findall(r'href="(/receipts/demo/reports/[^"]+)"', show("/repositories/demo/reports"))
    assert len(receipts) >= 5
    documents = [show(receipt) for receipt in receipts]
    assert any(
        "aws-access-key" in document and "src/reports/settings.py" in document for document in documents
    )
    assert not any("IOSFODNN7EXAMPLE" in document for document in documents)
