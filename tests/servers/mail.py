"""A mail server on loopback that keeps what it receives: with STARTTLS, and with sign-in."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Post:
    """The server. `user` is who may sign in, with a password; empty: everybody may send."""

    tls: ssl.SSLContext | None = None
    user: tuple[str, str] | None = None
    received: list[EmailMessage] = field(default_factory=list)

    def __enter__(self) -> Self:
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": _free_port(), "server_hostname": "localhost"}
        if self.tls is not None:
            options |= {"tls_context": self.tls, "require_starttls": True}
        if self.user is not None:
            options |= {"authenticator": self._known, "auth_required": True, "auth_require_tls": self.tls is not None}
        self._controller = Controller(self, **options)
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def address(self) -> str:
        """localhost:port"""
        return f"localhost:{self._controller.port}"

    def _known(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self.user
        return AuthResult(success=known, handled=False)

    async def handle_DATA(  # noqa: N802 - the library calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return "250 OK"


def _free_port() -> int:
    # The library's controller takes no port 0.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
