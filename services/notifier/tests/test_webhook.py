"""The channel `webhook`, against real servers: what is sent, what counts as taken, where it does not go."""

import base64
import datetime as dt
import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fakes.webhook_target import WebhookTarget
from notices import notice, requested
from standardwebhooks import Webhook as Oracle

from devnexus.secrets import Secret
from notifier.channel import DeliveryFailed, Surroundings
from notifier.channels.webhook import CHANNEL, Webhook, WebhookFields
from notifier.outbound import Outbound, resolve
from notifier.signature import signing_key
from notifier.web_address import is_public, web_address

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
DELIVERY = requested().id


def webhook(url, *, allow_private=True, **settings):
    address = web_address(url, allow_private=True)
    return Webhook(address=address, key=KEY, outbound=Outbound(allow_private=allow_private, **settings))


def send(channel, at=None):
    channel.send(DELIVERY, notice(), at or dt.datetime.now(dt.UTC))


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_"), SECRET.rstrip("=")])
def test_a_message_is_signed_as_standard_webhooks_verifies_it(secret):
    surroundings = Surroundings({"HOOK": secret}, allow_private_targets=True)
    at = dt.datetime.now(dt.UTC)
    with WebhookTarget() as target:
        send(CHANNEL.open(WebhookFields(url=f"{target.url}?k=v", secret="HOOK"), surroundings), at)
    (request,) = target.received
    content = Oracle(SECRET).verify(request.body, dict(request.headers))
    assert content["type"] == "knowledge.changed"
    assert content["data"]["introduced"][0]["name"] == "Retry with backoff"
    assert content["data"]["left"] == []
    assert dt.datetime.fromisoformat(content["timestamp"]) == at
    assert (request.path, request.delivery_id) == ("/hook?k=v", DELIVERY)
    assert request.headers["webhook-timestamp"] == str(int(at.timestamp()))
    assert request.headers["Host"] == f"127.0.0.1:{target.port}"
    assert request.headers["User-Agent"].startswith("dev-nexus")


def test_another_secret_verifies_nothing():
    with WebhookTarget() as target:
        send(webhook(target.url))
    (request,) = target.received
    other = Oracle(base64.b64encode(bytes(32)).decode())
    with pytest.raises(Exception, match="No matching signature"):
        other.verify(request.body, dict(request.headers))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_means_it_has_been_taken(status):
    with WebhookTarget(status) as target:
        send(webhook(target.url))


@pytest.mark.parametrize("status", [304, 400, 401, 429, 500, 503])
def test_any_other_status_is_a_failure_that_may_pass(status):
    with WebhookTarget(status) as target, pytest.raises(DeliveryFailed, match=str(status)) as failed:
        send(webhook(target.url))
    assert (failed.value.permanent, failed.value.retry_after) == (False, None)


@pytest.mark.parametrize("status", [404, 410])
def test_404_and_410_mean_that_the_target_is_gone(status):
    with WebhookTarget(status) as target, pytest.raises(DeliveryFailed) as failed:
        send(webhook(target.url))
    assert failed.value.disables


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(status):
    with WebhookTarget() as elsewhere, WebhookTarget((status, {"Location": elsewhere.url})) as target:
        with pytest.raises(DeliveryFailed, match="redirects are not followed"):
            send(webhook(target.url))
        assert elsewhere.received == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("-1", None),
        ("1e9", None),
        ("٣", None),
        ("9" * 5000, None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_how_long_a_target_asks_to_be_left_alone_is_told(header, seconds):
    answer = (503, {"Retry-After": header.encode().decode("latin-1")})
    with WebhookTarget(answer) as target, pytest.raises(DeliveryFailed) as failed:
        send(webhook(target.url))
    assert failed.value.retry_after == seconds


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%2",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
    ],
)
def test_a_host_at_an_address_that_is_not_public_is_not_connected_to(address):
    assert not is_public(address)
    asked = []
    channel = webhook(
        "https://hooks.example.org/x",
        allow_private=False,
        resolve=lambda host, port: asked.append(host) or ["93.184.216.34", address],
    )
    with pytest.raises(DeliveryFailed, match="not public .*ALLOW_PRIVATE_TARGETS") as failed:
        send(channel)
    assert not failed.value.permanent
    assert asked == ["hooks.example.org"]


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "localhost."])
def test_other_names_of_this_machine_are_seen_through(host):
    with WebhookTarget() as target, pytest.raises(DeliveryFailed, match="not public|no address"):
        send(webhook(f"http://{host}:{target.port}/hook", allow_private=False))
    assert target.received == []


