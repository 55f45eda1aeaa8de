"""What of a connection is known to end, and when: a token that says so itself, the authority that is trusted for it.

Most secrets do not say when they end; of these nothing is told.
"""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

TOKEN_ENDS = "token-ends"  # the option in which a connection keeps what its token says


@dataclass(frozen=True, slots=True)
class End:
    """What ends, in words that begin a sentence, and when."""

    what: str
    when: datetime


def token_end(token: str) -> datetime | None:
    """When a token ends, if it is a JSON Web Token that says so (RFC 7519, section 4.1.4). It is not verified."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None


def ends(options: Mapping[str, str]) -> tuple[End, ...]:
    """What of a connection with these options is known to end, the earliest first."""
    found = []
    if told := options.get(TOKEN_ENDS):
        with contextlib.suppress(ValueError):  # written by hand, and no time: then nothing is known
            found.append(End("Its token", datetime.fromisoformat(told).astimezone(UTC)))
    if (file := options.get("ca-file", "")) and Path(file).is_file():
        moments = _certificates(file)
        if moments:
            found.append(End("The authority's certificate that is trusted for it", min(moments)))
    return tuple(sorted(found, key=lambda end: end.when))


def _certificates(file: str) -> list[datetime]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError):
        return []  # a run says what is wrong with it
    told = (str(one["notAfter"]) for one in context.get_ca_certs() if "notAfter" in one)
    return [datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) for end in told]
