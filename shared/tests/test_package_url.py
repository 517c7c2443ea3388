"""Package URLs, against the reference implementation."""

import pytest
from packageurl import PackageURL

from devnexus.package_url import package_url


@pytest.mark.parametrize(
    ("ecosystem", "name", "namespace", "base"),
    [
        ("pypi", "typing_extensions", None, "typing_extensions"),
        ("npm", "@acme/client", "@acme", "client"),
        ("npm", "lodash", None, "lodash"),
        ("maven", "org.jooq:jooq", "org.jooq", "jooq"),
        ("golang", "github.com/Acme/x/v2", "github.com/Acme/x", "v2"),
        ("nuget", "MediatR", None, "MediatR"),
        ("cargo", "serde_json", None, "serde_json"),
        ("gem", "rails", None, "rails"),
        ("composer", "monolog/monolog", "monolog", "monolog"),
        ("npm", "odd name~x", None, "odd name~x"),
    ],
)
def test_a_name_becomes_what_the_reference_makes_of_it(ecosystem, name, namespace, base):
    assert package_url(ecosystem, name) == str(PackageURL(ecosystem, namespace, base))
