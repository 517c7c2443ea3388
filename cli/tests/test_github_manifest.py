"""`devnexus github manifest`: from the page to the keys, without a person only where a browser would be."""

import html
import json
import re
import stat
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from devnexus_cli.github import app_registration, github
from devnexus_cli.github.app_manifest import app_manifest, page

APP = {
    "id": 4711,
    "slug": "acme-nexus",
    "html_url": "https://github.com/apps/acme-nexus",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n",
    "webhook_secret": "s3cr3t-of-the-app",
}


class GitHub:
    """Stands for the part of GitHub that turns a code into an App, once."""

    def __init__(self):
        self.codes = {"one": APP}
        self.status = 201
        conversions = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                code = urlsplit(self.path).path.split("/")[-2]
                found = conversions.codes.pop(code, None)
                self.send_response(conversions.status if found else 404)
                self.end_headers()
                self.wfile.write(json.dumps(found or {"message": "Not Found"}).encode())

            def log_message(self, *_):
                """Keep quiet."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def there():
    stand_in = GitHub()
    yield stand_in
    stand_in.close()


def run(*arguments):
    return CliRunner().invoke(github, ["manifest", *arguments], catch_exceptions=True)


def test_the_app_is_private_and_may_only_read():
    manifest = json.loads(run("--url", "https://hooks.acme.example/", "--json").output)
    assert manifest["public"] is False
    assert manifest["default_permissions"] == {"contents": "read", "metadata": "read"}
    assert manifest["default_events"] == ["push", "repository"]
    assert manifest["hook_attributes"]["url"] == "https://hooks.acme.example/webhooks/github"
    with_checks = json.loads(run("--url", "https://hooks.acme.example", "--checks", "--json").output)
    assert with_checks["default_permissions"]["checks"] == "write"


def test_the_page_hands_over_exactly_the_manifest():
    manifest = app_manifest("https://a.example", name='A "name" & <more>', checks=False)
    shown = page(manifest, "https://github.com/settings/apps/new?state=a&b")
    assert json.loads(html.unescape(re.search(r'name="manifest" value="([^"]*)"', shown)[1])) == manifest
    assert html.unescape(re.search(r'action="([^"]*)"', shown)[1]).endswith("?state=a&b")


def test_one_click_brings_the_keys_into_files_of_ones_own(there, tmp_path, monkeypatch):
    def click_on(waiting):
        shown = urllib.request.urlopen(waiting.address, timeout=5).read().decode()
        action = urlsplit(html.unescape(re.search(r'action="([^"]*)"', shown)[1]))
        assert action.path == "/organizations/acme/settings/apps/new"
        (state,) = parse_qs(action.query)["state"]
        for wrong in (f"?code=one&state=x{state}", f"?state={state}", "?code=one"):
            with pytest.raises(urllib.error.HTTPError, match="400"):
                urllib.request.urlopen(waiting.redirect_url + wrong, timeout=5)
        urllib.request.urlopen(f"{waiting.redirect_url}?code=one&state={state}", timeout=5).read()

    class Clicked(app_registration.Waiting):
        def wait(self, shown):
            browser = threading.Thread(target=click_on, args=(self,))
            browser.start()
            code = super().wait(shown)
            browser.join()
            return code

    monkeypatch.setattr(sys.modules["devnexus_cli.github.manifest_command"], "Waiting", Clicked)
    keys = tmp_path / "keys"
    done = run(
        "--url", "https://a.example", "--owner", "acme", "--github-url", there.url, "--keys", str(keys)
    )
    assert done.exit_code == 0, done.output
    assert (keys / "private-key.pem").read_text() == APP["pem"]
    assert (keys / "webhook-secret").read_text() == APP["webhook_secret"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()}
    assert modes == {0o600}
    assert "GITHUB_APP_ID=4711" in done.output
    assert "https://github.com/apps/acme-nexus/installations/new" in done.output
    assert APP["webhook_secret"] not in done.output and "PRIVATE KEY-" not in done.output


def test_keys_that_are_there_are_never_overwritten(there, tmp_path):
    (tmp_path / "webhook-secret").write_text("old")
    done = run("--code", "one", "--github-url", there.url, "--keys", str(tmp_path))
    assert done.exit_code != 0 and "there already" in str(done.exception)
    assert there.codes and (tmp_path / "webhook-secret").read_text() == "old"


def test_a_code_that_is_spent_is_said_to_be(there, tmp_path):
    there.codes.clear()
    done = run("--code", "one", "--github-url", there.url, "--keys", str(tmp_path / "keys"))
    assert "works once" in str(done.exception)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("app", [{"id": "x"}, {**APP, "pem": None}])
def test_an_answer_that_is_none_leaves_no_files(there, tmp_path, app):
    there.codes["one"] = app
    done = run("--code", "one", "--github-url", there.url, "--keys", str(tmp_path / "keys"))
    assert "try again" in str(done.exception)
    assert not (tmp_path / "keys").exists()


def test_github_that_is_away_is_told_apart_from_a_wrong_code(there, tmp_path):
    there.status = 503
    done = run("--code", "one", "--github-url", there.url, "--keys", str(tmp_path / "keys"))
    assert "503" in str(done.exception) and "--code" in str(done.exception)


@pytest.mark.parametrize(
    "arguments", [(), ("--url", "hooks"), ("--url", "ftp://a.example"), ("--code", "x", "--github-url", "x")]
)
def test_what_is_missing_or_wrong_is_named(arguments):
    done = run(*arguments)
    assert done.exit_code == 2
    assert "--url" in done.output or "--github-url" in done.output
