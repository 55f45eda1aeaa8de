"""Tells people how a run went: on the desktop, by mail, to a web address. Never with student data."""

from __future__ import annotations

import shutil
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from rosterdesk import credentials
from rosterdesk.errors import RosterDeskError, UnreachableError, UsageError
from rosterdesk.jobs.file import Notices
from rosterdesk.log import log
from rosterdesk.run import Run

KEYRING = "smtp"  # under which the passwords of mail servers are kept
_TLS_PORT = 465  # RFC 8314: TLS from the first byte; on every other port STARTTLS
_SECONDS = 30
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: one line, then sentences. `facts` goes to programs: job, outcome, run, counts."""

    subject: str
    sentences: tuple[str, ...]
    facts: dict[str, object]

    @property
    def body(self) -> str:
        return "\n".join(self.sentences) + "\n"


def send(notice: Notice, to: Notices, run: Run) -> tuple[str, ...]:
    """Tell everybody; return a sentence for each way that did not work. What can't be told never undoes a run."""
    ways: list[tuple[str, Callable[[], None]]] = []
    if to.desktop:
        ways.append(("on the desktop", lambda: _desktop(notice)))
    if to.mail:
        ways.append(("by mail", lambda: _mail(notice, to)))
    if to.webhook:
        ways.append(("to the web address", lambda: _webhook(notice, to.webhook, run)))
    unsent = []
    for way, tell in ways:
        try:
            tell()
        except RosterDeskError as error:
            log.warning("a notice could not be sent %s: %s", way, type(error).__name__)
            unsent.append(f"Nobody could be told {way}: {error}")
    return tuple(unsent)


def heartbeat(to: Notices, run: Run) -> tuple[str, ...]:
    """Ask the heartbeat address, so that a service elsewhere knows of the run; a sentence where that failed."""
    if not to.heartbeat:
        return ()
    from rosterdesk.net.https import Https, Patience, Way

    try:
        with Https(run, Way(patience=Patience(timeout=_SECONDS, tries=3))) as line:
            line.get(to.heartbeat, accept=frozenset(range(200, 300)))
    except RosterDeskError as error:
        log.warning("the heartbeat was not heard: %s", type(error).__name__)
        return (f"The heartbeat address did not answer: {error}",)
    return ()


def _desktop(notice: Notice) -> None:
    if sys.platform == "darwin":
        # The texts travel as arguments, so that nothing in them is taken for script.
        script = "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run"
        command = ["osascript", "-e", script, notice.subject, notice.sentences[0]]
    elif shutil.which("notify-send"):
        command = ["notify-send", "--app-name=RosterDesk", "--", notice.subject, notice.sentences[0]]
    else:
        return  # a computer without a desktop: nobody is there to look at one
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode:
        log.info("the desktop takes no notices now")  # nobody is signed in: mail and the window tell it


def _mail(notice: Notice, to: Notices) -> None:
    host, _, port_text = to.smtp.partition(":")
    if not host or (port_text and not (port_text.isascii() and port_text.isdigit())):
        raise UsageError("The job names no mail server.", "Set smtp to host:port in the job's notices.")
    port = int(port_text or 587)
    if not 0 < port < 1 << 16 or any(c in "".join(to.mail) + to.sender + to.smtp_user for c in "\r\n"):
        raise UsageError("The job's mail addresses or its mail server can't be.", "Mend them in the job's notices.")
    message = EmailMessage()
    message["Subject"], message["To"] = notice.subject, ", ".join(to.mail)
    message["From"] = to.sender or to.smtp_user or to.mail[0]
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid(domain="rosterdesk.invalid")
    message.set_content(notice.body)
    secure = ssl.create_default_context()
    try:
        with (
            smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=secure)
            if port == _TLS_PORT
            else smtplib.SMTP(host, port, timeout=_SECONDS)
        ) as server:
            if port != _TLS_PORT:
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=secure)
                elif host not in _LOOPBACK:
                    raise UsageError(f"The mail server {host} offers no encryption.", "Use one with STARTTLS or TLS.")
            if to.smtp_user:
                password = credentials.secret(KEYRING, f"{to.smtp_user} {host}")
                if password is None:
                    raise UsageError(
                        f"The password of {to.smtp_user} at {host} is not in the keyring.",
                        "Keep it with `rosterdesk jobs mail-password`.",
                    )
                server.login(to.smtp_user, password)
            server.send_message(message)
    except smtplib.SMTPAuthenticationError as error:
        raise UnreachableError(f"The mail server {host} did not take the password.", "Keep it anew.") from error
    except ssl.SSLCertVerificationError as error:
        raise UnreachableError(
            f"The certificate of the mail server {host} could not be verified.",
            "Ask who runs it.",
            error.verify_message,
        ) from error
    except (smtplib.SMTPException, OSError, ValueError, OverflowError) as error:
        raise UnreachableError(
            f"The mail server {host} could not be used.", "Look at its name and port.", type(error).__name__
        ) from error


def _webhook(notice: Notice, address: str, run: Run) -> None:
    from rosterdesk.net.https import Https, Patience, Way

    with Https(run, Way(patience=Patience(timeout=_SECONDS, tries=3))) as line:
        line.send(address, {"subject": notice.subject, "text": notice.body, **notice.facts})
