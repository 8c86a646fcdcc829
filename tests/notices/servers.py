"""Real servers for deliveries: SMTP with every fault we know, and an https receiver of webhooks."""

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Reply = str | None
"""What the server answers; None: as usual."""


@dataclass
class Mailbox:
    """What arrived, and how the server behaves.

    on_rcpt, on_data: answer a recipient (or the text sent to it) otherwise than with 250.
    drop_after_data, hang_after_data: do that once for each of these, after their text was taken.
    """

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    on_rcpt: Callable[[str], Reply] = lambda _: None
    on_data: Callable[[str], Reply] = lambda _: None
    drop_after_data: set[str] = field(default_factory=set)
    hang_after_data: set[str] = field(default_factory=set)

    async def handle_EHLO(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, _: Envelope, name: str, replies: list[str]
    ) -> list[str]:
        self.connections.add(id(server))
        session.host_name = name
        return replies

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if refusal := self.on_rcpt(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        [address] = envelope.rcpt_tos
        if refusal := self.on_data(address):
            return refusal
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.append(address)
        if address in self.drop_after_data:
            self.drop_after_data.discard(address)
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if address in self.hang_after_data:
            self.hang_after_data.discard(address)
            await asyncio.Event().wait()
        return "250 OK"


@contextmanager
def smtp(*, tls: ssl.SSLContext | None = None, password: str | None = None) -> Iterator[Mailbox]:
    """An SMTP server on a free port; with `tls` it insists on STARTTLS, with `password` on AUTH."""

    def check(_s: SMTP, _x: Session, _e: Envelope, _m: str, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and given.password == (password or "").encode()
        return AuthResult(success=good, handled=good)

    mailbox = Mailbox()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=_free_port(),
        tls_context=tls,
        require_starttls=tls is not None,
        authenticator=check if password else None,
        auth_required=bool(password),
        auth_require_tls=tls is not None,
        enable_SMTPUTF8=True,
    )
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@dataclass
class Receiver:
    """An https server for webhooks. statuses: the answers to give, the last for ever."""

    port: int = 0
    statuses: list[int] = field(default_factory=lambda: [204])
    calls: list[tuple[dict[str, str], str]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.calls]


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Refused handshakes are what some tests are about."""


@contextmanager
def webhook_receiver(tls: ssl.SSLContext) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.calls.append(({k.lower(): v for k, v in self.headers.items()}, body))
            statuses = receiver.statuses
            self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
            self.send_header("Location", f"https://localhost:{receiver.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own. file: what to trust; server: what it signed."""

    file: Path
    server: ssl.SSLContext


def make_authority(folder: Path) -> Authority:
    """An authority in `folder`, and a certificate of it for localhost and 127.0.0.1."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    ca = (
        _certificate(ca_name, ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    leaf = (
        _certificate(name, ca_name, key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(ca.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(leaf.public_bytes(Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Authority(folder / "ca.pem", context)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    start = datetime(2020, 1, 1, tzinfo=UTC)  # OpenSSL looks at the machine's clock, not at ours
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
