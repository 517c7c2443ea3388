"""Liveness and readiness of an HTTP service: neither asks anything of another service."""

from flask import Blueprint, Response, jsonify


def health_routes() -> Blueprint:
    """`GET /health`: 200 as soon as the service is composed and can take requests."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/health")
    def health() -> Response:
        return jsonify(status="healthy")

    return blueprint
