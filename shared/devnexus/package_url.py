"""Package URLs without a version, as https://github.com/package-url/purl-spec defines them."""

from urllib.parse import quote


def package_url(ecosystem: str, name: str) -> str:
    """`pkg:npm/%40acme/client`, `pkg:maven/org.jooq/jooq`: a package as manifests write its name."""
    separator = ":" if ecosystem == "maven" else "/"
    if ecosystem == "pypi":
        name = name.replace("_", "-")
    if ecosystem in ("pypi", "composer"):
        name = name.lower()
    return "/".join([f"pkg:{ecosystem}", *(quote(part, safe=":") for part in name.split(separator))])
