"""A plan told to people: by school, and every change with before and after."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosterdesk.errors import FileError
from rosterdesk.model import ENTITIES, FIELDS, PEOPLE
from rosterdesk.run import Run
from rosterdesk.staging import Staging

_AT_SCHOOL = ("students", "staff", "classrooms")
_SHEET_ROWS = 1_048_575  # of an Excel sheet, without its header
HEADER = ("record", "action", "school", "sis_id", "name", "field", "before", "after")


@dataclass(frozen=True, slots=True)
class SchoolSummary:
    """What happens at one school: for students, staff and classrooms, how many of each action."""

    school: str
    counts: dict[str, dict[str, int]]


def describe(staging: Staging) -> None:
    """Make the view `plan.changes`: a row for each record that comes or goes, each changed field, each link."""
    if staging.has("plan.changes"):
        return
    parts = []
    for entity in ENTITIES:
        school = {c: f"{c}.school_sis_id" if entity in _AT_SCHOOL else "null::varchar" for c in "id"}
        no = "i.no" if entity in PEOPLE else "i.rowid"
        name = "concat_ws(' ', {0}.given_name, {0}.family_name)" if entity in PEOPLE else "{0}." + FIELDS[entity][0]
        directory = f"join directory.{entity} d on d.id = "
        parts += [
            f"""select '{entity}', 'create', {school["i"]}, i.sis_id, {name.format("i")}, null, null, null
                from plan.{entity} p join incoming.{entity} i on {no} = p.no where p.created""",
            f"""select '{entity}', 'archive', {school["d"]}, d.sis_id, {name.format("d")}, null, null, null
                from plan.{entity}_gone g {directory} g.id""",
            f"""select '{entity}', 'restore', {school["d"]}, d.sis_id, {name.format("d")}, null, null, null
                from plan.{entity}_after a {directory} a.id where a.archived""",
            f"""select '{entity}', case when (f.id, f.field) in (select (id, field) from plan.overwritten)
                then 'overwrite' else 'update' end, {school["d"]}, d.sis_id, {name.format("d")},
                f.field, f.before, f.after
                from plan.fields f {directory} f.id where f.entity = '{entity}'""",
            f"""select '{entity}', 'keep', {school["d"]}, d.sis_id, {name.format("d")}, f.field, f.before, f.after
                from plan.kept f {directory} f.id where f.entity = '{entity}'""",
        ]
    for entity in ("classrooms", *PEOPLE):
        no = "i.no" if entity in PEOPLE else "i.rowid"
        staging.execute(f"""create view plan.{entity}_known as select id, sis_id from directory.{entity} union all
            select p.id, i.sis_id from plan.{entity} p join incoming.{entity} i on {no} = p.no where p.created""")
    staging.execute(
        "create view plan.person_known as select * from plan.students_known union all select * from plan.staff_known"
    )
    for change, action in (("added", "add"), ("removed", "remove")):
        parts += [
            f"""select 'enrollments', '{action}', null, c.sis_id, null,
                case when e.is_student then 'student' else 'teacher' end,
                {"null, p.sis_id" if change == "added" else "p.sis_id, null"} from plan.enrollments_{change} e
                join plan.classrooms_known c on c.id = e.classroom join plan.person_known p on p.id = e.person""",
            f"""select 'guardianships', '{action}', null, s.sis_id, null, coalesce(e.relationship, 'guardian'),
                {"null, g.sis_id" if change == "added" else "g.sis_id, null"} from plan.guardianships_{change} e
                join plan.students_known s on s.id = e.student join plan.guardians_known g on g.id = e.guardian""",
        ]
    staging.execute(f"""create view plan.changes as
        select record, action, coalesce(s.name, school) as school, q.sis_id, q.name, field, before, after
        from ({" union all ".join(parts)}) q({", ".join(HEADER)})
        left join (select sis_id, name from directory.schools union all
                   select i.sis_id, i.name from plan.schools p
                   join incoming.schools i on i.rowid = p.no where p.created) s
               on s.sis_id = q.school""")


def by_school(staging: Staging) -> list[SchoolSummary]:
    """What happens at each school that anything happens at, by name."""
    describe(staging)
    found: dict[str, SchoolSummary] = {}
    rows = staging.rows("""select school, record, case action when 'overwrite' then 'update' else action end as action,
        count(distinct sis_id) from plan.changes
        where record in ('students', 'staff', 'classrooms') and school is not null and action <> 'keep' group by all
        order by all""")
    for school, record, action, count in rows:
        found.setdefault(school, SchoolSummary(school, {})).counts.setdefault(record, {})[action] = count
    return list(found.values())


def write(staging: Staging, folder: Path, run: Run) -> tuple[Path, Path]:
    """Write every change as `changes.csv` and `changes.xlsx` into a folder. Raises `FileError` when they cannot be
    written.
    """
    describe(staging)
    csv_path, xlsx_path = folder / "changes.csv", folder / "changes.xlsx"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with csv_path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(_changes(staging, run))
        _workbook(staging, xlsx_path, run)
    except OSError as error:
        raise FileError(
            f"The preview cannot be written to {folder}.",
            "Choose another folder, or free some space.",
            str(error.strerror),
        ) from error
    return csv_path, xlsx_path


def _changes(staging: Staging, run: Run) -> Iterator[tuple[Any, ...]]:
    cursor = staging.execute(f"select {', '.join(HEADER)} from plan.changes order by all")
    while batch := cursor.fetchmany(50_000):
        run.check()
        yield from batch


def _workbook(staging: Staging, path: Path, run: Run) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    sheet, used = None, _SHEET_ROWS
    for row in _changes(staging, run):
        if sheet is None or used == _SHEET_ROWS:
            sheet, used = book.add_worksheet(), 0
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, HEADER, bold)
        used += 1
        for column, value in enumerate(row):
            if value is not None:
                sheet.write_string(used, column, str(value))
    if sheet is None:
        book.add_worksheet().write_row(0, 0, HEADER, bold)
    book.close()
