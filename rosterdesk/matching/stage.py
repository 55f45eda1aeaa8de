"""The stage of a run: who of the new people may be somebody the directory has archived or entered by hand.

It proposes, and it merges nothing but what a person has called the same. A directory with nothing archived or manual
pays one look into an index for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import sqlalchemy as sa

from rosterdesk.directory.comparing import Side, read_choices
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.schema import decisions, merges
from rosterdesk.log import log
from rosterdesk.model import PEOPLE, DecidedMerge, Plan, Tripped
from rosterdesk.run import Run
from rosterdesk.staging import Staging


def match(where: Directory, staging: Staging, run: Run, kinds: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """How many pairs of each kind of people there are to look at, by group; none where there is nobody new."""
    from rosterdesk.matching import proposals

    found = {}
    for entity in kinds:
        if not staging.one(f"""select count(*) from (select 1 from incoming.{entity}
                where sis_id not in (select sis_id from directory.{entity}) limit 1)"""):
            continue
        run.report("Looking for people whom the directory knows already")
        with where.read(run) as conn:
            made = proposals.incoming(conn, where.district, staging, run, entity, shown=False)
        counts = {group.value: count for group, count in made.counts.items() if count}
        if counts:
            found[entity] = counts
    return found


def rekeyed(staging: Staging, plan: Plan) -> Plan:
    """The plan, which goes over a limit when the source seems to have other IDs for the same students.

    It is looked at only where many students are new.
    """
    from rosterdesk.matching.rekeyed import LEAST, suspected

    if plan.counts["students"]["created"] < LEAST or (seen := suspected(staging)) is None:
        return plan
    limit = Tripped("students", None, seen.gone, seen.active // 2, seen.active, seen.sentence)
    return replace(plan, tripped=(limit, *plan.tripped))


def decided(where: Directory, staging: Staging, run: Run, plan: Plan, proposed: dict[str, dict[str, int]]) -> Plan:
    """The plan with what was proposed, and with the merges that a person has decided of people whom it creates."""
    with where.read(run) as conn:
        said = _called_the_same(conn, where.district)
    found: list[DecidedMerge] = []
    for entity in {merge.entity for merge in said}:
        created = {
            sis_id
            for (sis_id,) in staging.rows(f"""select i.sis_id from plan.{entity} p
                join incoming.{entity} i on i.no = p.no where p.created""")
        }
        found += [merge for merge in said if merge.entity == entity and merge.sis_id in created]
    if not found:
        return replace(plan, proposed=proposed) if proposed else plan
    counts = {name: dict(numbers) for name, numbers in plan.counts.items()}
    for merge in found:
        counts[merge.entity]["merged"] += 1
    found.sort()
    digest = hashlib.sha256(f"{plan.digest} {found}".encode()).hexdigest()[: len(plan.digest)]
    return replace(plan, digest=digest, counts=counts, proposed=proposed, merges=tuple(found))


def _called_the_same(conn: sa.Connection, district: int) -> list[DecidedMerge]:
    absorbed = sa.select(merges.c.absorbed).where(merges.c.district == district)
    columns = (
        decisions.c.entity,
        decisions.c.incoming,
        decisions.c.candidate,
        decisions.c.choices,
        decisions.c.decided,
    )
    query = sa.select(*columns).where(
        decisions.c.district == district, decisions.c.decision == "same", decisions.c.candidate.not_in(absorbed)
    )
    rows = conn.execute(query).all()
    if not rows:
        return []
    from rosterdesk.directory.decisions import is_void, taken_apart

    apart = taken_apart(conn, district)
    found = []
    for entity, sis_id, candidate, text, moment in rows:
        if is_void(moment, apart.get(candidate)):
            continue
        choices = read_choices(text) if text is not None else {}
        sides = tuple((field, side.value) for field, side in choices.items())
        found.append(DecidedMerge(entity, sis_id, candidate, sides))
    return found


def carry_out(where: Directory, plan: Plan, run: Run) -> int | None:
    """Merge what the plan says, after it was pushed; return the number of the run that did, if any.

    What can't be merged is left as it is: it stays among the proposals, and the log counts it.
    """
    from rosterdesk.directory.decisions import numbers
    from rosterdesk.directory.merging import Pair, merge_all

    if not plan.merges:
        return None
    pairs = []
    with where.read(run) as conn:
        for entity in PEOPLE:
            decided = [merge for merge in plan.merges if merge.entity == entity]
            known = numbers(conn, where.district, entity, (merge.sis_id for merge in decided))
            for merge in decided:
                if merge.sis_id in known:
                    choices = {field: Side(side) for field, side in merge.choices}
                    pairs.append(Pair(entity, known[merge.sis_id], merge.absorbed, choices))
    done = merge_all(where, pairs, "decided among the matches", run=run)
    if done.refused:
        log.warning("%d of %d decided pairs could not be merged", len(done.refused), len(pairs))
    return done.run
