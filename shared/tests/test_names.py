"""Which pattern a free name means."""

import pytest

from devnexus.people.names import canonical_of
from devnexus.people.vocabulary import Naming, Vocabulary
from devnexus.taxonomy import load_taxonomy

MEANT = {
    "Retry with exponential back-off": "retry-backoff",
    "retry_logic": "retry-backoff",
    "RetryPattern": "retry-backoff",
    "HTTP retries with jitter": "retry-backoff",
    "circuit-breaker pattern": "circuit-breaker",
    "Circuit Breakers": "circuit-breaker",
    "rate limiter": "rate-limiting",
    "API rate limiting": "rate-limiting",
    "RateLimiting": "rate-limiting",
    "Health checks": "health-check",
    "healthcheck endpoint": "health-check",
    "Liveness and readiness probes": "health-check",
    "Structured JSON logging": "structured-logging",
    "structured logs": "structured-logging",
    "pub-sub messaging": "pubsub",
    "Publish/Subscribe": "pubsub",
    "PubSub": "pubsub",
    "Event-Driven": "event-driven",
    "event driven architecture": "event-driven",
    "Event sourcing pattern": "event-sourcing",
    "Kafka consumer": "kafka",
    "Apache Kafka": "kafka",
    "RabbitMQ work distribution": "rabbitmq",
    "Background job processing": "task-queue",
    "job queues": "task-queue",
    "Celery task queue": "task-queue",
    "cron job": "scheduled-jobs",
    "Redis cache": "redis-caching",
    "caching in Redis": "redis-caching",
    "in memory caching": "in-process-cache",
    "DB migrations": "db-migrations",
    "database schema migration": "db-migrations",
    "repository pattern": "repository-pattern",
    "Unit of Work": "unit-of-work",
    "Dependency Injection container": "dependency-injection",
    "CI/CD pipeline": "ci-cd",
    "continuous-integration": "ci-cd",
    "containerisation": None,
    "Docker images": "container",
    "k8s deployment": "kubernetes",
    "Terraform modules": "iac",
    "infrastructure-as-code": "iac",
    "JWT tokens": "jwt-auth",
    "JWT-based authentication": "jwt-auth",
    "OAuth2 login": "oauth2-oidc",
    "role-based access control (RBAC)": "rbac",
    "Password hashing with bcrypt": "password-hashing",
    "RESTful APIs": "rest-api",
    "REST endpoints": None,
    "GraphQL schema": "graphql",
    "gRPC service": "grpc",
    "web sockets": "websocket",
    "Webhook receiver": "webhook",
    "cursor-based pagination": "pagination",
    "feature toggling": "feature-flags",
    "environment-based config": "env-config",
    "Distributed tracing with OpenTelemetry": "tracing",
    "Prometheus metrics endpoint": "metrics",
    "transactional outbox pattern": "outbox",
    "request validation with schemas": "schema-validation",
}
"""60 phrases as people and models write them, and what they mean."""

ANOTHER_THING = (
    "Git repository cloning",
    "Retry storm without backoff",
    "Migrate from RabbitMQ to Kafka",
    "No rate limiting",
    "Event-driven saga over Kafka",
    "CORS access control",
    "Search engine optimization",
    "Docker Compose",
    "Widget factory tour",
    "Pricing strategy",
    "Window process manager",
    "Gateway of last resort",
    "Hexagonal architecture",
    "Microservices",
    "with the of",
    "",
    "\ud800",
    "retry " * 40,
)


def test_nine_in_ten_phrases_are_understood_and_none_wrongly():
    found = {phrase: canonical_of(phrase) for phrase in MEANT}
    assert [phrase for phrase, id_ in found.items() if id_ not in (None, MEANT[phrase])] == []
    understood = [phrase for phrase, id_ in found.items() if id_ == MEANT[phrase]]
    assert len(MEANT) == 60
    assert len(understood) >= 54, sorted(MEANT.keys() - set(understood))


@pytest.mark.parametrize("phrase", ANOTHER_THING)
def test_a_name_of_something_else_or_of_several_means_nothing(phrase):
    assert canonical_of(phrase) is None


def test_every_name_of_the_taxonomy_means_its_own_pattern():
    for id_, pattern in load_taxonomy().items():
        for name in (id_, pattern.name, *pattern.aliases):
            assert canonical_of(name) == id_, name


def test_the_vocabulary_decides_over_the_taxonomy():
    naming = Naming(name="Try again", aliases=("Retry",), merge=("circuit-breaker",))
    names = Vocabulary(patterns={"resend": naming}).names
    assert names.canonical_of("retries") == "resend"
    assert names.canonical_of("trying again") == "resend"
    assert names.canonical_of("Circuit breakers") == "resend"
    assert names.canonical_of("Breaker") == "resend"
    assert names.canonical_of("Exponential backoff") == "retry-backoff"


def test_of_two_names_that_a_phrase_holds_the_longer_one_is_meant():
    patterns = {"queue": Naming(name="Parcel queue"), "mirror": Naming(name="Mirrored parcel queue")}
    assert Vocabulary(patterns=patterns).names.canonical_of("a mirrored parcel queue in orders") == "mirror"
