"""OneRoster servers of any vendor, read over a real socket: found, signed in to, paged, and their records counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rosterdesk import pipeline
from rosterdesk.connections import Kind, Part
from rosterdesk.errors import UnreachableError, UsageError
from rosterdesk.run import Run
from rosterdesk.sources.remote import open_source
from tests.servers.districts import base, oneroster
from tests.sources.connecting import Servers, connected, fetched, servers

__all__ = ["servers"]


@pytest.mark.parametrize("page", ["1", "3", "5000"])
@pytest.mark.parametrize("headers", [{}, {"links": False}, {"totals": False}])
def test_every_page_is_read_and_nothing_twice(
    servers: Servers, tmp_path: Path, page: str, headers: dict[str, bool]
) -> None:
    server = servers.start(**headers)
    got, tables = fetched(connected(server, page_size=page), tmp_path / "x")
    wanted = oneroster()
    assert {name: [r["sourcedId"] for r in rows] for name, rows in tables.items()} == {
        name: [r["sourcedId"] for r in records] for name, records in wanted.items()
    }
    # With a total, or a chain of links, the end is known; a single page with neither proves nothing.
    proven = "totals" not in headers
    assert {p.stem for p in got.unproven} == (set() if proven else {p.stem for p in got.files} - _linked(int(page)))


def _linked(page: int) -> set[str]:
    """The tables that take more than one page, whose links tell the end."""
    return {name for name, records in oneroster().items() if len(records) > page}


def test_a_server_with_smaller_pages_than_asked_for_is_read_to_the_end(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(largest=4, links=False, totals=False)
    got, tables = fetched(connected(server), tmp_path / "x")
    assert len(tables["users"]) == len(oneroster()["users"])
    assert {p.stem for p in got.unproven} == set(tables)


def test_a_server_that_ignores_the_offset_is_not_read_for_ever(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(largest=4, links=False, totals=False, honours_offset=False)
    got, tables = fetched(connected(server), tmp_path / "x")
    assert len(tables["users"]) == 4
    assert {p.stem for p in got.unproven} == set(tables)


def test_fewer_records_than_the_total_says_are_no_roster(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(largest=4, links=False, honours_offset=False)
    with pytest.raises(UnreachableError, match="changed while they were read"):
        fetched(connected(server), tmp_path / "x")


def test_records_that_come_twice_count_once_and_are_read_again(servers: Servers, tmp_path: Path) -> None:
    """One is added before the others while pages are read: the pages after it repeat one."""
    server = servers.start()

    def grow(number: int) -> None:
        asked = [p for p in server.asked if "/users?" in p]
        if len(asked) == 3 and len(server.behaviour.records["users"]) == len(oneroster()["users"]):
            server.behaviour.records["users"].insert(0, dict(oneroster()["users"][0], sourcedId="new"))

    server.behaviour.before = grow
    _, tables = fetched(connected(server, page_size="7"), tmp_path / "x")
    own = [r["sourcedId"] for r in tables["users"]]
    assert sorted(own) == sorted({"new", *(r["sourcedId"] for r in oneroster()["users"])})


def test_what_changes_between_the_tables_proves_nothing(servers: Servers, tmp_path: Path) -> None:
    server = servers.start()

    def grow(number: int) -> None:
        if "/demographics?" in server.asked[number] and len(server.behaviour.records["orgs"]) == 3:
            server.behaviour.records["orgs"].append(base("s3", name="Late", type="school"))

    server.behaviour.before = grow
    got, tables = fetched(connected(server), tmp_path / "x")
    assert {p.stem for p in got.unproven} == set(tables)


@pytest.mark.parametrize(
    ("pasted", "where"),
    [
        ("", "/ims/oneroster/v1p1"),
        ("/ims/oneroster/v1p1", "/ims/oneroster/v1p1"),
        ("/ims/oneroster/v1p1/users?limit=3", "/ims/oneroster/v1p1"),
        ("", "/ims/oneroster/rostering/v1p2"),
        ("/campus/api", "/campus/api/ims/oneroster/rostering/v1p2"),
        ("/ims/oneroster", "/ims/oneroster/rostering/v1p2"),
        ("/", "/ims/oneroster/v1p2/rostering"),
        ("", "/learningdata/v1"),
    ],
)
def test_the_base_address_is_found(servers: Servers, tmp_path: Path, pasted: str, where: str) -> None:
    version = "1.2" if "v1p2" in where else "1.1"
    server = servers.start(bases=(where,), records=oneroster(version=version))
    connection = connected(server, pasted)
    tested = open_source(connection).test(Run())
    assert tested.good
    assert tested.said[0].sentence == f"The server is reached: OneRoster {version} at {server.address}{where}."
    assert [s.name for s in tested.schools] == ["Heron School", "Wren School"]
    assert tested.counts["people"] == len(oneroster()["users"])


def test_no_service_at_the_address(servers: Servers) -> None:
    server = servers.start(bases=("/elsewhere",))
    with pytest.raises(UnreachableError, match="no OneRoster service") as told:
        open_source(connected(server)).test(Run())
    assert "/ims/oneroster/v1p1" in told.value.detail


def test_oauth2_gets_a_token_and_a_new_one_when_it_has_run_out(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(token="", client=("us", "s e:cret/+"), uses=3)
    connection = connected(server, secret="s e:cret/+", part=Part.SECRET, client_id="us", page_size="5")
    _, tables = fetched(connection, tmp_path / "x")
    assert len(tables["users"]) == len(oneroster()["users"])
    assert len(server.grants) > 3


def test_oauth2_asks_for_fewer_scopes_where_some_do_not_exist(servers: Servers) -> None:
    core = "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly"
    server = servers.start(
        token="", client=("us", "secret"), scopes=frozenset({core}), forbidden=frozenset({"demographics"})
    )
    connection = connected(server, "/ims/oneroster/v1p1", secret="secret", part=Part.SECRET, client_id="us")
    tested = open_source(connection).test(Run())
    assert tested.good
    assert [s.sentence for s in tested.said if s.verdict != "good"] == [
        "The server does not let us read birth dates (demographics)."
    ]


def test_a_collection_that_no_roster_needs_may_be_kept_from_us(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(forbidden=frozenset({"demographics"}))
    got, tables = fetched(connected(server), tmp_path / "x")
    assert "demographics" not in tables
    assert not got.unproven
    server.behaviour.forbidden = frozenset({"users"})
    with pytest.raises(UnreachableError, match="does not allow us"):
        fetched(connected(server), tmp_path / "y")


@pytest.mark.parametrize("method", ["HMAC-SHA256", "HMAC-SHA1"])
def test_oauth1_signs_every_request(servers: Servers, tmp_path: Path, method: str) -> None:
    server = servers.start(token="", client=("key", "s3cr3t/with+chars&="), oauth1=method)
    connection = connected(
        server,
        kind=Kind.CLASSLINK,
        secret="s3cr3t/with+chars&=",
        part=Part.SECRET,
        client_id="key",
        signature=method,
        page_size="5",
    )
    _, tables = fetched(connection, tmp_path / "x")
    assert len(tables["users"]) == len(oneroster()["users"])


def test_a_refused_signature_says_which_method_was_used(servers: Servers) -> None:
    server = servers.start(token="", client=("key", "secret"), oauth1="HMAC-SHA1")
    connection = connected(server, kind=Kind.CLASSLINK, secret="secret", part=Part.SECRET, client_id="key")
    with pytest.raises(UnreachableError, match="does not accept our secret") as told:
        open_source(connection).test(Run())
    assert "signature=HMAC-SHA1" in told.value.advice
    assert "HMAC-SHA256" in told.value.detail


@pytest.mark.parametrize("bare", [True, False])
def test_the_proxy_is_asked_for_its_applications(servers: Servers, tmp_path: Path, bare: bool) -> None:
    one = {"id": 1, "tenant_name": "Kestrel", "name": "RosterDesk", "oneroster_application_id": "MoYPlyQWmG0%3D"}
    server = servers.start(
        applications={"status": 1, "applications": one if bare else [one]},
        bases=("/MoYPlyQWmG0%3D/ims/oneroster/v1p1",),
        server=None
        if bare
        else {"client_id": "c", "client_secret": "s3cret", "endpoint_url": "https://k.oneroster.com"},
    )
    connection = connected(server, kind=Kind.CLASSLINK_PROXY)
    tested = open_source(connection).test(Run())
    assert tested.said[0].sentence == "The token is for RosterDesk of Kestrel."
    behind = "Behind the proxy is the district's Roster Server at https://k.oneroster.com."
    assert (behind in [said.sentence for said in tested.said]) is not bare
    assert "s3cret" not in str(tested)
    _, tables = fetched(connection, tmp_path / "x")
    assert len(tables["users"]) == len(oneroster()["users"])
    assert all("%253D" not in path for path in server.asked)


def test_a_person_chooses_among_several_applications(servers: Servers) -> None:
    both = [{"name": n, "tenant_name": "K", "oneroster_application_id": f"{n}%3D"} for n in ("A", "B")]
    server = servers.start(applications={"applications": both}, bases=("/B%3D/ims/oneroster/v1p1",))
    with pytest.raises(UsageError, match="several applications") as told:
        open_source(connected(server, kind=Kind.CLASSLINK_PROXY)).test(Run())
    assert "A%3D" in told.value.advice
    assert open_source(connected(server, kind=Kind.CLASSLINK_PROXY, application="B")).test(Run()).good


def test_links_of_a_proxy_to_its_own_server_are_asked_of_the_proxy(servers: Servers, tmp_path: Path) -> None:
    server = servers.start()
    following = '<https://inner.example/ims/oneroster/v1p1/users?limit=9&offset=9>; rel="next"'

    def link(number: int) -> None:
        at_first = server.asked[number].endswith("/users?limit=9&offset=0")
        server.behaviour.headers = {"Link": following} if at_first else {}

    server.behaviour.before, server.behaviour.links = link, False
    _, tables = fetched(connected(server, page_size="9"), tmp_path / "x")
    assert len(tables["users"]) == len(oneroster()["users"])


def test_every_oddity_of_json(servers: Servers, tmp_path: Path) -> None:
    records = oneroster(0)
    odd = {
        "sourcedId": 7,
        "status": "toBeDeleted",
        "givenName": "Zoë\u0000",
        "familyName": '\ud800 O\'Neil, "Jr"\nx',
        "enabledUser": 1,
        "role": "Student",
        "orgs": {"href": "../orgs/s%2F1"},
        "agents": [None, "g1", {"sourcedId": "g2"}],
        "grades": "3",
        "userIds": [{"type": "stateID", "identifier": 123}, None, "x"],
        "email": ["a@x.example"],
    }
    records["users"] = [odd, None, "text", 5, {"sourcedId": ""}, {"sourcedId": "only"}]
    records["enrollments"] = [{"sourcedId": "e", "class": [], "school": None, "user": "u", "primary": True}]
    server = servers.start(records=records)
    got, tables = fetched(connected(server), tmp_path / "x")
    first = tables["users"][0]
    assert first["sourcedId"] == "7"
    assert first["status"] == "tobedeleted"
    assert (first["givenName"], first["familyName"]) == ("Zoë", '? O\'Neil, "Jr"\nx')
    assert (first["enabledUser"], first["orgSourcedIds"], first["agentSourcedIds"]) == ("true", "s/1", "g1,g2")
    assert (first["grades"], first["userIds"]) == ("3", "{stateID:123},x")
    assert tables["users"][1]["sourcedId"] == "only"
    assert (
        tables["enrollments"][0] | {"primary": "true", "classSourcedId": "", "userSourcedId": "u"}
        == tables["enrollments"][0]
    )
    assert any("4 people came without an ID" in note for note in got.notes)
    assert {p.stem for p in got.unproven} == {"users"}


@pytest.mark.parametrize("absent", ["empty", "404"])
def test_a_collection_without_records(servers: Servers, tmp_path: Path, absent: str) -> None:
    server = servers.start(records={**oneroster(), "demographics": []}, absent=absent)
    got, tables = fetched(connected(server), tmp_path / "x")
    assert tables.get("demographics", []) == []
    assert not got.unproven
    assert ("The server has no birth dates (demographics)." in got.notes) is (absent == "404")


def test_guardians_without_students_and_of_the_district_are_told(servers: Servers, tmp_path: Path) -> None:
    records = oneroster(4)
    records["users"] = [
        replace_agents(u)
        if u["sourcedId"] == "p-0"
        else {**u, "orgs": [{"sourcedId": "d1"}]}
        if u["role"] == "guardian"
        else u
        for u in records["users"]
    ]
    got, _ = fetched(connected(servers.start(records=records)), tmp_path / "x")
    assert [note.split(".")[0] for note in got.notes] == [
        "2 guardians are tied to no student on either side",
        "6 guardians belong to the district itself; they come with the schools of their students",
    ]


def replace_agents(user: dict[str, Any]) -> dict[str, Any]:
    return {**user, "agents": []}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_whole_path_from_the_socket_to_a_roster(servers: Servers, version: str) -> None:
    where = "/ims/oneroster/rostering/v1p2" if version == "1.2" else "/ims/oneroster/v1p1"
    connected(servers.start(bases=(where,), records=oneroster(version=version)), page_size="7")
    with pipeline.roster(["connection:it"], Run()) as roster:
        counts = {
            name: roster.staging.one(f"select count(*) from incoming.{name}")
            for name in ("schools", "classrooms", "students", "staff", "guardians", "enrollments", "guardianships")
        }
        assert counts == {
            "schools": 2,
            "classrooms": 2,
            "students": 12,
            "staff": 2,
            "guardians": 16,
            "enrollments": 14,
            "guardianships": 16,
        }
        assert roster.removable() >= {"students", "staff", "guardians", "enrollments", "classrooms", "guardianships"}
        assert roster.problems()["error"] == 0


def test_an_unproven_read_removes_nothing(servers: Servers) -> None:
    connected(servers.start(links=False, totals=False))
    with pipeline.roster(["connection:it"], Run()) as roster:
        assert roster.staging.one("select count(*) from incoming.students") == 12
        assert roster.removable() == frozenset()


def test_guardians_of_the_district_come_with_the_schools_of_their_students(servers: Servers) -> None:
    """As ClassLink sends them: their org is the district, and only the students' side says whose they are."""
    records = oneroster()
    records["users"] = [
        {**u, "orgs": [{"sourcedId": "d1"}], "agents": []} if u["role"] == "guardian" else u for u in records["users"]
    ]
    connected(servers.start(records=records), kind=Kind.CLASSLINK, path="/ims/oneroster/v1p1", auth="bearer")
    with pipeline.roster(["connection:it"], Run()) as roster:
        assert roster.staging.one("select count(*) from incoming.guardians") == 16
        assert roster.staging.one("select count(*) from incoming.guardianships") == 16
        assert roster.problems()["error"] == 0
