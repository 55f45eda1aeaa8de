"""The command that matches two files of students: which incoming one is which archived one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rosterdesk import pipeline
from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.errors import FileError
from rosterdesk.matching import match as find_pairs
from rosterdesk.run import Run
from rosterdesk.sources.read import read
from rosterdesk.staging import Staging, literal, quote

# What the columns of the two files are to the stage; the names are OneRoster's, in any case.
_COLUMNS = {
    "sourcedid": "id",
    "studentnumber": "student_number",
    "stateid": "state_id",
    "givenname": "given_name",
    "preferredname": "preferred_name",
    "middlename": "middle_name",
    "familyname": "family_name",
    "birthdate": "birth_date",
    "grades": "grade",
    "orgsourcedids": "schools",
    "email": "email",
    "guardianemails": "guardian_emails",
    "guardiansms": "guardian_phones",
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(match)


def match(
    incoming: Annotated[Path, typer.Argument(metavar="INCOMING.csv", help="The students that the SIS brings.")],
    archived: Annotated[Path, typer.Argument(metavar="ARCHIVED.csv", help="The students that were there before.")],
    out: Annotated[Path, typer.Option("--out", metavar="PAIRS.csv", help="Write the pairs into this file.")],
    json: options.Json = False,
) -> None:
    """Find which incoming student is which archived one: safe pairs (auto) and pairs to look at (review)."""
    run = output.run
    with pipeline.staged(run) as staging:
        _load(staging, incoming, "incoming_students", run)
        _load(staging, archived, "archived_students", run)
        found = find_pairs(staging, "incoming_students", "archived_students", run)
        _write(staging, out)
    unmatched = found.incoming - found.auto - found.review
    output.table(
        ("Incoming students", "Number"),
        (("matched for certain", found.auto), ("to look at", found.review), ("no match", unmatched)),
        numbers=(1,),
    )
    output.say(f"Expected mistakes among the certain ones: {found.mistakes:.1f}. The pairs are in {out}.")
    output.result(
        {
            "incoming": found.incoming,
            "archived": found.candidates,
            "auto": found.auto,
            "review": found.review,
            "unmatched": unmatched,
            "expected_mistakes": round(found.mistakes, 2),
            "pairs": str(out),
            "cost": output.cost(),
        }
    )


def _load(staging: Staging, path: Path, name: str, run: Run) -> None:
    """Read the students of a file into the table `name`, one row an ID. Raises `FileError` when it holds no IDs."""
    reading = read([path], staging, run)
    for table in reading.tables:
        columns = {known: c for c in table.columns if (known := _COLUMNS.get(c.strip().lower()))}
        if "id" in columns:
            break
    else:
        raise FileError(
            f"{path.name} has no column sourcedId.", "It must tell each student's ID in a column of that name."
        )
    told = ", ".join(f"nullif(trim({quote(c)}), '') as {known}" for known, c in columns.items())
    staging.execute(f"create table rows_read as select distinct {told} from {table.relation}")
    # One file may be named twice, and the next one may bear the same name.
    for read_table in reading.tables:
        kind = "view" if staging.one(_IS_VIEW, [read_table.name]) else "table"
        staging.execute(f"drop {kind} {read_table.relation}")
    double = "select id from rows_read group by id having count(*) > 1"
    staging.execute(f"create table {name} as select * from rows_read where id is not null and id not in ({double})")
    without = int(staging.one("select count(*) from rows_read where id is null"))
    twice = int(staging.one(f"select count(*) from ({double}) where id is not null"))
    staging.execute("drop table rows_read")
    if without:
        output.say(f"{path.name}: {without:,} rows have no sourcedId and were left out.")
    if twice:
        output.say(f"{path.name}: {twice:,} IDs stand for several different rows, which were left out.")


_IS_VIEW = "select count(*) from information_schema.views where table_schema = 'raw' and table_name = ?"


def _write(staging: Staging, out: Path) -> None:
    new = out.with_name(out.name + ".new")
    try:
        staging.execute(f"""copy (
            select incoming_id, candidate_id as archived_id, band, round(probability, 6) as probability, reason
            from matching.pairs order by incoming_id) to {literal(str(new))} (format csv, header true)""")
        new.replace(out)
    finally:
        new.unlink(missing_ok=True)
