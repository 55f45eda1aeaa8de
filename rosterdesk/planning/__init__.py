"""Fifth stage: what a push would do, computed by comparing the checked roster with the directory's snapshot, set by
set.

The result lies in `plan.*`; what a review shows of it is what a push applies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from rosterdesk.directory import scope
from rosterdesk.directory.settings import Settings
from rosterdesk.directory.usual import Usual
from rosterdesk.model import ENTITIES, FIELDS, LINKS, PEOPLE, Plan
from rosterdesk.planning import breakers, links, records, unusual
from rosterdesk.run import Run
from rosterdesk.staging import Staging


def plan(
    staging: Staging,
    settings: Settings,
    generation: int,
    next_id: int,
    removable: AbstractSet[str],
    run: Run,
    *,
    additions_only: bool = False,
    limits: Sequence[str] = (),
    usual: Usual | None = None,
) -> Plan:
    """Compare `incoming.*` with `directory.*` and fill `plan.*`.

    `removable` names the kinds of records whose absence from the source is proven. With `additions_only` nothing is
    archived or removed, whatever the source says. `limits` hold beside those of the settings, and `usual` tells of
    what the job's history suggests.
    """
    run.report("Comparing with the directory")
    scope.prepare(staging)
    if additions_only:
        removable = frozenset()
        staging.execute("delete from incoming.deleted")
        staging.execute(
            "create or replace view incoming.deleted_enrollments as select * from incoming.unsure_enrollments limit 0"
        )
    records.plan(staging, settings, next_id, removable)
    run.report("Comparing enrollments and families")
    links.plan(staging, settings, removable)
    staging.execute("""create view plan.school_ids as
        select sis_id, id from directory.schools union all
        select i.sis_id, p.id from plan.schools p join incoming.schools i on i.rowid = p.no where p.created""")
    counts = _counts(staging)
    tripped = breakers.trip(staging, settings)
    also = unusual.over(staging, counts, unusual.given(settings.limits), unusual.given(limits), usual)
    seen = {(trip.entity, trip.school, trip.removed) for trip in tripped}  # one sentence of each is enough
    tripped += tuple(trip for trip in also if (trip.entity, trip.school, trip.removed) not in seen)
    return Plan(_digest(staging, generation), generation, counts, tripped)


def _counts(staging: Staging) -> Mapping[str, Mapping[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for entity in ENTITIES:
        counts[entity] = {
            "created": int(staging.one(f"select count(*) from plan.{entity} where created")),
            "updated": int(staging.one(f"select count(*) from plan.{entity}_after where not archived")),
            "archived": int(staging.one(f"select count(*) from plan.{entity}_gone")),
            "restored": int(staging.one(f"select count(*) from plan.{entity}_after where archived")),
            "merged": 0,
        }
    for link in LINKS:
        counts[link] = {
            "created": int(staging.one(f"select count(*) from plan.{link}_added")),
            "removed": int(staging.one(f"select count(*) from plan.{link}_removed")),
        }
    return counts


def _digest(staging: Staging, generation: int) -> str:
    """One name for exactly this plan on exactly this state of the directory."""
    whole = hashlib.sha256(str(generation).encode())
    for entity in ENTITIES:
        language = ("language",) if entity in PEOPLE else ()
        fields = ", ".join((*FIELDS[entity], *language))
        for sql in (
            f"""select p.id, i.sis_id, i.fingerprint{", i.language" if language else ""} from plan.{entity} p
                join incoming.{entity} i on {records.number(entity)} = p.no where p.created""",
            f"select id, archived, {fields} from plan.{entity}_after",
            f"select id from plan.{entity}_gone",
        ):
            whole.update(_sum(staging, sql))
    for link in LINKS:
        for change in ("added", "removed"):
            whole.update(_sum(staging, f"select * from plan.{link}_{change}"))
    return whole.hexdigest()[:16]


def _sum(staging: Staging, sql: str) -> bytes:
    return str(staging.rows(f"select count(*), sum(hash(t)::hugeint), bit_xor(hash(t)) from ({sql}) t")).encode()