def test_the_name_is_resolved_once_and_the_connection_goes_there():
    answers = [["127.0.0.1"], ["203.0.113.9"]]
    with WebhookTarget() as target:
        url = f"http://hooks.example.org:{target.port}/hook"
        send(webhook(url, resolve=lambda host, port: answers.pop(0)))
    assert len(answers) == 1
    assert target.received[0].headers["Host"] == f"hooks.example.org:{target.port}"


def test_the_next_address_is_tried_where_the_first_does_not_answer():
    with WebhookTarget() as target:
        send(webhook(target.url, resolve=lambda host, port: ["::1", "127.0.0.1"]))
    assert len(target.received) == 1


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".example.org"])
def test_a_host_without_an_address_is_a_failure_that_may_pass(host):
    with pytest.raises(DeliveryFailed, match="has no address") as failed:
        send(webhook(f"https://{host}/x", allow_private=False))
    assert not failed.value.permanent


def test_the_resolver_gives_each_address_once():
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A server context for hooks.example.org, and a client context that trusts its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.org")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=pem.decode())


def to_this_machine(host, port):
    return ["127.0.0.1"]


def test_over_tls_the_certificate_is_checked_against_the_name_though_the_address_is_dialled(authority):
    server, client = authority
    with WebhookTarget(tls=server) as target:
        url = f"https://hooks.example.org:{target.port}/hook"
        send(webhook(url, resolve=to_this_machine, tls=client))
    assert target.received[0].headers["Host"] == f"hooks.example.org:{target.port}"


@pytest.mark.parametrize("host", ["other.example.org", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(authority, host):
    server, client = authority
    with WebhookTarget(tls=server) as target, pytest.raises(DeliveryFailed, match="certificate is not valid"):
        send(webhook(f"https://{host}:{target.port}/hook", resolve=to_this_machine, tls=client))
    assert target.received == []


def test_a_certificate_that_nobody_vouches_for_is_refused(authority):
    with (
        WebhookTarget(tls=authority[0]) as target,
        pytest.raises(DeliveryFailed, match="certificate is not valid"),
    ):
        send(webhook(f"https://hooks.example.org:{target.port}/hook", resolve=to_this_machine))
    assert target.received == []


@contextmanager
def server_that(act):
    """A socket that gives each connection to `act`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                act(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook?token=hidden"
        thread.join(5)


def drip(text):
    def act(connection):
        connection.recv(65536)
        try:
            for byte in text.encode() * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.005)
        except OSError:
            pass  # cut off, as it should be

    return act


@pytest.mark.parametrize("text", ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "x"])
def test_a_target_that_drips_is_cut_off_in_time(text):
    began = time.monotonic()
    with server_that(drip(text)) as url, pytest.raises(DeliveryFailed, match="no answer within 0.3 s"):
        send(webhook(url, seconds=0.3))
    assert time.monotonic() - began < 2


def test_a_target_that_says_nothing_is_given_up_in_time():
    over = threading.Event()
    with server_that(lambda _: over.wait(5)) as url:
        with pytest.raises(DeliveryFailed, match="no answer within 0.2 s"):
            send(webhook(url, seconds=0.2))
        over.set()


def test_an_answer_without_end_counts_by_its_status_and_is_not_read_to_the_end():
    sent = 0

    def act(connection):
        nonlocal sent
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while sent < 100_000_000:
                sent += connection.send(bytes(65536))
        except OSError:
            pass  # closed by the other side

    with server_that(act) as url:
        send(webhook(url))
    assert sent < 50_000_000


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-\x1b[2J hidden\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200,
        b"HTTP/1.1 999999\r\n\r\n",
    ],
    ids=["nothing", "something else", "too many headers", "bad status"],
)
def test_what_is_no_http_is_a_failure_that_repeats_nothing_of_it(answer):
    def act(connection):
        connection.recv(65536)
        connection.sendall(answer)

    with server_that(act) as url, pytest.raises(DeliveryFailed) as failed:
        send(webhook(url))
    assert str(failed.value).startswith("127.0.0.1: ")
    assert "hidden" not in str(failed.value) and "\x1b" not in str(failed.value)


def test_a_closed_port_is_a_failure_that_may_pass():
    with WebhookTarget() as target:
        pass
    with pytest.raises(DeliveryFailed, match="refused") as failed:
        send(webhook(target.url))
    assert not failed.value.permanent


def test_an_address_does_not_show_the_secret_that_its_path_may_be():
    shown = repr(web_address("https://example.org/hook/s3cr3t?token=s3cr3t", allow_private=False))
    assert "s3cr3t" not in shown and "example.org" in shown


def test_a_key_is_what_base64_says():
    assert signing_key(Secret(SECRET.encode())) == KEY
