"""Shows a person the keys of an SFTP server once, before anything is told to it, and pins those that are confirmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rosterdesk.connections import Connection
from rosterdesk.errors import UsageError
from rosterdesk.net.site import UnknownHostKey, site_of
from rosterdesk.run import Run


def pinned(connection: Connection, ask: Callable[[str], bool], run: Run) -> Connection:
    """The connection with the keys of its server, and of the one it goes through, pinned. What is pinned stays.

    `ask` says whether a key is the right one. Raises `UnknownHostKey` when it says no, and what signing in raises.
    """
    from rosterdesk.net.sftp import signed_in

    while True:
        site = site_of(connection, complete=False)
        asked = site.jump if site.jump is not None and not site.jump.host_keys else site
        if asked.host_keys:
            return connection
        if asked is site and site.jump is not None and not (site.key_file or site.agent or site.password):
            raise UsageError(
                f"The key of {site.host} can only be seen from {site.jump.host}, where nobody is signed in yet.",
                'Name it with --option host_key="SHA256:...", as the server\'s owner says it.',
            )
        try:
            with signed_in(asked, run):
                raise AssertionError("nobody signs in where no key is pinned")
        except UnknownHostKey as unknown:
            if not ask(f"{unknown.host} shows the key {unknown.key}. Is it the one that its owner tells you?"):
                raise
            connection = replace(connection, options={**connection.options, unknown.option: unknown.key})
