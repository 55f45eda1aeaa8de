"""What commands say of plans and problems: in words for people, in the fixed shapes for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rosterdesk.cli.output import output
from rosterdesk.model import Outcome, Plan
from rosterdesk.pipeline import Roster
from rosterdesk.staging import Staging

FIRST = 1000  # problems in one JSON object


def tell_plan(roster: Roster, plan: Plan) -> None:
    """Say a plan in words and numbers: per school, then in all, then the limits it goes over."""
    problems = roster.problems()
    left_out = (
        f"{problems['error']:,} rows are left out, {problems['warning']:,} values; {problems['notice']:,} notices"
    )
    output.say(f"Read {roster.reading.source}. {left_out}.")
    if plan.empty:
        brings = roster.staging.one("""select count(*) from (
            select 1 from incoming.people where keep union all select 1 from incoming.schools union all
            (select 1 from incoming.enrollments limit 1) union all select 1 from incoming.guardianships)""")
        if brings:
            output.say("The directory already is as this roster says: nothing changes.")
        else:
            output.say("This source brings no record at all. `rosterdesk check` tells what is wrong with it.")
    if not output.as_json:  # for people; a program reads the numbers in the JSON object
        _tell_numbers(roster, plan)
    if plan.proposed:
        pairs = sum(sum(groups.values()) for groups in plan.proposed.values())
        output.say(f"{pairs:,} may be people whom the directory knows already: `rosterdesk matches` lists them.")
    for tripped in plan.tripped:
        output.say(f"Limit: {tripped.message}")
    output.say(f"Plan {plan.digest}")


def _tell_numbers(roster: Roster, plan: Plan) -> None:
    from rosterdesk.planning import summary  # see `pipeline.load_ahead`

    schools = summary.by_school(roster.staging)
    shown = ("create", "update", "archive", "restore")
    output.table(
        ("School", "New students", "Changed", "Archived", "Back", "Staff", "Classrooms"),
        (
            (
                s.school,
                *(s.counts.get("students", {}).get(a, 0) for a in shown),
                *(sum(s.counts.get(e, {}).values()) for e in ("staff", "classrooms")),
            )
            for s in schools[:50]
        ),
        numbers=range(1, 7),
    )
    if len(schools) > 50:
        output.say(f"... and {len(schools) - 50:,} more schools")
    output.say()
    heads = ("created", "updated", "archived", "restored", "removed")
    output.table(
        ("In all", *(h.capitalize() for h in heads)),
        (
            (_WORDS.get(name, name.capitalize()), *(counts.get(h, "") for h in heads))
            for name, counts in plan.counts.items()
        ),
        numbers=range(1, 6),
    )


_WORDS = {"guardianships": "Family links"}


def outcome(run: int | None, what: Outcome, plan: Plan, problems: Mapping[str, int]) -> dict[str, Any]:
    """The JSON object of `preview` and `push`."""
    return {
        "run": run,
        "outcome": what.value,
        "changes": {name: dict(counts) for name, counts in plan.counts.items() if name != "schools"},
        "problems": dict(problems),
        "proposed": {entity: dict(groups) for entity, groups in plan.proposed.items()},
        "plan": plan.digest,
        "tripped": [t.message for t in plan.tripped],
        **output.cost(),
    }


def first_problems(staging: Staging) -> list[dict[str, Any]]:
    """The first problems of a roster, the gravest first, in the shape of `rosterdesk check --json`."""
    names = ("code", "severity", "table", "row", "column", "message")
    rows = staging.rows(f"""select code, severity, table_name, row, column_name, message from problems
        order by severity, code, ref limit {FIRST}""")
    return [dict(zip(names, row, strict=True)) for row in rows]


def tell_problems(problems: list[dict[str, Any]]) -> None:
    """Say the first problems in words."""
    for problem in problems[:20]:
        place = f"{problem['table']}, row {problem['row']}" if problem["row"] else problem["table"]
        output.say(f"{problem['severity']}: {place}: {problem['message']}")
    if len(problems) > 20:
        output.say(f"... and {len(problems) - 20:,} more (--json lists the first {FIRST:,})")


def separator(delimiter: str) -> str:
    """A delimiter as people call it."""
    return {"\t": "tab", " ": "space", "": "none"}.get(delimiter, delimiter)
