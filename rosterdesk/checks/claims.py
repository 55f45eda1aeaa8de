"""Whose an e-mail or mobile number is, in a district where it may be one person's only.

Who has it in the directory keeps it; else staff go before guardians, and the lower SIS ID before the higher. One person
in several roles, with everything exactly the same, is one. Needs `directory.*`, so it runs with the preview.
"""

from __future__ import annotations

from rosterdesk.checks.catalogue import empty_field, report
from rosterdesk.checks.people import leave_out
from rosterdesk.directory import ownership
from rosterdesk.directory.accounts import SAME
from rosterdesk.directory.settings import Settings
from rosterdesk.staging import Staging, fingerprint

_KINDS = {"staff": "staff", "guardians": "guardian"}


def check(staging: Staging, settings: Settings) -> None:
    """Leave out the e-mails and numbers that are somebody else's, and the guardians to whom nothing else is left."""
    phone = settings.phone_column.value
    updated = str(settings.update_active_users).lower()
    lost = 0
    for field in ("email", phone):
        staging.execute(f"create or replace table incoming.claims as {_claims(field, updated)}")
        staging.execute("""create or replace table incoming.lost_claims as
            select c.no, c.ref, c.value from incoming.claims c join (
                select value, first(same order by rank, kind desc, sis_id) as winner
                from incoming.claims group by value having count(distinct same) > 1) w using (value)
            where c.same <> w.winner and c.rank = 1""")
        if report(staging, "contact-taken", f"select ref, '{field}', value from incoming.lost_claims"):
            empty_field(staging, field, "rowid in (select no from incoming.lost_claims)")
            lost += 1
    staging.execute("drop table incoming.claims; drop table incoming.lost_claims")
    if not lost:
        return
    # Of somebody who is here already, what was left out stays as it is.
    new = f"""kind = 'guardian' and email is null and {phone} is null
        and sis_id not in (select sis_id from directory.guardians)"""
    left_out = f"select distinct kind, sis_id from incoming.people where keep and {new}"
    staging.execute(f"insert into incoming.seen {left_out}")
    leave_out(staging, "no-own-contact", "email", "null", new)
    for entity, kind in _KINDS.items():
        staging.execute(f"""update incoming.people set fingerprint = {fingerprint(entity)}
            where kind = '{kind}' and rowid in (
                select no from incoming.emptied where field in ('email', '{phone}'))""")


def _claims(field: str, updated: str) -> str:
    """Everybody's claim to a value: rank 0 is theirs already. Who has signed in keeps what they have, unless the sync
    updates them."""
    columns = "select {0} as no, {1} as ref, '{2}' as kind, {3}.sis_id, {3}.{4} as value, {5} as same, {6} as rank"
    parts = []
    for entity, kind in _KINDS.items():
        told = columns.format("p.no", "p.ref", kind, "p", field, _same("p"), f"(({_value('d', field)} = "
                              f"{_value('p', field)}) is not true)::int")  # fmt: skip
        known = columns.format("null", "null", kind, "d", field, _same("d"), "0")
        parts.append(f"""{told} from incoming.{entity} p left join directory.{entity} d on d.sis_id = p.sis_id
            where p.{field} is not null and not (coalesce(d.active, false) and not {updated})""")
        parts.append(f"""{known} from directory.{entity} d where d.{field} is not null and d.status = 'active'
            and ((d.active and not {updated}) or d.sis_id not in (select sis_id from incoming.{entity}))""")
        manual = columns.format("null", "null", kind, "m", field, _same("m"), "0")
        parts.append(f"{manual} from {ownership.MANUAL_PEOPLE} m where m.kind = '{kind}' and m.{field} is not null")
    every = " union all ".join(f"({part})" for part in parts)
    return f"select * replace (lower(value) as value) from ({every})"


def _value(row: str, field: str) -> str:
    return f"lower({row}.{field})"


def _same(row: str) -> str:
    return f"to_json([{', '.join(f'{row}.{name}' for name in SAME)}])::varchar"
