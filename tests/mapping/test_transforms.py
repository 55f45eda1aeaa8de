"""Each step, on literal cells: what comes out, and what stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rosterdesk.errors import UsageError
from rosterdesk.mapping.transforms import Bench, build
from rosterdesk.model import FieldMap, Reading, SourceTable, Transform
from rosterdesk.staging import Staging

Turn = Callable[..., list[Any]]


@pytest.fixture
def turn(staging: Staging) -> Turn:
    """What steps make of cells, each given as one text or as a tuple of the columns a, b, c."""

    def make(cells: list[Any], *steps: Transform, many: bool = False, country: str = "US") -> list[Any]:
        rows = [c if isinstance(c, tuple) else (c,) for c in cells]
        names = "abc"[: len(rows[0])]
        staging.execute(f"create or replace table raw.t ({', '.join(f'{n} varchar' for n in names)})")
        staging.con.executemany(f"insert into raw.t values ({', '.join('?' * len(names))})", rows)
        table = SourceTable(1, "t", "t.csv", "utf-8", ",", tuple(names), "raw.t")
        bench = Bench(staging, table, Reading("test", (table,)), {"country": country})
        cell = build(FieldMap(tuple(names), steps), bench, many=many)
        return [row[0] for row in staging.rows(f"select {cell.sql} from raw.t source")]

    return make


def step(op: str, **args: object) -> Transform:
    return Transform(op, args)


@pytest.mark.parametrize(
    ("steps", "before", "after"),
    [
        ([], ["x", "", " ", "NA", "null"], ["x", None, " ", "NA", "null"]),
        ([step("trim")], [" x\u00a0", "\u3000y", "   ", None], ["x", "y", None, None]),
        ([step("case", to="title")], ["MARY-JANE o'NEIL", "ana de la cruz"], ["Mary-Jane O'Neil", "Ana De La Cruz"]),
        ([step("case", to="upper"), step("trim")], [" x "], ["X"]),
        (
            [step("replace", table={"a": "active", "": "none"})],
            ["A", " a ", "b", ""],
            ["active", "active", "b", "none"],
        ),
        ([step("replace", table={"a": "x"}, default="y")], ["A", "b", ""], ["x", "y", None]),
        ([step("constant", value="it's")], ["x", ""], ["it's", "it's"]),
        ([step("pattern", find="^s([0-9]+)$", group=1)], ["s12", "x"], ["12", "x"]),
        ([step("pattern", find="[^0-9]", replace="")], ["1-2"], ["12"]),
        ([step("split", by=";"), step("pick", n=2)], ["a; b", "a", ""], ["b", None, None]),
        ([step("pick", n=-1, by=" ")], ["one two three"], ["three"]),
        ([step("split", by=","), step("case", to="upper"), step("join", by="/")], ["a, b,,"], ["A/B"]),
        (
            [step("status")],
            ["Active", "toBeDeleted", "", "Withdrawn", "?"],
            ["active", "tobedeleted", None, "inactive", "?"],
        ),
        ([step("boolean")], ["TRUE", "0", "yes", "perhaps", ""], ["true", "false", "true", "perhaps", None]),
        ([step("class_type")], ["Scheduled", "homeroom/advisory"], ["scheduled", "homeroom"]),
        ([step("org_type")], ["School", "college", "Faculty"], ["school", "school", "Faculty"]),
        (
            [step("role")],
            ["student", "Parent", "relative", "proctor", "Principal", "Lecturer", "counselor", "Wizard"],
            ["student", "guardian", "guardian", "aide", "administrator", "teacher", "staff", "Wizard"],
        ),
        (
            [step("ids", types=["stateID"])],
            ["{stateID:12},{sis:3}", '[{"type":"stateID","identifier":"9"}]', "{ stateid : 5 }", "98861739", ""],
            ["12", "9", "5", None, None],
        ),
    ],
)
def test_steps(turn: Turn, steps: list[Transform], before: list[str], after: list[Any]) -> None:
    assert turn(before, *steps) == after


def test_lists(turn: Turn) -> None:
    cells = ["a,b", " a , b ,,", "", ",", "x", '"g1,g2"', "a b,c"]
    split = [["a", "b"], ["a", "b"], None, [], ["x"], ["g1", "g2"], ["a b", "c"]]
    assert turn(cells, step("split", by=","), many=True) == split
    assert turn([" x ", "", " "], many=True) == [["x"], None, None]
    assert turn(["a|b"], step("split", by="|"), many=True) == [["a", "b"]]


def test_several_columns(turn: Turn) -> None:
    cells = [("a", "b", "c"), ("", "b", ""), ("", "", "")]
    assert turn(cells) == ["a", "b", None]
    assert turn(cells, step("join", by="-")) == ["a-b-c", "b", None]
    assert turn(cells, many=True) == [["a", "b", "c"], ["b"], None]
    assert turn(cells, step("each")) == ["a", "b", "c", "b"]


def test_each_makes_rows(turn: Turn) -> None:
    assert turn(["a;b", "", "c"], step("each", by=";")) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "given", "middle", "family"),
    [
        ("Ray, Ben", "Ben", None, "Ray"),
        ("Lopez, Ana María", "Ana", "María", "Lopez"),
        ("Ben Ray", "Ben", None, "Ray"),
        ("O’Malley, Seán", "Seán", None, "O’Malley"),
        ("García Márquez, Gabriel", "Gabriel", None, "García Márquez"),
        ("King Jr., Martin Luther", "Martin", "Luther", "King Jr."),
        ("Dr. Jane van der Berg", "Jane", None, "van der Berg"),
        ("Cher", "Cher", None, None),
        (",", None, None, None),
        ("", None, None, None),
    ],
)
def test_names(turn: Turn, text: str, given: str | None, middle: str | None, family: str | None) -> None:
    assert [turn([text], step("name", part=p))[0] for p in ("given", "middle", "family")] == [given, middle, family]


@pytest.mark.parametrize(
    ("country", "before", "after"),
    [
        ("US", "+12015550123", "+12015550123"),
        ("US", "(201) 555-0123", "+12015550123"),
        ("US", "1-201-555-0123", "+12015550123"),
        ("US", "2015550123", "+12015550123"),
        ("US", "+1 (725) 480-1423", "+17254801423"),
        ("US", "+44 20 7946 0958", "+442079460958"),
        ("GB", "020 7946 0958", "+442079460958"),
        ("DE", "030/901820", "+4930901820"),
        ("US", "555-123-4567", "555-123-4567"),
        ("US", "201-555-0123 x4", "201-555-0123 x4"),
        ("US", "call mother", "call mother"),
        ("US", "", None),
    ],
)
def test_phones(turn: Turn, country: str, before: str, after: str | None) -> None:
    assert turn([before], step("phone"), country=country) == [after]


def test_lookup_in_another_table(staging: Staging) -> None:
    staging.execute(
        """create table raw.people as
           select * from (values ('1', 'u1', ''), ('2', 'u2', 'x'), ('2', 'u3', 'y')) v(id, guid, note)"""
    )
    staging.execute("create table raw.rows as select * from (values ('2'), ('9'), ('1'), ('')) v(id)")
    people = SourceTable(1, "people", "", "", ",", ("id", "guid", "note"), "raw.people")
    rows = SourceTable(2, "rows", "", "", ",", ("id",), "raw.rows")
    bench = Bench(staging, rows, Reading("test", (people, rows)))

    def looked_up(value: str, **more: object) -> list[Any]:
        steps = (step("lookup", table="people", key="id", value=value, **more),)
        return [r[0] for r in staging.rows(f"select {build(FieldMap(('id',), steps), bench).sql} from raw.rows source")]

    assert looked_up("guid") == ["u2", None, "u1", None]
    assert looked_up("guid", keep=True) == ["u2", "9", "u1", None]
    assert looked_up("note") == ["x", None, None, None]


@pytest.mark.parametrize(
    "wrong",
    [
        step("fly"),
        step("case", to="wide"),
        step("replace"),
        step("pattern", find="("),
        step("pattern"),
        step("name", part="nick"),
        step("pick", n="x"),
        step("lookup", table="nowhere", key="a", value="b"),
        step("ids", types=1),
    ],
    ids=lambda t: t.op,
)
def test_a_wrong_step_is_named(turn: Turn, wrong: Transform) -> None:
    with pytest.raises(UsageError, match=r"[Mm]apping"):
        turn(["x"], wrong)
