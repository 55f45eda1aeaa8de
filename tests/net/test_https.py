"""The door to HTTP against a real server: each fault of the world has its own sentence; a cancel waits for none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rosterdesk.errors import Cancelled, UnreachableError
from rosterdesk.net.https import Bearer, Https, OAuth1, Patience, Way
from rosterdesk.run import Run
from tests.servers.certificates import certified
from tests.servers.districts import oneroster
from tests.servers.roster_http import Behaviour, RosterServer, serving

QUICK = Patience(timeout=20, tries=3, pause=0.001)
ORGS = "/ims/oneroster/v1p1/orgs?limit=5&offset=0"


@contextmanager
def door(
    run: Run | None = None, *, token: str = "good", authority: Path | None = None, proxy: str = ""
) -> Iterator[Https]:
    way = Way(proxy, str(authority or ""), QUICK)
    with Https(run or Run(), way, Bearer(token)) as made:
        yield made


@contextmanager
def district(**behaviour: object) -> Iterator[RosterServer]:
    with serving(Behaviour(**{"records": oneroster(2), "token": "good", **behaviour})) as server:  # type: ignore[arg-type]
        yield server


def test_an_answer() -> None:
    with district() as server, door() as https:
        answer = https.get(server.address + ORGS)
        assert answer.status == 200
        assert len(answer.json()["orgs"]) == 3
        assert answer.number("x-total-count") == 3
        assert server.seen[0]["Authorization"] == "Bearer good"


@pytest.mark.parametrize("fault", ["cut", "reset", "500", "502", "503", "504", "429"])
def test_what_may_pass_is_asked_for_again(fault: str) -> None:
    with district(faults={0: fault, 1: fault}) as server, door() as https:
        assert https.get(server.address + ORGS).status == 200
        assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("cut", "The connection to 127.0.0.1 was cut off."),
        ("reset", "The connection to 127.0.0.1 was cut off."),
        ("500", "127.0.0.1 has a fault of its own."),
        ("503", "127.0.0.1 has a fault of its own."),
        ("429", "127.0.0.1 has had too many questions."),
    ],
)
def test_patience_has_an_end(fault: str, sentence: str) -> None:
    with district(always=fault) as server, door() as https:
        with pytest.raises(UnreachableError) as told:
            https.get(server.address + ORGS)
        assert told.value.title == sentence
        assert told.value.exit_code == 4
        assert len(server.asked) == QUICK.tries


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("400", "127.0.0.1 did not understand the question."),
        ("401", "127.0.0.1 does not accept our secret."),
        ("403", "127.0.0.1 does not allow us to read this."),
        ("404", "127.0.0.1 has nothing at this address."),
        ("407", "The proxy of this network wants a user name and password."),
        ("413", "127.0.0.1 finds the page too large."),
        ("501", "127.0.0.1 has a fault of its own."),
        ("redirect", "127.0.0.1 sends us elsewhere."),
    ],
)
def test_a_refusal_is_told_and_not_repeated(fault: str, sentence: str) -> None:
    with district(always=fault) as server, door() as https:
        with pytest.raises(UnreachableError) as told:
            https.get(server.address + ORGS)
        assert told.value.title == sentence
        assert told.value.advice.endswith("Nothing was changed.")
        assert len(server.asked) == 1
        if fault.isdigit() and fault != "407":
            assert f"fault {fault}" in told.value.detail


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("html", "The server answered with a web page instead of data."),
        ("half", "The server's answer is damaged."),
    ],
)
def test_an_answer_that_is_no_data(fault: str, sentence: str) -> None:
    with district(always=fault) as server, door() as https:
        answer = https.get(server.address + ORGS)
        with pytest.raises(UnreachableError) as told:
            answer.json()
        assert told.value.title == sentence


def test_a_server_that_stops_answering() -> None:
    patience = Patience(timeout=0.05, tries=2, pause=0.001)
    with district(always="stall") as server, Https(Run(), Way(patience=patience)) as https:
        with pytest.raises(UnreachableError, match="stopped answering"):
            https.get(server.address + ORGS)
        assert len(server.asked) == 2


def test_a_cancel_does_not_wait_for_a_server_that_stalls() -> None:
    """The server lets go only when the test is over; that the call comes back at all is the proof."""
    run = Run()
    with district(always="stall") as server, door(run) as https:
        threading.Thread(target=lambda: (server.stalled.wait(), run.cancel())).start()
        with pytest.raises(Cancelled):
            https.get(server.address + ORGS)
        assert not server.let_go.is_set()


def test_a_cancel_does_not_wait_for_the_next_try() -> None:
    run = Run()
    way = Way(patience=Patience(tries=5, pause=3000, longest=3000))
    with district(always="503") as server, Https(run, way) as https:
        server.behaviour.before = lambda number: run.cancel()
        with pytest.raises(Cancelled):
            https.get(server.address + ORGS)
        assert len(server.asked) == 1


def test_a_wait_without_bounds_is_not_waited() -> None:
    with district(always="429") as server, door() as https:
        server.behaviour.headers = {"Retry-After": "86400"}
        server.behaviour.always = "503"
        with pytest.raises(UnreachableError, match="fault of its own"):
            https.get(server.address + ORGS)
        assert len(server.asked) == 1


@pytest.mark.parametrize(("wrong", "word"), [(600.0, "behind"), (-600.0, "ahead of")])
def test_a_clock_that_is_wrong_is_told(wrong: float, word: str) -> None:
    with district(token="other", clock=wrong) as server, door() as https:
        with pytest.raises(UnreachableError) as told:
            https.get(server.address + ORGS)
        assert told.value.title == f"This computer's clock is 10 minutes {word} the clock of 127.0.0.1."


def test_an_expired_token_is_told() -> None:
    with district(always="401", fault_text="The access token expired") as server, door() as https:
        with pytest.raises(UnreachableError) as told:
            https.get(server.address + ORGS)
        assert told.value.title == "The token for 127.0.0.1 has expired."


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        with door() as https, pytest.raises(UnreachableError) as told:
            https.get(f"http://127.0.0.1:{taken.getsockname()[1]}{ORGS}")
        assert told.value.title == "127.0.0.1 takes no connection."
        assert "proxy" in told.value.advice


def test_a_name_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with door() as https, pytest.raises(UnreachableError) as told:
        https.get("https://roster.invalid/x")
    assert told.value.title == "There is no server named roster.invalid."


def _closed_port(among: Iterable[int], taken: socket.socket) -> int:
    """A port that nobody listens at while `taken` holds it."""
    for port in among:
        try:
            taken.bind(("127.0.0.1", port))
        except OSError:
            continue
        return int(taken.getsockname()[1])
    raise AssertionError("all ports are taken")


# The second: the status of a proxy that wants a password, as a part of its port.
@pytest.mark.parametrize("ports", [(0,), range(40700, 40800)], ids=["any", "407"])
def test_a_proxy_that_is_not_there(ports: Iterable[int]) -> None:
    with socket.socket() as taken, district() as server:
        proxy = f"http://127.0.0.1:{_closed_port(ports, taken)}"
        with door(proxy=proxy) as https, pytest.raises(UnreachableError) as told:
            https.get(server.address + ORGS)
        assert told.value.title == "The proxy can't be reached."
        assert server.asked == []


def test_a_proxy_is_used() -> None:
    with district(bases=("http://far.example/ims/oneroster/v1p1",)) as server:
        with door(proxy=server.address) as https, pytest.raises(UnreachableError, match="has nothing at this address"):
            https.get("http://far.example/elsewhere")
        assert server.asked == ["http://far.example/elsewhere"]


def test_a_certificate_that_is_trusted_by_name_alone(tmp_path: Path) -> None:
    context, authority = certified(tmp_path)
    with serving(Behaviour(records=oneroster(2), token="good"), context) as server:
        with door(authority=authority) as https:
            assert https.get(server.address + ORGS).status == 200
        with door() as https, pytest.raises(UnreachableError) as told:
            https.get(server.address + ORGS)
        assert told.value.title == "The certificate of localhost can't be trusted."
        assert "ca-file" in told.value.advice
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("name", "expired", "advice"),
    [("localhost", True, "clock"), ("elsewhere.example", False, "the name that the certificate is for")],
)
def test_certificates_that_do_not_verify(tmp_path: Path, name: str, expired: bool, advice: str) -> None:
    context, authority = certified(tmp_path, name, expired=expired)
    with serving(Behaviour(), context) as server, door(authority=authority) as https:
        with pytest.raises(UnreachableError) as told:
            https.get(server.address + ORGS)
        assert told.value.title == "The certificate of localhost can't be trusted."
        assert advice in told.value.advice
        assert server.asked == []


def test_no_tls_at_the_other_end() -> None:
    with district() as server, door() as https, pytest.raises(UnreachableError, match=r"TLS|cut off"):
        https.get(server.address.replace("http://", "https://") + ORGS)


def test_a_password_file_of_the_user_is_never_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with district(token="") as server, Https(Run(), Way(patience=QUICK)) as https:
        https.get(server.address + ORGS)
        assert "Authorization" not in server.seen[0]


def test_what_was_signed_is_what_is_sent() -> None:
    query = "?filter=familyName%3D%27N%C3%BA%C3%B1ez%2FO%27%27Neil%20%26%20Co%27&limit=1"
    with district(token="", client=("key", "s/+&="), oauth1="HMAC-SHA256") as server:
        with Https(Run(), Way(patience=QUICK), OAuth1("key", "s/+&=")) as https:
            assert https.get(f"{server.address}/ims/oneroster/v1p1/users{query}").status == 200
        assert server.asked[0].endswith(query)
