"""OAuth 2 client credentials: a token for a client id and secret, asked for anew when it has run out.

OneRoster 1.1 and 1.2 put the id and secret into a Basic header and the scopes into the form (1EdTech Security Framework
1.1, section 4.1); some servers grant fewer scopes than were asked for, and some refuse all when one is unknown.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rosterdesk.errors import UnreachableError
from rosterdesk.net import faults
from rosterdesk.net.answer import Answer
from rosterdesk.net.https import Https, bearer

_EARLY = 30.0  # seconds before the end at which a token is no longer used
_SPAN = 3600.0  # where the server does not say


class ClientCredentials:
    """Signs with the token of a client. `scopes` are tried in order until one set is granted."""

    name = "OAuth 2 token"

    def __init__(
        self, door: Https, addresses: Sequence[str], client: str, secret: str, scopes: Sequence[Sequence[str]]
    ) -> None:
        self._door, self._addresses, self._client, self._secret = door, tuple(addresses), client, secret
        self._scopes = [tuple(s) for s in scopes] or [()]
        self._token, self._until = "", 0.0
        self.granted: frozenset[str] = frozenset()

    def sign(self) -> Any:
        """What signs one request. Raises `UnreachableError` when there is no token to be had."""
        if not self._token or time.monotonic() > self._until:
            self._ask()
        return bearer(self._token)

    def renewed(self) -> bool:
        self._token = ""
        return True

    def _ask(self) -> None:
        refused: Answer | None = None
        for address in tuple(self._addresses):
            for scopes in tuple(self._scopes):
                form = {"grant_type": "client_credentials"} | ({"scope": " ".join(scopes)} if scopes else {})
                answer = self._door.post(address, form, (self._client, self._secret))
                if answer.status in (200, 201):
                    self._take(answer, scopes)
                    self._addresses, self._scopes = (address,), [scopes]
                    return
                if refused is None or answer.status != 404:
                    refused = answer
                if answer.status != 400 or "scope" not in faults.told(answer).lower() + answer.body[:500].decode(
                    "utf-8", "replace"
                ):
                    break
            if refused is not None and refused.status != 404:
                break
        assert refused is not None
        if refused.status == 404:
            raise UnreachableError(
                "There is no token service at this address.",
                f"Name its address with --option token-url=URL, as the server's console shows it. {faults.KEPT}",
                f"tried {', '.join(self._addresses)}",
            )
        if refused.status in (400, 401) and "scope" not in faults.told(refused).lower():
            raise UnreachableError(
                "The server does not accept the client id and secret.",
                f"Look whether both are those that the console shows now. {faults.KEPT}",
                f"status {refused.status} from the token service; {faults.told(refused)}",
            )
        if refused.status in (400, 401, 403):
            raise UnreachableError(
                "The server gives this client none of the scopes that a roster needs.",
                "Allow the client roster-core.readonly in the server's console, or name its scopes with "
                f"--option scope=SCOPES. {faults.KEPT}",
                f"status {refused.status} from the token service; {faults.told(refused)}",
            )
        raise faults.refusal(refused, self.name)

    def _take(self, answer: Answer, asked: Sequence[str]) -> None:
        body = answer.json()
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise UnreachableError(
                "The token service gave no token.", f"Look at --option token-url. {faults.KEPT}", answer.url
            )
        try:
            span = float(body.get("expires_in") or _SPAN)
        except (TypeError, ValueError):
            span = _SPAN
        self._token, self._until = token, time.monotonic() + max(span - _EARLY, 1.0)
        granted = body.get("scope")
        self.granted = frozenset(granted.split()) if isinstance(granted, str) and granted else frozenset(asked)
