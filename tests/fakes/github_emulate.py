"""Stands for GitHub where tests run with `--github=emulate`: Vercel's emulate 0.12.2, in a Node of its own.

From emulate: repositories, blobs, trees, commits, refs with fast-forward only, lists of commits, Apps with
their installations and tokens. From here, since emulate lacks it: archives, and folders that disappear with
their last file. From the gate (`fakes.github_gate`): everything that its own text names.
"""

import base64
import http.client
import io
import json
import re
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from urllib.parse import urlencode

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fakes.emulate import running_service
from fakes.github import APP_ID, OWNER
from fakes.github_gate import READING_TOKEN, WRITING_TOKEN, Request, Response, answer

_EMPTY_FOLDER = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_TOKENS = [f"emulate-{number}" for number in range(100)]
"""Each may ask 5,000 times an hour."""


class Emulate:
    """A backend: emulate's server at `port`."""

    def __init__(self, port: int, app_key: str) -> None:
        self._port = port
        self._app_key = app_key
        self._tokens = cycle(_TOKENS)

    def new_repository(self) -> str:
        """The name of an empty repository."""
        name = f"kb-{uuid.uuid4().hex[:8]}"
        made = self._ask("POST", "/user/repos", {"name": name})
        assert made.status == 201, made
        return f"{OWNER}/{name}"

    def app_key(self) -> str:
        """The private key of the App, which is installed everywhere."""
        return self._app_key

    def head(self, name: str) -> str:
        """The branch main."""
        return str(self._json(f"/repos/{name}/git/ref/heads/main")["object"]["sha"])

    def files(self, name: str, revision: str = "main") -> dict[str, bytes]:
        """Every file of a revision."""
        sha = self.head(name) if revision == "main" else revision
        tree = self._json(f"/repos/{name}/git/commits/{sha}")["tree"]["sha"]
        rows = self._json(f"/repos/{name}/git/trees/{tree}?recursive=1")["tree"]
        return {
            row["path"]: base64.b64decode(self._json(f"/repos/{name}/git/blobs/{row['sha']}")["content"])
            for row in rows
            if row["type"] == "blob"
        }

    def answer(self, request: Request) -> Response:
        archive = re.fullmatch(r"/_archive/([^/]+/[^/]+)/(\w+)", request.path)
        if archive:
            return self._archive(archive[1], archive[2])
        asked = re.fullmatch(r"/repos/([^/]+/[^/]+)/tarball/(\w+)", request.path)
        if asked:
            where = f"http://{request.headers['host']}/_archive/{asked[1]}/{asked[2]}?token=once"
            return Response(302, b"", {"Location": where})
        token = request.headers.get("authorization", "").partition(" ")[2]
        query = urlencode(request.query)
        done = self._ask(
            request.method,
            request.path + (f"?{query}" if query else ""),
            request.body or None,
            token=None if token in {WRITING_TOKEN, READING_TOKEN} else token,
        )
        if request.method == "POST" and request.path.endswith("/git/trees") and done.status == 201:
            return self._without_empty_folders(request.path, done)
        return done

    def _without_empty_folders(self, path: str, done: Response) -> Response:
        sha = json.loads(done.body)["sha"]
        while True:
            rows = self._json(f"{path}/{sha}?recursive=1")["tree"]
            empty = [
                {"path": row["path"], "mode": row["mode"], "type": "tree", "sha": None}
                for row in rows
                if row["sha"] == _EMPTY_FOLDER
            ]
            if not empty:
                return answer(201, {"sha": sha})
            done = self._ask("POST", path, {"base_tree": sha, "tree": empty})
            assert done.status == 201, done
            sha = json.loads(done.body)["sha"]

    def _archive(self, name: str, revision: str) -> Response:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for path, content in self.files(name, revision).items():
                member = tarfile.TarInfo(f"{name.replace('/', '-')}-{revision[:7]}/{path}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return Response(200, packed.getvalue(), {"Content-Type": "application/x-gzip"})

    def _json(self, path: str) -> dict[str, object]:
        done = self._ask("GET", path)
        assert done.status == 200, done
        return json.loads(done.body)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, object] | None = None,
        *,
        token: str | None = None,
    ) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            content = json.dumps(body).encode() if isinstance(body, dict) else body
            headers = {
                "Authorization": f"Bearer {token or next(self._tokens)}",
                "Content-Type": "application/json",
            }
            connection.request(method, path, content, headers)
            got = connection.getresponse()
            return Response(got.status, got.read())
        finally:
            connection.close()


@contextmanager
def running_emulate() -> Iterator[Emulate]:
    """emulate, installed first where it is not; RuntimeError without Node."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    seed = {
        "tokens": {token: {"login": OWNER, "scopes": ["repo"]} for token in _TOKENS},
        "github": {
            "users": [{"login": OWNER}],
            "apps": [
                {
                    "app_id": APP_ID,
                    "slug": "dev-nexus",
                    "name": "dev-nexus",
                    "private_key": key.decode(),
                    "permissions": {"contents": "write", "metadata": "read", "checks": "write"},
                    "installations": [
                        {"installation_id": 1, "account": OWNER, "repository_selection": "all"},
                    ],
                }
            ],
        },
    }
    with running_service("github", seed) as port:
        yield Emulate(port, key.decode())
