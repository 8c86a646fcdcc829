"""Mail as it goes over the wire: the message, and one connection that is kept for many.

Flask-Mail's connection has no time-outs, does not verify certificates, calls a letter failed when
only the goodbye was, and forgets refused recipients; what differs here mends that.
"""

import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Self

import flask_mail
from flask import current_app

from eduforum.notices.letters import Attachment, InlineImage, Letter
from eduforum.notices.rules import Blame, DeliveryFailed, Trouble

_POLICY = SMTP.clone(cte_type="7bit")
_INTERNATIONAL = re.compile(r"[\w.+~#$%&'*/=?^`{|}!-]+")
_METHOD = re.compile(rb"^METHOD:([A-Z]+)\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a message goes to and what marks it. `message_id` in angle brackets."""

    recipient: str
    recipient_name: str
    message_id: str
    language: str
    at: datetime


class Message(flask_mail.Message):
    """A letter to one recipient: text, HTML with inline images, attachments.

    Raises `DeliveryFailed` for an address that no header can hold.
    """

    def __init__(
        self,
        letter: Letter,
        envelope: Envelope,
        inline: Sequence[InlineImage] = (),
        attachments: Sequence[Attachment] = (),
    ) -> None:
        super().__init__(
            subject=letter.subject,
            recipients=[envelope.recipient],
            body=letter.text,
            html=letter.html,
            sender=current_app.config["MAIL_DEFAULT_SENDER"],
        )
        self.msgId = envelope.message_id
        self.letter, self.envelope = letter, envelope
        self.inline, self.files = inline, attachments
        self.from_name, self.from_address = parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])
        try:
            self.to = _address(envelope.recipient_name, envelope.recipient)
        except (ValueError, IndexError, UnicodeError):
            raise DeliveryFailed(Blame.FINAL, Trouble.RECIPIENT, "not an address") from None

    @property
    def international(self) -> bool:
        """Whether the address needs a server that knows RFC 6531."""
        return not self.to.addr_spec.isascii()

    def as_bytes(self) -> bytes:
        """The message as it goes over the wire: 7-bit, lines of at most 78 characters."""
        return self._built().as_bytes()

    def _built(self) -> EmailMessage:
        message = EmailMessage(_POLICY.clone(utf8=True) if self.international else _POLICY)
        message["From"] = _address(self.from_name, self.from_address)
        message["To"] = self.to
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.envelope.at)
        message["Message-ID"] = self.msgId
        message["Content-Language"] = self.envelope.language
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(self.letter.text)
        self._add_html(message)
        for file in self.files:
            _attach(message, file)
        return message

    def _add_html(self, message: EmailMessage) -> None:
        host = self.msgId.strip("<>").partition("@")[2]
        html = self.letter.html
        for image in self.inline:
            html = html.replace(f'"cid:{image.cid}"', f'"cid:{image.cid}@{host}"')
        message.add_alternative(html, subtype="html")
        part = message.get_payload(1)
        assert isinstance(part, MIMEPart)
        for image in self.inline:
            part.add_related(
                image.png,
                "image",
                "png",
                cid=f"<{image.cid}@{host}>",
                filename=f"{image.cid}.png",
                disposition="inline",
            )


