"""Stands for Google: keys of its own, tokens signed with them, and a server that publishes the keys."""

import base64
import hashlib
import hmac
import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm

from devnexus.outbound import web_address

GOOGLE = "https://accounts.google.com"
AUDIENCE = "https://nexus.example.com"


@cache
def key(name):
    """A private key, the same for the same name as long as the tests run."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def token(email="ana@example.com", *, signed_by="a", kid=None, header=None, **claims):
    """A token such as Google's, with some claims changed; None leaves one out."""
    now = int(time.time())
    usual = {
        **{"iss": GOOGLE, "aud": AUDIENCE, "sub": "1", "email": email, "email_verified": True},
        **{"hd": (email or "").rpartition("@")[2], "iat": now - 10, "exp": now + 3600},
    }
    said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    headers = {"kid": kid or signed_by, **(header or {})}
    return jwt.encode(said, key(signed_by), algorithm="RS256", headers=headers)


def changed(signed, **claims):
    """The token with other claims and the old signature."""
    head, body, signature = signed.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{encoded({**said, **claims})}.{signature}"


def unsigned(signed):
    """The token as one that needs no signature."""
    return f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': 'a'})}.{signed.split('.')[1]}."


def signed_with_public_key(signed):
    """The token with HS256 and the public key for a secret: the confusion of algorithms."""
    secret = (
        key("a")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    content = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': 'a'})}.{signed.split('.')[1]}"
    seal = hmac.new(secret, content.encode(), hashlib.sha256).digest()
    return f"{content}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def encoded(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def key_set(*names):
    """The public keys of those names as a JWK set."""
    return {"keys": [published(name) for name in names]}


def published(name):
    jwk = RSAAlgorithm.to_jwk(key(name).public_key(), as_dict=True)
    return {**jwk, "kid": name, "alg": "RS256", "use": "sig"}


class Certificates:
    """A server on this machine that publishes keys."""

    def __init__(self, *names):
        self.names = names
        self.asked = 0
        self.cache_control = "public, max-age=3600"
        self.status = 200
        self.body = None
        self.go_on = threading.Event()
        self.go_on.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/certs"
        self.address = web_address(self.url, allow_private=True)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self):
        certificates = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                certificates.asked += 1
                certificates.go_on.wait(10)
                body = certificates.body or json.dumps(key_set(*certificates.names)).encode()
                self.send_response(certificates.status)
                self.send_header("Cache-Control", certificates.cache_control)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
