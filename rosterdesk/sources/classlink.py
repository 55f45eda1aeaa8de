"""ClassLink's Roster Server: directly with a client id and secret (OAuth 1.0a), or through the bearer proxy.

The proxy signs for us, and tells which applications the token is for. An application id comes percent-encoded already
("...%3D") and is sent as it is (developer.classlink.com/reference/accessing-data).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from rosterdesk.connections import Findings, Part, Tested, Verdict, needed_secret
from rosterdesk.errors import UnreachableError, UsageError
from rosterdesk.net import faults
from rosterdesk.net.https import Bearer, Https
from rosterdesk.run import Run
from rosterdesk.sources.oneroster import OneRosterSource
from rosterdesk.sources.oneroster.access import Access
from rosterdesk.sources.tablefile import items, text
from rosterdesk.sources.ways import address_of, way_of

PROXY = "https://oneroster-proxy.classlink.io"


@dataclass(frozen=True, slots=True)
class Application:
    """An application that the proxy's token is for. `id` is percent-encoded as the proxy wants it."""

    id: str
    name: str
    tenant: str


class ClassLinkSource(OneRosterSource):
    """A district's own Roster Server, signed to directly. Options: client-id, signature, and those of OneRoster."""

    usual_way = "oauth1"


class ClassLinkProxySource(OneRosterSource):
    """The proxy. Options: `application` where the token is for several, and those of OneRoster."""

    def test(self, run: Run) -> Tested:
        """Sign in as a run would, and tell which application it is."""
        with self._door(run) as door:
            address = address_of(self.connection, PROXY)
            found = self._chosen(applications(door, address))
            server = server_of(door, address, found.id)
        findings = Findings(run)
        whose = f" of {found.tenant}" if found.tenant else ""
        findings.add(Verdict.GOOD, f"The token is for {found.name or found.id}{whose}.")
        if server:
            findings.add(Verdict.GOOD, f"Behind the proxy is the district's Roster Server at {server}.")
        tested = super().test(run)
        return replace(tested, said=(*findings.said, *tested.said))

    @contextmanager
    def opened(self, run: Run) -> Iterator[tuple[Https, Access]]:
        address = address_of(self.connection, PROXY)
        with self._door(run) as door:
            if (known := self.connection.options.get("application", "")) and "%" in known:
                application = known
            else:
                application = self._chosen(applications(door, address)).id
            version = self.connection.options.get("version", "1.1")
            place = "rostering/v1p2" if version == "1.2" else "v1p1"
            yield door, Access(f"{address}/{application}/ims/oneroster/{place}", version)

    @contextmanager
    def _door(self, run: Run) -> Iterator[Https]:
        with Https(run, way_of(self.connection), Bearer(needed_secret(self.connection, Part.TOKEN))) as door:
            yield door

    def _chosen(self, found: list[Application]) -> Application:
        wanted = self.connection.options.get("application", "")
        fits = [a for a in found if not wanted or wanted in (a.id, a.name, a.tenant)]
        if len(fits) == 1:
            return fits[0]
        listed = "; ".join(f"{a.id} ({a.name or 'no name'}, {a.tenant or 'no tenant'})" for a in found)
        if not found:
            raise UnreachableError(
                "The token is for no application.",
                f"Share an application with RosterDesk in the console. {faults.KEPT}",
            )
        raise UsageError(
            "The token is for several applications." if not wanted else f"The token is not for {wanted}.",
            f"Choose one with --option application=...: {listed}.",
        )


def applications(door: Https, address: str) -> list[Application]:
    """The applications that the token is for. The documents show a list and a bare object: both are read."""
    body: Any = door.get(f"{address}/applications").json()
    listed = items(body.get("applications")) if isinstance(body, dict) else items(body)
    return [
        Application(text(a.get("oneroster_application_id")), text(a.get("name")), text(a.get("tenant_name")))
        for a in listed
        if isinstance(a, dict) and a.get("oneroster_application_id")
    ]


def server_of(door: Https, address: str, application: str) -> str:
    """The address of the server behind the proxy, or nothing where it is not told. What else is told there, the client
    and its secret, is not looked at.
    """
    answer = door.get(f"{address}/applications/{application}/server", accept=frozenset({400, 403, 404}))
    body: Any = answer.json() if answer.status == 200 else {}
    server = body.get("server") if isinstance(body, dict) else None
    return text(server.get("endpoint_url")) if isinstance(server, dict) else ""
