"""What the window asks of each kind of connection, as data: ways to sign in, and fields, each an option of the command
line (`--option KEY=VALUE`), a secret, or the address. No widgets. A test holds it to the options that the code reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rosterdesk.connections import Connection, Kind, Part

ADDRESS = "address"
USE = "use"  # the option that says what a connection is for; "outlet": it receives files
_ONE_OF_SEVERAL = "Empty: you are asked when it is tested"


@dataclass(frozen=True, slots=True)
class Asked:
    """One field. `only` are the ways of signing in for which it is asked (none: all); of `choices` (value, words) the
    first is the usual one and is not written down.
    """

    key: str
    title: str
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    only: tuple[str, ...] = ()
    required: bool = False
    folded: bool = False
    file: bool = False

    @property
    def part(self) -> Part | None:
        """The secret that it is; None: it is none."""
        return Part(self.key) if self.key in set(Part) else None


@dataclass(frozen=True, slots=True)
class Entrance:
    """A way to sign in: the options that say so, or the option or the secret that gives it away."""

    key: str
    title: str
    options: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of connection, as a person chooses it. `name` is what the first of them is called."""

    key: str
    kind: Kind
    title: str
    sentence: str
    name: str
    fields: tuple[Asked, ...]
    entrances: tuple[Entrance, ...] = (Entrance("", ""),)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def receives(self) -> bool:
        """Whether files go there."""
        return bool(self.options.get(USE))


def _folded(key: str, title: str, hint: str = "", **more: Any) -> Asked:
    return Asked(key, title, hint, folded=True, **more)


def _chosen(key: str, title: str, *choices: tuple[str, str], only: tuple[str, ...] = ()) -> Asked:
    return Asked(key, title, choices=choices, only=only, folded=True)


