"""Package URLs without a version, as https://github.com/package-url/purl-spec defines them."""

import re
from urllib.parse import quote

_MAJOR_VERSION = re.compile(r"/v\d+$")


def package_url(ecosystem: str, name: str) -> str:
    """`pkg:npm/%40acme/client`, `pkg:maven/org.jooq/jooq`: a package as manifests write its name."""
    separator = ":" if ecosystem == "maven" else "/"
    if ecosystem == "pypi":
        name = name.replace("_", "-")
    if ecosystem in ("pypi", "composer"):
        name = name.lower()
    return "/".join([f"pkg:{ecosystem}", *(quote(part, safe=":") for part in name.split(separator))])


def without_major_version(module: str) -> str:
    """The path of a Go module without `/v2` and later, which Go makes part of the path."""
    return _MAJOR_VERSION.sub("", module)
