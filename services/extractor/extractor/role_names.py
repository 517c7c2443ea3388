"""The names of files and folders, in lower case, that tell a role."""

from collections.abc import Sequence

from extractor.regex import compile_regex

_VENDORED_FOLDERS = frozenset(
    ".terraform .tox .venv .yarn __pycache__ _vendor 3rdparty bower_components dist node_modules"
    " pods site-packages third-party third_party thirdparty vendor vendored venv".split()
)
_VENDORED_FOLDER = compile_regex(r"^[a-z][a-z0-9_.]*-v?[0-9]+\.[0-9]+\.[0-9]+$")
_VENDORED_NAME = compile_regex(
    r"-v?[0-9]+\.[0-9]+\.[0-9]+(?:[.-](?:min|slim|bundle))*\.(?:[cm]?js|css)$|^(?:jquery|bootstrap)(?:\.bundle)?\.js$"
)
TEST_FOLDERS = frozenset(
    "__fixtures__ __mocks__ __tests__ cypress e2e fixtures integration-tests integration_tests mocks"
    " spec specs test testdata testing tests testutil testutils unit_tests".split()
)
EXAMPLE_FOLDERS = frozenset(
    "_example _examples bench benchmark benchmarks cookbook demo demos example examples playground"
    " sample samples tutorial tutorials".split()
)
_DOCS_FOLDERS = frozenset("doc docs documentation".split())
_CI_FOLDERS = frozenset({".buildkite", ".circleci", ".gitlab", ".tekton", ".teamcity", ".woodpecker"})

LOCKS = frozenset(
    "bun.lockb go.sum go.work.sum gradle.lockfile npm-shrinkwrap.json package-lock.json"
    " packages.lock.json pnpm-lock.yaml conda-lock.yml .terraform.lock.hcl".split()
)
LOCK_ENDINGS = (".lock",)
GENERATED_ENDINGS = (
    *("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", ".pb.go", ".pb.gw.go", "_pb.js", "_pb.d.ts", "_grpc_pb.js"),
    *(".designer.cs", ".g.cs", ".g.dart", ".freezed.dart", ".map", ".snap"),
)
BINARY_ENDINGS = tuple(
    ".7z .a .avi .avif .bin .bmp .bz2 .class .db .dll .dylib .ear .eot .exe .gif .gz .icns .ico .jar"
    " .jpeg .jpg .lib .mo .mov .mp3 .mp4 .npy .o .onnx .otf .parquet .pdf .pickle .pkl .png .psd .pyc"
    " .pyd .rar .so .sqlite .sqlite3 .tar .tgz .tif .tiff .ttf .war .wasm .wav .webm .webp .whl .woff"
    " .woff2 .xls .xlsx .xz .zip .zst".split()
)
CONFIG_ENDINGS = tuple(
    ".avsc .bicep .cfg .cnf .conf .config .cue .env .example .gql .graphql .graphqls .in .ini .json"
    " .json5 .jsonc .mod .nomad .prisma .properties .proto .sample .template .thrift .toml .tpl .txt"
    " .xml .yaml .yml".split()
)
_DOCS_ENDINGS = (".adoc", ".md", ".mdx", ".org", ".rst", ".svg", ".tex")
_DOCS_NAMES = frozenset({"authors", "changelog", "changes", "contributing", "copying", "licence", "license"})
_PROSE_THAT_IS_NOT = compile_regex(r"require|constraint|^(?:cmakelists|robots|runtime|packages)\.txt$")

TEST_NAME = compile_regex(
    r"^test_[^/]*\.py$|_test\.(?:py|go|rb|exs|dart|cc|cpp)$|\.(?:test|spec|e2e-spec|cy|stories)\.[cm]?[jt]sx?$"
    r"|tests?\.(?:java|kt|scala|cs|swift|php)$|_spec\.rb$|^conftest\.py$|^(?:jest|vitest|karma|cypress)\.config\."
)
_SECRET_NAME = compile_regex(
    r"^\.env(?:rc)?$|^\.env\.|\.env$|\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ovpn|ppk|asc|gpg)$|^id_[a-z0-9_]+$"
    r"|\.tfstate(?:\.|$)|\.tfvars$|^kubeconfig(?:\.ya?ml)?$|\.kubeconfig$|^\.(?:netrc|pypirc|npmrc|htpasswd|pgpass|git-credentials)$"
    r"|^(?:credentials|secrets)(?:\.(?:json|ya?ml|toml|ini))?$|service[-_]?account.*\.json$"
)
_SECRET_SAMPLE = compile_regex(r"\.(?:example|sample|template|dist|tpl|defaults?)$|^example\.env$|\.pub$")
_CI_NAME = compile_regex(
    r"^\.(?:gitlab-ci|travis|drone|cirrus|appveyor|woodpecker)\.ya?ml$|^\.?appveyor\.ya?ml$|^jenkinsfile"
    r"|^azure-pipelines[^/]*\.ya?ml$|^(?:bitbucket-pipelines|buildspec|cloudbuild[^/]*|codefresh)\.ya?ml$"
)


def may_hold_secrets(name: str, folders: Sequence[str]) -> bool:
    """Whether this is a file to which people or tools write credentials; samples of one are not."""
    if _SECRET_SAMPLE.found_in(name):
        return False
    in_kube = bool(folders) and folders[-1] == ".kube" and name == "config"
    return in_kube or _SECRET_NAME.found_in(name)


def is_vendored(name: str, folders: Sequence[str]) -> bool:
    """Whether this is somebody else's code: in a folder for it, or with a version in its name."""
    if _VENDORED_FOLDERS.intersection(folders) or _VENDORED_NAME.found_in(name):
        return True
    return any(map(_VENDORED_FOLDER.found_in, folders))


def is_ci(name: str, folders: Sequence[str]) -> bool:
    """Whether this describes what a build server does."""
    if list(folders[:2]) in ([".github", "workflows"], [".github", "actions"]):
        return name.endswith((".yml", ".yaml"))
    return bool(_CI_FOLDERS.intersection(folders)) or _CI_NAME.found_in(name)


def is_docs(name: str, folders: Sequence[str]) -> bool:
    """Whether this is prose, or lies among the prose."""
    if _DOCS_FOLDERS.intersection(folders) or name.endswith(_DOCS_ENDINGS):
        return True
    if name.split(".")[0] in _DOCS_NAMES:
        return True
    in_requirements = bool(folders) and folders[-1] == "requirements"
    return name.endswith(".txt") and not in_requirements and not _PROSE_THAT_IS_NOT.found_in(name)
