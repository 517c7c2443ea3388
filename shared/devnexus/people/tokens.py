"""What a name of a pattern is made of, so that two spellings of one name come out the same."""

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_VOWEL = re.compile(r"[aeiouy]")

_SAY_NOTHING = frozenset(
    "a an and architecture architectural as at based by design for from implementation implemented in into"
    " layer logic mechanism of on or our pattern patterns style support system technique the to use used uses"
    " using via with".split()
)

_MEAN = {
    "apis": "api",
    "auth": "authentication",
    "authn": "authentication",
    "authz": "authorization",
    "cicd": "ci cd",
    "configuration": "config",
    "configurations": "config",
    "db": "database",
    "dbs": "database",
    "env": "environment",
    "envs": "environment",
    "healthcheck": "health check",
    "healthchecks": "health check",
    "healthz": "health endpoint",
    "idempotency": "idempotent",
    "idempotence": "idempotent",
    "idempotently": "idempotent",
    "k8s": "kubernetes",
    "oauth2": "oauth",
    "paging": "pagination",
    "pub": "publish",
    "pubsub": "publish subscribe",
    "ratelimit": "rate limit",
    "ratelimiter": "rate limit",
    "ratelimiting": "rate limit",
    "restful": "rest",
    "retryable": "retry",
    "settings": "config",
    "sub": "subscribe",
    "vars": "variables",
}

_ENDINGS = ("ation", "ating", "ated", "ator", "ate", "ing", "ed", "er", "e")
_SHORTEST_STEM = 3


def squashed(name: str) -> str:
    """Its letters and digits alone: `Pub/Sub` and `pubsub` are one."""
    return "".join(_WORD.findall(name)).casefold()


def tokens(name: str) -> frozenset[str]:
    """The stems of its words, whatever their order, without those that say nothing."""
    words = (word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", name)))
    meant = (part for word in words for part in _MEAN.get(word, word).split())
    return frozenset(_stem(word) for word in meant if word not in _SAY_NOTHING and not word.isdigit())


def _stem(word: str) -> str:
    if len(word) <= _SHORTEST_STEM:
        return word
    if word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM and _VOWEL.search(stem):
            return stem[:-1] if stem[-1] == stem[-2] and ending in {"ing", "ed", "er"} else stem
    return word
