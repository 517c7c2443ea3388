"""Stands for the part of GitHub that knowledge bases use: the Git Data API over real bare git repositories.

git itself keeps what is written and says what it is, so that nothing here shares code with what is tested.
Where a test runs with `--github=emulate`, `fakes.github_emulate` stands here instead.
"""

import base64
import hashlib
import io
import os
import re
import subprocess
import tarfile
import uuid
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fakes.github_gate import Request, Response, answer

OWNER = "acme"
APP_ID = 4711
_RECURSIVE_ENTRIES = 100_000


class FakeGitHub:
    """A backend whose repositories are folders below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.recursive_entries = _RECURSIVE_ENTRIES
        """Above this many a recursive folder comes truncated."""
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._indexed: dict[str, str | None] = {}
        """Which folder the index of a repository holds."""
        self.patch_lines = 20_000
        """So many lines are still told by comparisons."""
        self.checks: dict[str, list[dict[str, object]]] = {}
        """Repository → the checks on its commits."""
        self.renamed: dict[str, str] = {}
        """Old name → today's."""

    def new_repository(self) -> str:
        """The name of an empty repository."""
        name = f"{OWNER}/kb-{uuid.uuid4().hex[:8]}"
        self.path(name).mkdir(parents=True)
        self._git(name, "init", "--quiet", "--bare", "--initial-branch=main")
        return name

    def load(self, name: str, clone: Path) -> None:
        """Put all branches of `clone` there."""
        self._git(name, "fetch", "--quiet", "--force", str(clone), "refs/heads/*:refs/heads/*")

    def path(self, name: str) -> Path:
        """Where the repository called `name` is."""
        return self._folder / name

    def app_key(self) -> str:
        """The private key of the App, which is installed everywhere."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ).decode()

    def head(self, name: str) -> str:
        """The branch main, as git says."""
        return self._git(name, "rev-parse", "refs/heads/main").decode().strip()

    def files(self, name: str, revision: str = "main") -> dict[str, bytes]:
        """Every file of a revision, as git says."""
        packed = io.BytesIO(self._git(name, "archive", "--format=tar", revision))
        with tarfile.open(fileobj=packed) as archive:
            files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
            return {path: file.read() for path, file in files.items() if file}

    def check(self, name: str) -> None:
        """Raise CalledProcessError where git finds anything broken."""
        self._git(name, "fsck", "--strict", "--no-dangling")

    def answer(self, request: Request) -> Response:
        app = re.fullmatch(r"/app/installations/(\d+)/access_tokens", request.path)
        if app:
            return self._token(request)
        numbered = re.fullmatch(r"/repositories/(\d+)(/.*)?", request.path)
        if numbered:
            by_number = {repository_number(name): name for name in self.renamed.values()}
            return self._in_repository(request, by_number[int(numbered[1])], numbered[2] or "")
        archive = re.fullmatch(r"/_archive/([^/]+/[^/]+)/(\w+)", request.path)
        if archive:
            return self._archive(archive[1], archive[2])
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", request.path)
        if match and match[1] in self.renamed:
            number = repository_number(self.renamed[match[1]])
            return answer(301, {"message": "Moved"}, Location=f"/repositories/{number}{match[2] or ''}")
        if not match or not self.path(match[1]).is_dir():
            return answer(404, {"message": "Not Found"})
        try:
            return self._in_repository(request, match[1], match[2] or "")
        except (subprocess.CalledProcessError, KeyError) as error:
            return answer(422, {"message": f"Validation failed: {error}"})

    def _in_repository(self, request: Request, name: str, path: str) -> Response:
        kind, _, last = path.removeprefix("/git/").rpartition("/")
        if path == "":
            return answer(200, _described(name))
        if path == "/installation":
            return self._installation(request)
        if path.startswith("/contents/") and request.method == "PUT":
            return self._put(name, path.removeprefix("/contents/"), request)
        if path.startswith("/git/") and not self._has_commits(name):
            return answer(409, {"message": "Git Repository is empty."})
        if path.startswith("/tarball/"):
            where = f"http://{request.headers['host']}/_archive/{name}/{path.removeprefix('/tarball/')}?token=once"
            return Response(302, b"", {"Location": where})
        if path == "/commits":
            return self._log(request, name)
        if "/check-runs" in path:
            return self._checks(request, name, path)
        if path.startswith("/commits/"):
            return self._one_commit(name, path.removeprefix("/commits/"))
        if path.startswith("/compare/"):
            return self._compare(name, path.removeprefix("/compare/"), request.query)
        handler = {
            ("GET", "ref/heads"): lambda: self._ref(name, last),
            ("PATCH", "refs/heads"): lambda: self._move(name, last, request),
            ("GET", "commits"): lambda: self._commit(name, last),
            ("POST", ""): lambda: getattr(self, f"_post_{last}")(name, request.json()),
            ("GET", "trees"): lambda: self._tree(name, last, "recursive" in request.query),
            ("GET", "blobs"): lambda: self._blob(name, last),
        }.get((request.method, kind))
        return handler() if handler else answer(404, {"message": "Not Found"})

    def _ref(self, name: str, branch: str) -> Response:
        place = self.path(name) / "refs/heads" / branch  # never packed here
        if not place.exists():
            return answer(404, {"message": "Not Found"})
        sha = place.read_text().strip()
        return answer(200, {"ref": f"refs/heads/{branch}", "object": {"type": "commit", "sha": sha}})

    def _move(self, name: str, branch: str, request: Request) -> Response:
        body = request.json()
        old = (self.path(name) / "refs/heads" / branch).read_text().strip()
        ahead = self._git(name, "rev-list", "--count", f"{body['sha']}..{old}").strip()
        if ahead != b"0" and not body.get("force"):
            return answer(422, {"message": "Update is not a fast forward"})
        self._git(name, "update-ref", f"refs/heads/{branch}", str(body["sha"]), old)
        return self._ref(name, branch)

    def _commit(self, name: str, sha: str) -> Response:
        try:
            return answer(200, self._commits(name, sha, "--max-count=1")[0]["commit_data"])
        except subprocess.CalledProcessError:
            return answer(404, {"message": "Not Found"})

    def _log(self, request: Request, name: str) -> Response:
        query = request.query
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        path = ["--", query["path"]] if "path" in query else []
        since = [f"--since={query['since']}"] if "since" in query else []
        cut = (f"--max-count={size}", f"--skip={size * (page - 1)}")
        found = self._commits(name, query["sha"], *cut, *since, *path)
        count = int(self._git(name, "rev-list", "--count", *since, query["sha"], *path))
        here = f"http://{request.headers['host']}{request.path}?per_page={size}"
        further = f'<{here}&page={page + 1}>; rel="next", <{here}&page={-(-count // size)}>; rel="last"'
        return answer(200, found, **({"Link": further} if count > size * page else {}))

    def _one_commit(self, name: str, sha: str) -> Response:
        found = self._commits(name, sha, "--max-count=1")[0]
        listing = self._git(
            name, "diff-tree", "-r", "--root", "-z", "--name-status", "--no-commit-id", sha
        ).decode()
        fields = iter(listing.split("\0")[:-1])
        words = {"A": "added", "D": "removed", "M": "modified", "T": "changed"}
        files = [{"status": words[status], "filename": next(fields)} for status in fields]
        return answer(200, {**found, "files": files})

    def _checks(self, request: Request, name: str, path: str) -> Response:
        checks = self.checks.setdefault(name, [])
        if request.method == "GET":
            of = path.split("/")[2]
            return answer(200, {"check_runs": [one for one in checks if one["head_sha"] == of]})
        body = request.json()
        if request.method == "POST":
            checks.append({**body, "id": len(checks) + 1})
            return answer(201, checks[-1])
        number = int(path.rpartition("/")[2])
        checks[number - 1] |= body
        return answer(200, checks[number - 1])

    def _compare(self, name: str, span: str, query: Mapping[str, str]) -> Response:
        """At most 300 files, on the first page; a budget of lines, beyond which rows come without a word."""
        old, new = span.split("...")
        try:
            base = self._git(name, "merge-base", old, new).decode().strip()
        except subprocess.CalledProcessError:
            return answer(404, {"message": "Not Found"})
        behind, ahead = map(
            int, self._git(name, "rev-list", "--left-right", "--count", f"{old}...{new}").split()
        )
        size, page = int(query.get("per_page", 250)), int(query.get("page", 1))
        commits = list(reversed(self._commits(name, f"{old}..{new}"))) if ahead else []
        status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
        body = {
            "status": status.get((ahead > 0, behind > 0), "diverged"),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "base_commit": self._commits(name, old, "--max-count=1")[0],
            "merge_base_commit": self._commits(name, base, "--max-count=1")[0],
            "commits": commits[size * (page - 1) : size * page],
        }
        return answer(200, {**body, "files": self._rows(name, base, new)} if page == 1 else body)

    def _rows(self, name: str, base: str, new: str) -> list[dict[str, object]]:
        words = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
        rows: list[dict[str, object]] = []
        listing = self._git(name, "diff", "-M", "--raw", "-z", "--no-abbrev", base, new).decode().split("\0")
        fields = iter(listing[:-1])
        whole = self._git(name, "diff", "-M", base, new).decode(errors="replace")
        patches = iter(re.split(r"^diff --git ", whole, flags=re.MULTILINE)[1:])
        for meta in fields:
            _, _, _, sha, status = meta.split(" ")
            path = next(fields)
            row: dict[str, object] = {"sha": sha, "status": words[status[0]]}
            if status[0] == "R":
                row["previous_filename"], path = path, next(fields)
            patch = next(patches)
            if status[0] == "T":  # git shows a change of type as a deletion and a creation
                patch = next(patches)
            hunks = patch[patch.index("\n@@ ") + 1 :].removesuffix("\n") if "\n@@ " in patch else ""
            self.patch_lines -= hunks.count("\n")
            told = {"patch": hunks, "changes": 1} if hunks and self.patch_lines > 0 else {"changes": 0}
            rows.append({"filename": path, **row, **told})
        return rows[:300]

    def _commits(self, name: str, revision: str, *options: str) -> list[dict[str, object]]:
        form = "--format=%H%x00%T%x00%P%x00%cI%x00%an%x00%B%x00%x01"
        paths = options[options.index("--") :] if "--" in options else ()
        listing = self._git(
            name, "log", form, *options[: len(options) - len(paths)], revision, *paths
        ).decode()
        found = []
        for record in listing.split("\x01")[:-1]:
            sha, tree, parents, date, author, message, _ = record.lstrip("\n").split("\0")
            commit = {
                "message": message.rstrip("\n"),
                "author": {"name": author},
                "committer": {"date": date},
                "tree": {"sha": tree},
            }
            above = [{"sha": parent} for parent in parents.split()]
            found.append(
                {
                    "sha": sha,
                    "parents": above,
                    "commit": commit,
                    "commit_data": {"sha": sha, "parents": above, **commit},
                }
            )
        return found

    def _tree(self, name: str, sha: str, recursive: bool) -> Response:
        listing = self._git(name, "ls-tree", "-l", "-z", *(["-r", "-t"] if recursive else []), sha).decode()
        rows = []
        for line in listing.split("\0")[:-1]:
            meta, path = line.split("\t", 1)
            mode, kind, id_, size = meta.split()
            sized = {} if size == "-" else {"size": int(size)}
            rows.append({"path": path, "mode": mode, "type": kind, "sha": id_, **sized})
        limit = self.recursive_entries if recursive else _RECURSIVE_ENTRIES
        return answer(200, {"sha": sha, "tree": rows[:limit], "truncated": len(rows) > limit})

    def _blob(self, name: str, sha: str) -> Response:
        content = base64.encodebytes(self._git(name, "cat-file", "blob", sha)).decode()
        return answer(200, {"sha": sha, "content": content, "encoding": "base64"})

    def _archive(self, name: str, revision: str) -> Response:
        around = f"{name.replace('/', '-')}-{revision[:7]}/"
        packed = self._git(name, "archive", "--format=tar.gz", f"--prefix={around}", revision)
        return Response(200, packed, {"Content-Type": "application/x-gzip"})

    def _post_blobs(self, name: str, body: Mapping[str, object]) -> Response:
        content = str(body["content"])
        raw = base64.b64decode(content) if body.get("encoding") == "base64" else content.encode()
        return answer(201, {"sha": self._keep(name, raw)})

    def _post_trees(self, name: str, body: Mapping[str, object]) -> Response:
        index = {"GIT_INDEX_FILE": str(self.path(name) / "index")}
        if self._indexed.get(name) != body["base_tree"]:
            self._git(name, "read-tree", str(body["base_tree"]), **index)
        self._indexed[name] = None
        deletes = any("content" not in row and row["sha"] is None for row in body["tree"])  # type: ignore[attr-defined]
        there = set(self._git(name, "ls-files", "-z", **index).decode().split("\0")) if deletes else set()
        lines = []
        for row in body["tree"]:  # type: ignore[attr-defined]
            if "content" not in row and row["sha"] is None:
                if row["path"] not in there:
                    return answer(422, {"message": "GitRPC::BadObjectState"})
                lines.append(f"0 {'0' * 40}\t{row['path']}\0")
            else:
                id_ = self._keep(name, row["content"].encode()) if "content" in row else row["sha"]
                lines.append(f"{row['mode']} {id_}\t{row['path']}\0")
        self._git(name, "update-index", "-z", "--index-info", stdin="".join(lines).encode(), **index)
        sha = self._git(name, "write-tree", **index).decode().strip()
        self._indexed[name] = sha
        return answer(201, {"sha": sha})

    def _post_commits(self, name: str, body: Mapping[str, object]) -> Response:
        parents = [word for parent in body["parents"] for word in ("-p", parent)]  # type: ignore[attr-defined]
        person: Mapping[str, str] = body["author"]  # type: ignore[assignment]
        sha = self._commit_tree(name, str(body["tree"]), parents, str(body["message"]), person)
        above = [{"sha": parent} for parent in parents[1::2]]
        return answer(201, {"sha": sha, "tree": {"sha": body["tree"]}, "parents": above})

    def _put(self, name: str, path: str, request: Request) -> Response:
        """Only the first commit: nothing else here is written through this."""
        if self._has_commits(name):
            return answer(422, {"message": 'Invalid request. "sha" wasn\'t supplied.'})
        body = request.json()
        blob = self._keep(name, base64.b64decode(str(body["content"])))
        tree = self._git(name, "mktree", stdin=f"100644 blob {blob}\t{path}\n".encode()).decode().strip()
        person: Mapping[str, str] = body["committer"]  # type: ignore[assignment]
        commit = self._commit_tree(name, tree, [], str(body["message"]), person)
        self._git(name, "update-ref", "refs/heads/main", commit)
        return answer(201, {"commit": {"sha": commit}})

    def _commit_tree(
        self, name: str, tree: str, parents: list[str], message: str, person: Mapping[str, str]
    ) -> str:
        when = {"DATE": person["date"]} if "date" in person else {}
        fields = {"NAME": person["name"], "EMAIL": person["email"], **when}
        who = {f"GIT_{role}_{key}": fields[key] for role in ("AUTHOR", "COMMITTER") for key in fields}
        return self._git(name, "commit-tree", tree, *parents, stdin=message.encode(), **who).decode().strip()

    def _installation(self, request: Request) -> Response:
        if not self._is_app(request):
            return answer(401, {"message": "A JSON web token could not be decoded"})
        return answer(200, {"id": 1, "app_id": APP_ID, "permissions": {"contents": "write"}})

    def _token(self, request: Request) -> Response:
        if not self._is_app(request):
            return answer(401, {"message": "A JSON web token could not be decoded"})
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        granted = request.json().get("permissions", {})
        token = f"ghs_{uuid.uuid4().hex}"
        return answer(201, {"token": token, "expires_at": until, "permissions": granted})

    def _is_app(self, request: Request) -> bool:
        token = request.headers.get("authorization", "").partition(" ")[2]
        try:
            claims = jwt.decode(token, self._key.public_key(), algorithms=["RS256"])
        except jwt.PyJWTError:
            return False
        return str(claims["iss"]) == str(APP_ID)

    def _has_commits(self, name: str) -> bool:
        return (self.path(name) / "refs/heads/main").exists()

    def _keep(self, name: str, content: bytes) -> str:
        """Write a loose object, without the milliseconds that a git a file would take."""
        whole = b"blob %d\0" % len(content) + content
        sha = hashlib.sha1(whole).hexdigest()
        place = self.path(name) / "objects" / sha[:2] / sha[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(whole, 1))
        return sha

    def _git(self, name: str, *arguments: str, stdin: bytes | None = None, **environment: str) -> bytes:
        return subprocess.run(
            self._command(name, *arguments),
            input=stdin,
            check=True,
            capture_output=True,
            env={**os.environ, **environment},
        ).stdout

    def _command(self, name: str, *arguments: str) -> list[str]:
        return [
            "git",
            "-C",
            str(self.path(name)),
            "--literal-pathspecs",
            "-c",
            "safe.directory=*",
            *arguments,
        ]


def _described(name: str) -> dict[str, object]:
    return {"id": repository_number(name), "full_name": name, "default_branch": "main"}


def repository_number(name: str) -> int:
    """The id of the repository called `name` here."""
    return zlib.crc32(name.encode())
