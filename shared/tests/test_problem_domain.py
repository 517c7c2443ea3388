"""What a repository is about: a clear answer or none."""

import pytest

from devnexus.errors import ConfigurationError
from devnexus.knowledge.problem_domain import UNKNOWN, parse_domains, problem_domain


@pytest.mark.parametrize(
    ("introduction", "keywords", "domain"),
    [
        ("Writes the invoices of business customers and collects payments.", (), "Payments and billing"),
        ("An e-commerce demo: a shop with carts and a checkout", ("redis",), "Commerce"),
        ("A LoRaWAN server for sensors and gateways", (), "Devices and networks"),
        ("A service", ("celery", "kafka", "redis"), UNKNOWN),
        ("Invoices and banking for restaurants with food", (), UNKNOWN),
        ("", (), UNKNOWN),
        (None, (), UNKNOWN),
    ],
)
def test_a_domain_is_told_only_where_one_clearly_leads(introduction, keywords, domain):
    assert problem_domain(introduction, keywords) == domain


@pytest.mark.parametrize("text", ["{", "[]", "Commerce: {shop: 3}", "Commerce: shop"])
def test_a_wrong_table_of_domains_is_refused_when_it_is_loaded(text):
    with pytest.raises(ConfigurationError, match=r"problem_domains\.yaml"):
        parse_domains(text)
