"""Looks at how guardians are tied to students in what a OneRoster server sent, and tells what is amiss.

ClassLink often sends guardians with no agents on either side, or guardians whose only org is the district. A tie on
either side is enough for the checks that follow; a guardian of the district gets the schools of their students.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from rosterdesk.staging import literal

_GUARDIAN = "lower(role) in ('guardian', 'parent', 'relative')"


def families(folder: Path, version: str) -> list[str]:
    """Sentences about guardians without students and guardians of the district. Changes no file."""
    with duckdb.connect(":memory:", config={"memory_limit": "400MB", "temp_directory": str(folder / ".spill")}) as con:
        for name in ("users", "orgs", *(["roles"] if version == "1.2" else [])):
            path = literal(str(folder / f"{name}.csv"))
            con.execute(f"""create view {name} as select * from read_csv({path}, all_varchar = true, header = true,
                delim = ',', quote = '"', escape = '"', auto_detect = false, strict_mode = true,
                max_line_size = 64000000, columns = {{{_columns(folder / f"{name}.csv")}}})""")
        people = "select sourcedId, role, orgSourcedIds as orgs, agentSourcedIds as agents from users"
        if version == "1.2":
            people = """select u.sourcedId, r.role, r.orgSourcedId as orgs, u.agentSourcedIds as agents
                from users u join roles r on r.userSourcedId = u.sourcedId"""
        con.execute(f"""create table guardians as
            select sourcedId, any_value(orgs) as orgs, any_value(agents) as agents from ({people})
            where {_GUARDIAN} group by sourcedId""")
        con.execute(f"""create table tied as select distinct unnest(string_split(agents, ',')) as sourcedId
            from ({people}) where lower(role) = 'student' and agents <> ''""")
        loose = con.execute("""select count(*) from guardians
            where coalesce(agents, '') = '' and sourcedId not in (select sourcedId from tied)""").fetchone()
        high = con.execute("""select count(*) from guardians
            where orgs in (select sourcedId from orgs where lower(type) in ('district', 'local'))""").fetchone()
    notes = []
    if loose and loose[0]:
        notes.append(
            f"{loose[0]:,} guardians are tied to no student on either side. The server's vendor can repair that; until "
            "then add a guardian file."
        )
    if high and high[0]:
        notes.append(
            f"{high[0]:,} guardians belong to the district itself; they come with the schools of their students."
        )
    return notes


def _columns(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return ", ".join(f"{literal(name)}: 'VARCHAR'" for name in file.readline().rstrip("\r\n").split(","))
