"""What can go wrong on the way to an SFTP server, each as its own sentence and advice. Knows no library."""

from __future__ import annotations

import errno
import socket

from rosterdesk.errors import SecretError, UnreachableError
from rosterdesk.net.site import Site


class LineCut(UnreachableError):
    """The line broke, or the server stopped answering. Trying again may help; what was done so far is not told."""


def cut(host: str, detail: str = "") -> LineCut:
    """The error for a line that broke."""
    return LineCut(
        f"The line to {host} broke.", "Try again; if it happens often, ask whoever keeps the network.", detail
    )


def stalled(host: str, seconds: float) -> LineCut:
    """The error for a server that says nothing any more."""
    title = f"{host} has not answered for {seconds:.0f} seconds."
    return LineCut(title, "Try again later, or ask the server's owner whether it is overloaded.")


def unreachable(site: Site, error: OSError) -> UnreachableError:
    """What it means that no line came about."""
    host, said = site.host, error.strerror or str(error)
    if isinstance(error, socket.gaierror):
        return UnreachableError(
            f"There is no server named {host}.", "Look at its spelling, and whether this computer is online.", said
        )
    if isinstance(error, TimeoutError):
        advice = f"Look at the port ({site.port}), and ask the server's owner whether a firewall is in between."
        return UnreachableError(f"{host} does not answer.", advice, said)
    if isinstance(error, ConnectionRefusedError):
        advice = "Look at the port, and ask the server's owner whether the server runs."
        return UnreachableError(f"{host} takes no connections on port {site.port}.", advice, said)
    if error.errno in {errno.ENETUNREACH, errno.EHOSTUNREACH}:
        return UnreachableError(f"There is no way from here to {host}.", "Look whether this computer is online.", said)
    return cut(host, said)


def no_ssh(site: Site, detail: str) -> UnreachableError:
    """What answers is no SSH server."""
    advice = "Look at the address and the port; a web address or an FTP server won't do."
    return UnreachableError(f"What answers at {site.host}, port {site.port}, is no SFTP server.", advice, detail)


def too_old(site: Site, detail: str) -> UnreachableError:
    """The server knows none of the methods that are safe."""
    return UnreachableError(
        f"{site.host} speaks only methods that are no longer safe.", "Ask the server's owner to update it.", detail
    )


def no_subsystem(site: Site, detail: str) -> UnreachableError:
    """One can sign in, but not move files."""
    return UnreachableError(
        f"{site.user} may sign in to {site.host}, but not use SFTP.", "Ask the server's owner to allow it.", detail
    )


def changed_key(site: Site, key: str) -> UnreachableError:
    """The server shows a key that is not pinned."""
    return UnreachableError(
        f"The key of {site.host} is not the one that is pinned. Nothing was sent to it.",
        f"Somebody may be in between, or the server was set up anew. Ask its owner whether its key is now {key}; "
        f'only if it is, add the connection again with --option {site.option}="{key}".',
        f"pinned: {', '.join(site.host_keys)}",
    )


def refused(site: Site, tried: str, allowed: str) -> UnreachableError:
    """The server does not take who we are. The methods that were tried, and those that it offers, are for IT."""
    what = {"password": "the password", "key": "the key", "agent": "any key of the agent"}
    said = " and ".join(what[one] for one in tried.split()) or "any of them"
    return UnreachableError(
        f"{site.host} does not take {said} of {site.user}.",
        "Look at the user's name; has the password been changed, or the key not been added at the server?",
        f"the server offers: {allowed or 'nothing more'}",
    )


def no_agent(site: Site) -> UnreachableError:
    """There is no SSH agent with a key."""
    advice = "Start the agent and add the key (ssh-add), or name a key file with --option key_file=FILE."
    return UnreachableError(f"There is no key in an SSH agent to sign in to {site.host} with.", advice)


def no_way_through(site: Site, target: Site, detail: str) -> UnreachableError:
    """The jump host opened no way on."""
    return UnreachableError(
        f"{site.host} gives no way through to {target.host}, port {target.port}.",
        "Ask its owner whether forwarding is allowed there, and whether the name can be found from there.",
        detail,
    )


def locked(site: Site) -> SecretError:
    """The private key has a passphrase that is not known, or another one than is known."""
    if site.passphrase is None:
        advice = "Add the connection again with the key's passphrase."
        return SecretError(f"The key {site.key_file} has a passphrase, and the keyring has none for it.", advice)
    return SecretError(f"The passphrase of the key {site.key_file} is wrong.", "Add the connection again with it.")
