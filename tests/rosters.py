"""Small rosters as literal CSV, and what a directory holds afterwards."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rosterdesk import pipeline
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.export import export
from rosterdesk.model import Plan
from rosterdesk.run import Run

ORGS_HEADER = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
ORGS = ORGS_HEADER + "D,,,District,district,,\nA,,,Adams,school,,D\nB,,,Burr,school,,D\n"
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,sms,phone,"
    "agentSourcedIds,grades\n"
)
CLASSES = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds\n"
)
ENROLLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
)


def student(
    sis_id: str,
    school: str = "A",
    given: str = "Ana",
    family: str = "Ng",
    email: str = "",
    guardians: str = "",
    grade: str = "05",
) -> str:
    """One student as a row of users.csv."""
    agents = f'"{guardians}"' if "," in guardians else guardians
    return f"{sis_id},,,true,{school},student,{sis_id},{given},{family},{email},,,{agents},{grade}\n"


def adult(
    sis_id: str,
    role: str,
    school: str = "A",
    given: str = "Pat",
    family: str = "Roe",
    email: str = "pat@example.org",
    sms: str = "",
) -> str:
    """One guardian or member of staff as a row of users.csv."""
    return f"{sis_id},,,true,{school},{role},{sis_id},{given},{family},{email},{sms},,,\n"


def classroom(sis_id: str, school: str = "A", title: str = "Room 1") -> str:
    """One classroom as a row of classes.csv."""
    return f"{sis_id},,,{title},05,K,,homeroom,,{school},T\n"


def enrollment(classroom_id: str, person: str, role: str = "student", school: str = "A") -> str:
    """One enrollment as a row of enrollments.csv."""
    return f"{classroom_id}-{person},,,{classroom_id},{school},{person},{role},false,,\n"


def roster(users: str, classes: str = "", enrollments: str = "", orgs: str = ORGS) -> dict[str, str]:
    """The files of a OneRoster source: the rows of each, without headers but for orgs."""
    files = {"orgs.csv": orgs, "users.csv": USERS + users}
    if classes:
        files["classes.csv"] = CLASSES + classes
    if enrollments:
        files["enrollments.csv"] = ENROLLMENTS + enrollments
    return {name: text for name, text in files.items() if text}


def written(files: Mapping[str, str], folder: Path) -> Path:
    """The files in a new folder."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def preview(directory: Directory, folder: Path, *, additions_only: bool = False) -> Plan:
    """The plan of a source."""
    with pipeline.roster([folder], Run()) as made:
        return pipeline.preview(made, directory, additions_only=additions_only)


def push(directory: Directory, folder: Path, *, additions_only: bool = False) -> tuple[int, Plan]:
    """Push a source, whatever its plan trips; the run's number and the plan."""
    with pipeline.roster([folder], Run()) as made:
        plan = pipeline.preview(made, directory, additions_only=additions_only)
        return pipeline.apply(made, plan, directory), plan


def problems(folder: Path) -> list[tuple[str, str, int | None]]:
    """The code, table and row of each problem of a source, in order."""
    with pipeline.roster([folder], Run()) as made:
        return made.staging.rows("select code, table_name, row from problems order by all")


def exported(directory: Directory, folder: Path) -> dict[str, str]:
    """The directory's export as texts."""
    target = Path(tempfile.mkdtemp(dir=folder))
    export(directory, target / "export")
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((target / "export").iterdir())}


def rows(text: str, *columns: str) -> list[tuple[str, ...]]:
    """Some columns of an exported table."""
    return [tuple(row[c] for c in columns) for row in csv.DictReader(text.splitlines())]
