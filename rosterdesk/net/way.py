"""How a server is reached: proxy, trusted authorities, patience, and what makes our requests known to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


class Signer(Protocol):
    """Makes requests known to the server."""

    name: str

    def sign(self) -> Any:
        """What signs one request."""
        ...

    def renewed(self) -> bool:
        """After a refusal: whether there is something new to try with."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server, and how often to ask again."""

    timeout: float = 60.0  # seconds without a byte
    tries: int = 5
    pause: float = 0.5  # seconds before the second try; doubled for each further one
    longest: float = 30.0


@dataclass(frozen=True, slots=True)
class Way:
    """How the network is reached: a proxy (else the system's), and the certificates that are trusted beside none."""

    proxy: str = ""
    authority: str = ""  # a PEM file of certificate authorities, instead of the built-in ones
    patience: Patience = field(default_factory=Patience)