class Connection(flask_mail.Connection):
    """A connection to the mail server that verifies it and never waits for ever.

    Opened by the first letter, asked before each further one whether it is still there, and made
    anew if not. Use as a context manager; every failure is a `DeliveryFailed`.
    """

    def __init__(self) -> None:
        mail = flask_mail.Mail()
        mail.state = mail.init_mail(current_app.config)
        super().__init__(mail)
        self.timeout: int = current_app.config["MAIL_TIMEOUT"]
        self.ca_file: str = current_app.config["MAIL_CA_FILE"]
        self.opened = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye. Whether the server answers changes nothing."""
        host, self.host = self.host, None
        if host is not None:
            with suppress(smtplib.SMTPException, OSError):
                host.quit()

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypt, sign in. Raises what smtplib, ssl and socket raise."""
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        place = (self.mail.server, self.mail.port)
        host: smtplib.SMTP
        if self.mail.use_ssl:
            host = smtplib.SMTP_SSL(*place, timeout=self.timeout, context=context)
        else:
            host = smtplib.SMTP(*place, timeout=self.timeout)
        try:
            if self.mail.use_tls:
                host.starttls(context=context)
            if self.mail.username:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            host.close()
            raise
        return host

    def deliver(self, message: Message) -> None:
        """Hand over to the one recipient's server, or raise `DeliveryFailed`."""
        if message.has_bad_headers():
            raise DeliveryFailed(Blame.FINAL, Trouble.MESSAGE, "a header with several lines")
        options = ["SMTPUTF8"] if message.international else []
        body = message.as_bytes()
        self._ensure_open()
        assert self.host is not None
        try:
            self.host.sendmail(message.from_address, [message.to.addr_spec], body, options)
        except (smtplib.SMTPException, OSError) as error:
            failure = _failure(error)
            if failure.trouble is Trouble.INTERRUPTED:
                self.host.close()
                self.host = None
            raise failure from error

    def _ensure_open(self) -> None:
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self.host.noop()[0] == 250:
                    return
            self.host.close()
            self.host = None
        try:
            self.host = self.configure_host()
        except (smtplib.SMTPException, OSError) as error:
            raise _no_connection(error) from error
        self.opened += 1


def _no_connection(error: Exception) -> DeliveryFailed:
    """The server could not be used at all: no letter is to blame."""
    match error:
        case ssl.SSLError() | smtplib.SMTPNotSupportedError():
            trouble = Trouble.TLS
        case smtplib.SMTPAuthenticationError():
            trouble = Trouble.AUTH
        case _:
            trouble = Trouble.UNREACHABLE
    return DeliveryFailed(Blame.CHANNEL, trouble, _words(error))


def _failure(error: Exception) -> DeliveryFailed:
    """Why this letter was not taken."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            [(code, words)] = refused.values()
            return _refused(Trouble.RECIPIENT, code, words)
        case smtplib.SMTPDataError(smtp_code=code, smtp_error=words):
            return _refused(Trouble.MESSAGE, code, words)
        case smtplib.SMTPSenderRefused(smtp_code=552, smtp_error=words):
            return _refused(Trouble.MESSAGE, 552, words)  # too large: only this one
        case smtplib.SMTPSenderRefused(smtp_code=code, smtp_error=words) if code != 421:
            return DeliveryFailed(Blame.CHANNEL, Trouble.SENDER, _reply(code, words))
        case smtplib.SMTPNotSupportedError():
            return DeliveryFailed(Blame.FINAL, Trouble.RECIPIENT, _words(error))
    return DeliveryFailed(Blame.MESSAGE, Trouble.INTERRUPTED, _words(error))


def _refused(trouble: Trouble, code: int, words: bytes | str) -> DeliveryFailed:
    """A refusal in the server's words: 5xx is final, 4xx means later (RFC 5321, 4.2.1)."""
    if code == 421:  # the server closes the connection after saying so
        return DeliveryFailed(Blame.MESSAGE, Trouble.INTERRUPTED, _reply(code, words))
    blame = Blame.FINAL if code >= 500 else Blame.MESSAGE
    return DeliveryFailed(blame, trouble, _reply(code, words))


def _reply(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {said}"


def _words(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
            return _reply(code, words)
    return str(error) or type(error).__name__


def _address(name: str, address: str) -> Address:
    """An address for a header; the domain as mail servers know it (RFC 5891). Raises `ValueError`."""
    local, _, domain = address.rpartition("@")
    shown, domain = " ".join(name.split()), domain.encode("idna").decode()
    if not local.isascii() and _INTERNATIONAL.fullmatch(local):
        return Address(shown, username=local, domain=domain)
    return Address(shown, addr_spec=f"{local}@{domain}")


def _attach(message: EmailMessage, file: Attachment) -> None:
    kind, _, subtype = file.mimetype.partition("/")
    params = {"charset": "utf-8"} if kind == "text" else {}
    if method := _METHOD.search(file.data):
        params["method"] = method[1].decode()  # RFC 6047, 2.4
    message.add_attachment(
        file.data, maintype=kind, subtype=subtype, filename=file.filename, params=params
    )
