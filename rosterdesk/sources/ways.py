"""How the options of a connection say to reach the network; what they may say beside that is each kind's own."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from rosterdesk.connections import Connection
from rosterdesk.errors import UsageError
from rosterdesk.net.https import Patience, Way


def way_of(connection: Connection) -> Way:
    """The way to the server: options `proxy`, `ca-file`, `timeout` (seconds), `tries`, `pause` (seconds)."""
    usual = Patience()
    patience = Patience(
        timeout=amount(connection, "timeout", usual.timeout),
        tries=int(amount(connection, "tries", usual.tries)),
        pause=amount(connection, "pause", usual.pause),
    )
    authority = connection.options.get("ca-file", "")
    if authority and not Path(authority).is_file():
        raise UsageError(f"There is no file {authority}.", "Name the authority's certificate (PEM) with ca-file.")
    return Way(connection.options.get("proxy", ""), authority, patience)


def amount(connection: Connection, option: str, usual: float, most: float = 100_000) -> float:
    """An option that is a number. Raises `UsageError` when it is none or out of bounds."""
    value = connection.options.get(option)
    if value is None:
        return usual
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 < number <= most:
        raise UsageError(f"The value of --option {option} must be a number up to {most:,.0f}.", f"It is {value!r}.")
    return number


def switch(connection: Connection, option: str, usual: bool) -> bool:
    """An option that is yes or no. Raises `UsageError` for anything else."""
    value = connection.options.get(option, "yes" if usual else "no").strip().lower()
    if value not in ("yes", "no"):
        raise UsageError(f"The value of --option {option} is yes or no.", f"It is {value!r}.")
    return value == "yes"


def choice(connection: Connection, option: str, among: tuple[str, ...]) -> str:
    """An option that is one of several words, the first where it is not set. Raises `UsageError` for another."""
    value = connection.options.get(option, among[0])
    for word in among:
        if word.lower() == value.strip().lower():
            return word
    raise UsageError(f"The value of --option {option} is one of: {', '.join(among)}.", f"It is {value!r}.")


def several(connection: Connection, option: str) -> frozenset[str]:
    """An option that is a list with semicolons or commas; in small letters."""
    text = connection.options.get(option, "").replace(";", ",")
    return frozenset(item.strip().lower() for item in text.split(",") if item.strip())


def address_of(connection: Connection, usual: str = "") -> str:
    """The base address, without a slash at its end. Raises `UsageError` when it is none."""
    address = (connection.address or usual).strip().rstrip("/")
    if address and "://" not in address:
        address = f"https://{address}"
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise UsageError(
            "The address must look like https://host/path.", "A user name or password does not belong into it."
        )
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise UsageError("The address must begin with https://.", "Over http the roster would travel in the open.")
    return parts._replace(query="", fragment="").geturl().rstrip("/")
