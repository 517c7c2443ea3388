"""The door to the web, against real servers: where it does not go, and when it gives up."""

import datetime as dt
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fakes.socket_server import Flood, drips, says, server_that
from fakes.webhook_target import WebhookTarget

from devnexus.outbound import NoAnswer, Outbound, is_public, web_address
from devnexus.outbound.connection import resolve


def tell(url, *, allow_private=True, **settings):
    outbound = Outbound(allow_private=allow_private, **settings)
    address = web_address(url, allow_private=True)
    return outbound.tell("POST", address, headers={"X-Say": "hello"}, body=b"{}")


def request(url, **settings):
    outbound = Outbound(allow_private=True, **settings)
    return outbound.request("GET", web_address(url, allow_private=True), headers={})


def test_what_was_to_be_said_arrives_and_the_answer_comes_back():
    with WebhookTarget(418) as target:
        assert tell(f"{target.url}?k=v").status == 418
    (received,) = target.received
    assert (received.path, received.body, received.headers["X-Say"]) == ("/hook?k=v", b"{}", "hello")
    assert received.headers["Host"] == f"127.0.0.1:{target.port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with WebhookTarget() as elsewhere, WebhookTarget((status, {"Location": elsewhere.url})) as target:
        assert tell(target.url).status == status
    assert elsewhere.received == []


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
    with pytest.raises(NoAnswer, match="not public .*ALLOW_PRIVATE_TARGETS"):
        tell(
            "https://hooks.example.org/x",
            allow_private=False,
            resolve=lambda host, port: asked.append(host) or ["93.184.216.34", address],
        )
    assert asked == ["hooks.example.org"]


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "localhost."])
def test_other_names_of_this_machine_are_seen_through(host):
    with WebhookTarget() as target, pytest.raises(NoAnswer, match="not public|no address"):
        tell(f"http://{host}:{target.port}/hook", allow_private=False)
    assert target.received == []


def test_the_name_is_resolved_once_and_the_connection_goes_there():
    answers = [["127.0.0.1"], ["203.0.113.9"]]
    with WebhookTarget() as target:
        tell(f"http://hooks.example.org:{target.port}/hook", resolve=lambda host, port: answers.pop(0))
    assert len(answers) == 1
    assert target.received[0].headers["Host"] == f"hooks.example.org:{target.port}"


def test_the_next_address_is_tried_where_the_first_does_not_answer():
    with WebhookTarget() as target:
        tell(target.url, resolve=lambda host, port: ["::1", "127.0.0.1"])
    assert len(target.received) == 1


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".example.org"])
def test_a_host_without_an_address_gives_no_answer(host):
    with pytest.raises(NoAnswer, match="has no address"):
        tell(f"https://{host}/x", allow_private=False)


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
        tell(f"https://hooks.example.org:{target.port}/hook", resolve=to_this_machine, tls=client)
    assert target.received[0].headers["Host"] == f"hooks.example.org:{target.port}"


@pytest.mark.parametrize("host", ["other.example.org", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(authority, host):
    server, client = authority
    with WebhookTarget(tls=server) as target, pytest.raises(NoAnswer, match="certificate is not valid"):
        tell(f"https://{host}:{target.port}/hook", resolve=to_this_machine, tls=client)
    assert target.received == []


def test_a_certificate_that_nobody_vouches_for_is_refused(authority):
    with (
        WebhookTarget(tls=authority[0]) as target,
        pytest.raises(NoAnswer, match="certificate is not valid"),
    ):
        tell(f"https://hooks.example.org:{target.port}/hook", resolve=to_this_machine)
    assert target.received == []


@pytest.mark.parametrize("ask", [tell, request])
@pytest.mark.parametrize("text", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"x"])
def test_whoever_drips_is_cut_off_in_time(ask, text):
    began = time.monotonic()
    with server_that(drips(text)) as url, pytest.raises(NoAnswer, match="no answer within 0.3 s"):
        ask(url, seconds=0.3)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("ask", [tell, request])
def test_whoever_says_nothing_is_given_up_in_time(ask):
    over = threading.Event()
    with server_that(lambda _: over.wait(5)) as url:
        with pytest.raises(NoAnswer, match="no answer within 0.2 s"):
            ask(url, seconds=0.2)
        over.set()


@pytest.mark.parametrize("head", [b"", b"Transfer-Encoding: chunked\r\n"], ids=["plain", "chunked"])
def test_an_answer_without_end_counts_by_its_status_and_is_not_read_to_the_end(head):
    flood = Flood(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
    with server_that(flood) as url:
        assert tell(url).status == 200
    assert flood.sent < 50_000_000


@pytest.mark.parametrize("ask", [tell, request])
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
def test_what_is_no_http_is_no_answer_and_nothing_of_it_is_repeated(ask, answer):
    with server_that(says(answer)) as url, pytest.raises(NoAnswer) as failed:
        ask(url)
    assert str(failed.value).startswith("127.0.0.1: ")
    assert "hidden" not in str(failed.value) and "\x1b" not in str(failed.value)


def test_a_closed_port_gives_no_answer():
    with WebhookTarget() as target:
        pass
    with pytest.raises(NoAnswer, match="refused"):
        tell(target.url)


def test_an_address_does_not_show_the_secret_that_its_path_may_be():
    shown = repr(web_address("https://example.org/hook/s3cr3t?token=s3cr3t", allow_private=False))
    assert "s3cr3t" not in shown and "example.org" in shown