_NETWORK = (
    _folded("proxy", "Proxy of your network", "http://proxy.district.example:3128"),
    _folded("ca-file", "Certificate of your own authority", "A PEM file; empty: those of this computer", file=True),
    _folded("timeout", "Seconds to wait for an answer", "60"),
    _folded("tries", "How often to try", "5"),
    _folded("pause", "Seconds before the second try", "0.5"),
)
_ONEROSTER = (
    _chosen("version", "Version of the interface", ("", "Found out by itself"), ("1.1", "1.1"), ("1.2", "1.2")),
    _chosen("demographics", "Birth dates", ("", "Read them where they are shared"), ("no", "Leave them out")),
    _chosen("delta", "Jobs read", ("", "Everything each time"), ("yes", "What has changed, and everything once a day")),
    _folded("full-every", "Hours between two whole reads", "24"),
    _folded("page-size", "Records a page", "5000"),
    *_NETWORK,
)
_CLEVER = Offer(
    "clever",
    Kind.CLEVER,
    "Clever",
    "A district that shares its data through Clever. The token or the client's secret is in Clever's dashboard.",
    "clever",
    (
        Asked("token", "District token", only=("token",), required=True),
        Asked("client-id", "Client ID", only=("client",), required=True),
        Asked("secret", "Client secret", only=("client",), required=True),
        Asked("district", "District", _ONE_OF_SEVERAL, only=("client",)),
        _chosen(
            "people-ids", "SIS ID of people", ("", "Their SIS ID"), ("number", "Their number"), ("clever", "Clever's")
        ),
        _chosen("schools", "Schools of a student", ("", "All of them"), ("primary", "The primary one")),
        _chosen("sections", "Classrooms", ("", "All of them"), ("homeroom", "Homerooms only")),
        _folded("subjects", "Only these subjects", "math; science"),
        _chosen("guardians", "Guardians", ("", "Read them"), ("no", "Leave them out")),
        _folded("relationships", "Only these relationships", "Parent; Guardian"),
        _folded("contact-types", "Only these types of contact", "Parent/Guardian"),
        _folded("leave-out-types", "Leave out these types of contact", "Emergency"),
        _chosen("district-staff", "Staff of the district", ("", "Read them"), ("no", "Leave them out")),
        _folded("schools-table", "Table that joins or splits schools", "A CSV file", file=True),
        _chosen(
            "events", "Jobs read", ("", "Everything each time"), ("yes", "What has changed, and everything once a day")
        ),
        _folded("full-every", "Hours between two whole reads", "24"),
        _chosen("version", "Version of the interface", ("", "3.1"), ("3.0", "3.0")),
        _folded("page-size", "Records a page", "10000"),
        _folded(ADDRESS, "Address", "https://api.clever.com"),
        _folded("token-url", "Address of the tokens", "https://clever.com/oauth/tokens", only=("client",)),
        *_NETWORK,
    ),
    (
        Entrance("token", "A district's token", part=Part.TOKEN),
        Entrance("client", "Client ID and secret", mark="client-id", part=Part.SECRET),
    ),
)
_CLASSLINK = Offer(
    "classlink",
    Kind.CLASSLINK,
    "ClassLink",
    "A district's own Roster Server. Address, client ID and secret are in its console, with your application.",
    "classlink",
    (
        Asked(ADDRESS, "Address", "https://DISTRICT-vn-v2.rosterserver.com", required=True),
        Asked("client-id", "Client ID", required=True),
        Asked("secret", "Client secret", required=True),
        _chosen("signature", "Signature", ("", "HMAC-SHA256"), ("HMAC-SHA1", "HMAC-SHA1, for old servers")),
        *_ONEROSTER,
    ),
)
_PROXY = Offer(
    "classlink-proxy",
    Kind.CLASSLINK_PROXY,
    "ClassLink, through its proxy",
    "All districts that share with your application, by one access token of ClassLink's partner console.",
    "classlink",
    (
        Asked("token", "Access token", required=True),
        Asked("application", "Application", _ONE_OF_SEVERAL),
        _folded(ADDRESS, "Address", "https://oneroster-proxy.classlink.io"),
        *_ONEROSTER,
    ),
)
_REST = Offer(
    "oneroster",
    Kind.ONEROSTER,
    "A OneRoster server",
    "Any SIS that offers OneRoster 1.1 or 1.2 over the web: Infinite Campus, Aeries, Skyward, PowerSchool and others.",
    "oneroster",
    (
        Asked(ADDRESS, "Address", "https://sis.district.example/ims/oneroster/v1p1", required=True),
        Asked("client-id", "Client ID", only=("oauth2", "oauth1"), required=True),
        Asked("secret", "Client secret", only=("oauth2", "oauth1"), required=True),
        Asked("token", "Token", only=("bearer",), required=True),
        _folded("token-url", "Address of the tokens", "Empty: found out by itself", only=("oauth2",)),
        _folded("scope", "Scopes", "Empty: all that are needed", only=("oauth2",)),
        _chosen(
            "signature",
            "Signature",
            ("", "HMAC-SHA256"),
            ("HMAC-SHA1", "HMAC-SHA1, for old servers"),
            only=("oauth1",),
        ),
        *_ONEROSTER,
    ),
    (
        Entrance("oauth2", "OAuth 2: client ID and secret", {"auth": "oauth2"}),
        Entrance("oauth1", "OAuth 1: key and secret", {"auth": "oauth1"}),
        Entrance("bearer", "A token", {"auth": "bearer"}, part=Part.TOKEN),
    ),
)
_SITE = (
    Asked(ADDRESS, "Server", "sftp.district.example", required=True),
    Asked("port", "Port", "22"),
    Asked("user", "User", required=True),
    Asked("password", "Password", only=("password",), required=True),
    Asked("key_file", "Key file", "The private key", only=("key",), required=True, file=True),
    Asked("passphrase", "Its passphrase", "Empty: it has none", only=("key",)),
    Asked("folder", "Folder", "Empty: where the server puts us"),
)
_KEYS = (
    _folded("jump", "Go through another server", "USER@HOST or USER@HOST:PORT"),
    _folded("host_key", "Key of the server", "Empty: it is shown to you first"),
    _folded("next_host_key", "Key that it is going to have", "SHA256:..."),
    _folded("jump_host_key", "Key of the server in between", "Empty: it is shown to you first"),
    _folded("jump_next_host_key", "Key that this is going to have", "SHA256:..."),
    _folded("tries", "How often to try", "4"),
)
_WAYS = (
    Entrance("password", "A password", part=Part.PASSWORD),
    Entrance("key", "A key file", mark="key_file"),
    Entrance("agent", "The SSH agent", {"agent": "yes"}),
)
_IN = Offer(
    "sftp",
    Kind.SFTP,
    "SFTP: fetch files",
    "A server on which the SIS leaves its export.",
    "sftp",
    (
        *_SITE,
        Asked("pattern", "Which files", "*.zip or roster-*; empty: all that may hold a roster"),
        _chosen(
            "take", "Of several files", ("", "The newest ZIP, or all tables"), ("newest", "The newest"), ("all", "All")
        ),
        _folded("settle", "Seconds that a file must keep its size", "2"),
        _folded("patience", "Seconds to wait for that", "60"),
        *_KEYS,
    ),
    _WAYS,
)
_OUT = Offer(
    "sftp-out",
    Kind.SFTP,
    "SFTP: deliver files",
    "A server that receives the roster, such as ClassTag's.",
    "outlet",
    (*_SITE, _folded("trigger", "File to write last", "Empty: the manifest is the last"), *_KEYS),
    _WAYS,
    {USE: "outlet"},
)
OFFERS = (_CLEVER, _CLASSLINK, _PROXY, _REST, _IN, _OUT)


def offer_of(connection: Connection) -> Offer:
    """What a saved connection was chosen as."""
    use = connection.options.get(USE, "")
    return next(one for one in OFFERS if one.kind is connection.kind and one.options.get(USE, "") == use)


def entrance_of(offer: Offer, connection: Connection, kept: frozenset[Part]) -> Entrance:
    """How a saved connection signs in, as its options say, or the secrets that are kept for it."""
    options = connection.options
    for one in offer.entrances:
        if one.options and all(options.get(key) == value for key, value in one.options.items()):
            return one
    marked = (one for one in offer.entrances if options.get(one.mark) or one.part in kept)
    return next(marked, offer.entrances[0])


__all__ = ["ADDRESS", "OFFERS", "USE", "Asked", "Entrance", "Offer", "entrance_of", "offer_of"]
