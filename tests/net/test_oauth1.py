"""OAuth 1.0a signatures, compared with three that were made independently."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from rosterdesk.net.https import OAuth1
from rosterdesk.sources.oneroster.paging import encoded

BASE = "https://example.oneroster.com/ims/oneroster/v1p1"
MOMENT = "2026-01-01T00%3A00%3A00.000Z"


@pytest.mark.parametrize(
    ("address", "signature"),
    [
        (f"{BASE}/schools", "gPydEA8dsG4pqVMhhUMsEvt1WAYLY4xOzY7xZsv5qTY="),
        (
            f"{BASE}/users?limit=100&offset=0&filter=status%3D%27active%27%20AND%20dateLastModified%3E%27{MOMENT}%27",
            "FyEYvCG94TX2Y/Q6m9UbJdlajiZLrGH8nvpO9+88rzo=",
        ),
        (
            f"{BASE}/students?filter=familyName%3D%27N%C3%BA%C3%B1ez%2FO%27%27Neil%20%26%20Co%27&limit=1",
            "JPuUXkTKJop/42nvG531Iz4gvgi3Zzyt3nEFqfsLTAk=",
        ),
    ],
)
def test_signatures(address: str, signature: str) -> None:
    made = OAuth1(
        "b008b35ac38bccb56a910e2f", "s3cr3t/with+chars&=", nonce="abcdef1234567890", timestamp="1767225600"
    ).header(address)
    found = dict(part.split("=", 1) for part in made.removeprefix("OAuth ").split(", "))
    assert unquote(found["oauth_signature"].strip('"')) == signature
    assert found["oauth_signature_method"] == '"HMAC-SHA256"'
    assert found["oauth_version"] == '"1.0"'


def test_an_address_of_a_link_is_encoded_as_it_is_signed() -> None:
    assert encoded("https://x.example/u?filter=a='b c'&x=1+2%3E") == (
        "https://x.example/u?filter=a%3D%27b%20c%27&x=1%202%3E"
    )
