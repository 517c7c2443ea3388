"""The door to the git command line."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

from devnexus.errors import Unavailable

_ISOLATED = {
    # Neither the user's configuration nor a prompt nor a lock on their index may change what we do.
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    # A partial clone fails where an object is missing, instead of running the transport it is configured for.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}


_SETTINGS = (
    "safe.directory=*",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
    # GIT_GRAFT_FILE is named only to have none.
    "advice.graftFileDeprecated=false",
    # What is larger is not read either, and its difference would only fill the memory.
    "core.bigFileThreshold=1m",
    # A commit of ours is one small pack, four times as fast as a file for each of its objects.
    "fastimport.unpackLimit=1",
)


T = TypeVar("T")


class GitFailed(Unavailable):
    """A git command failed; the text holds the command's name and what git said."""

    said: str = ""
    """All that git printed, where it ran to its end."""
    status: int | None = None
    """What it ended with, where it ran to its end."""


class Missing(GitFailed):
    """There is no object of that name."""


def environment(repository: Path) -> dict[str, str]:
    """The process environment, with everything taken out that would make git behave otherwise."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # A folder that is no repository must not become the repository that it happens to lie in.
    return {**inherited, **_ISOLATED, "GIT_CEILING_DIRECTORIES": str(repository.resolve().parent)}


def run_git(
    repository: Path,
    *arguments: str,
    stdin: bytes | None = None,
    timeout_seconds: float = 120,
    inherit: Sequence[int] = (),
    remote: Mapping[str, str] | None = None,
) -> bytes:
    """What `git -C repository …` prints; raise GitFailed if it fails or takes too long.

    git keeps the file descriptors in `inherit` open as long as it runs, even should we die meanwhile.
    It reaches other machines only where `remote` says so, as variables for its environment.
    """
    variables = {**environment(repository), **(remote or {})}
    try:
        process = subprocess.Popen(  # nosec B603  # git, without a shell
            command(repository, arguments),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables,
            pass_fds=inherit,
            # With the programs it starts to talk to others it is one group, which can be ended as a whole.
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise GitFailed("git is not installed (Debian, Ubuntu: apt-get install git)") from error
    except OSError as error:
        raise GitFailed(f"git {arguments[0]} could not be run in {repository}: {error}") from error
    try:
        printed, complaint = _communicate(process, stdin, timeout_seconds)
    except subprocess.TimeoutExpired as error:
        raise GitFailed(
            f"git {arguments[0]} took more than {timeout_seconds:.0f} s in {repository}"
        ) from error
    if process.returncode != 0:
        said = complaint.decode(errors="replace").strip()
        failure = GitFailed(f"git {arguments[0]} failed in {repository}: {said[-500:]}")
        failure.said = f"{said}\n{printed.decode(errors='replace')}".strip()
        failure.status = process.returncode
        raise failure
    return printed


def _communicate(
    process: subprocess.Popen[bytes], stdin: bytes | None, timeout_seconds: float
) -> tuple[bytes, bytes]:
    """What the process prints until its end; an end is made of it and its children on any exception."""
    with process:
        try:
            return process.communicate(stdin, timeout=timeout_seconds)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise


def command(repository: Path, arguments: Sequence[str]) -> list[str]:
    """The command line of git in `repository`, whoever owns the folder.

    The caller named this folder on purpose, so git's question whether to trust its owner has been
    answered; but nothing in its configuration may make git run a program.
    """
    options = [word for setting in _SETTINGS for word in ("-c", setting)]
    return ["git", "-C", str(repository), *options, *arguments]


class ObjectReader:
    """Reads objects of one repository through a single `git cat-file --batch`, for many threads."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, object_ids: Iterable[str]) -> list[bytes]:
        """The contents of these objects, in their order; raise GitFailed if one of them is not there."""
        contents = [self.read_up_to(object_id, None) for object_id in object_ids]
        return [content for content in contents if content is not None]

    def read_up_to(self, object_id: str, max_bytes: int | None) -> bytes | None:
        """The content of one object, None if it is larger; raise GitFailed if it is not there."""
        return self._ask(lambda: self._look(object_id, max_bytes)[1])

    def _ask(self, question: Callable[[], T]) -> T:
        with self._lock:
            try:
                try:
                    return question()
                except Missing:
                    self._end()  # the clone may have been replaced under this git: ask a new one
                    return question()
            except (OSError, ValueError) as error:
                self._end()
                raise GitFailed(f"git cat-file broke off in {self._repository}: {error}") from error
            except Missing:
                raise
            except GitFailed:
                self._end()
                raise

    def has(self, name: str) -> bool:
        """Whether there is such an object; raise GitFailed if git cannot be asked."""
        try:
            self.resolve(name)
        except Missing:
            return False
        return True

    def resolve(self, name: str) -> str:
        """The id of the object that `name` leads to now; raise GitFailed if there is none."""
        return self._ask(lambda: self._look(name, 0)[0])

    def close(self) -> None:
        """End the git process; a later read starts another."""
        with self._lock:
            self._end()

    def _look(self, object_id: str, max_bytes: int | None) -> tuple[str, bytes | None]:
        """The id of one object, and its content unless it is larger."""
        stdin, stdout = self._pipes()
        stdin.write(object_id.encode() + b"\n")
        stdin.flush()
        header = stdout.readline().split()
        if header[-1:] == [b"missing"]:
            raise Missing(f"there is no object {object_id} in {self._repository}")
        if len(header) != 3:
            raise GitFailed(f"object {object_id} cannot be read in {self._repository}")
        size = int(header[2])
        if max_bytes is not None and size > max_bytes:
            _skip(stdout, size + 1)
            return header[0].decode(), None
        content = stdout.read(size + 1)
        if len(content) != size + 1:
            raise GitFailed(f"object {object_id} was cut short in {self._repository}")
        return header[0].decode(), content[:-1]

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = subprocess.Popen(  # nosec B603  # git, without a shell
                command(self._repository, ["cat-file", "--batch"]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(self._repository),
                # Ctrl-C in a terminal goes to the whole group: the owner decides when this ends.
                start_new_session=True,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _skip(stream: IO[bytes], count: int) -> None:
    while count > 0:
        piece = len(stream.read(min(count, 1 << 20)))
        if piece == 0:
            raise GitFailed("git cat-file ended early")
        count -= piece
