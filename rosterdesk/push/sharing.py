"""Who shares an account after a push: one person in several roles has one when name, e-mail and phones are exactly the
same in every record, else one each (ClassTag help, articles 6369316 and 24410354160532).

Only of records that the plan makes, restores or calls otherwise, and only where anybody has an account; who has none
gets theirs when they sign in, and shares it from then on.
"""

from __future__ import annotations

import sqlalchemy as sa

from rosterdesk.directory.accounts import SAME, SHARING
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.schema import RECORDS, accounts, changes
from rosterdesk.push.bulk import Writer
from rosterdesk.staging import Staging

MOVES = "plan.account_moves"  # entity, id, created, before, after: accounts; without `after` it is new number `fresh`
_ASKED = 5_000  # numbers in one question: a statement of SQLite may be a million characters long


def prepare(connection: sa.Connection, directory: Directory, staging: Staging) -> bool:
    """Make `MOVES`, the people who leave an account or join one; say whether there are any."""
    known = sa.select(accounts.c.id).where(accounts.c.district == directory.district).limit(1)
    if connection.execute(known).first() is None:
        return False
    staging.execute(
        f"create or replace table plan.account_touched as {' union all '.join(_touched(e) for e in SHARING)}"
    )
    if not staging.one("select count(*) from plan.account_touched"):
        return False
    _hold(connection, directory.district, staging)
    _move(staging)
    return bool(staging.one(f"select count(*) from {MOVES}"))


def write(writer: Writer, run: int) -> None:
    """Write the moves that were prepared, with the accounts that they need and a line of the history each."""
    staging = writer.staging
    fresh = int(staging.one(f"select coalesce(max(fresh), 0) from {MOVES}"))
    first = writer.directory.take_ids(writer.connection, fresh) - 1 if fresh else 0
    made = f"select distinct {first} + fresh from {MOVES} where fresh is not null order by 1"
    writer.insert("accounts", ("id",), made, {"state": "active", "created_run": run})
    moved = f"(select entity, id, before, coalesce(after, {first} + fresh) as after, created from {MOVES})"
    for entity in SHARING:
        writer.update(entity, ("account",), f"select after, id from {moved} where entity = '{entity}'")
    here = (changes.c.district == writer.directory.district, changes.c.run == run)
    last = writer.connection.execute(sa.select(sa.func.max(changes.c.number)).where(*here)).scalar() or 0
    writer.insert(
        "changes",
        ("number", "entity", "record", "action", "before", "after"),
        f"""select {last} + row_number() over (order by entity, id), entity, id, 'update',
            json_object('account', before), json_object('account', after) from {moved} where not created""",
        {"run": run},
    )


def _touched(entity: str) -> str:
    """Whose details are new in this plan: as they will be, and as they were (`old`)."""
    same = ", ".join(f"'{field}'" for field in SAME)
    return f"""select '{entity}' as entity, p.id, true as created, false as active,
               {_key("i")} as key, null::varchar as old, {_reached("i")} as reached
        from plan.{entity} p join incoming.{entity} i on i.no = p.no where p.created
        union all
        select '{entity}', a.id, false, d.active, {_key("a")}, {_key("d")}, {_reached("a")}
        from plan.{entity}_after a join directory.{entity} d on d.id = a.id
        where a.archived or a.id in (
            select id from plan.fields where entity = '{entity}' and field in ({same}))"""


def _key(row: str) -> str:
    return f"to_json([{', '.join(f'{row}.{field}' for field in SAME)}])::varchar"


def _reached(row: str) -> str:
    return f"({row}.email is not null or {row}.sms is not null)"


def _hold(connection: sa.Connection, district: int, staging: Staging) -> None:
    """Make `plan.account_holders`: who has an active account that may be shared or left, with what they are called."""
    keys = "select key from plan.account_touched where reached union select old from plan.account_touched where active"
    others = " union all ".join(
        f"""select '{entity}' as entity, d.id, {_key("d")} as key from directory.{entity} d
            where d.active and d.status = 'active' and key in ({keys})
              and d.id not in (select id from plan.account_touched union select id from plan.{entity}_gone)"""
        for entity in SHARING
    )
    staging.execute(f"""create or replace table plan.account_holders as
        select entity, id, null::bigint as account, key, false as touched from ({others}) union all
        select entity, id, null, key, true from plan.account_touched where active""")
    staging.execute("create or replace table plan.account_numbers (id bigint, account bigint)")
    for entity in SHARING:
        table = RECORDS[entity]
        ids = [row[0] for row in staging.rows(f"select id from plan.account_holders where entity = '{entity}'")]
        for start in range(0, len(ids), _ASKED):
            some = ids[start : start + _ASKED]
            query = sa.select(table.c.id, table.c.account).where(table.c.district == district, table.c.id.in_(some))
            _remember(staging, "plan.account_numbers", [tuple(row) for row in connection.execute(query)])
        state = sa.select(accounts.c.state).where(accounts.c.district == district, accounts.c.id == table.c.account)
        manual = sa.select(table.c.id, table.c.account, *(table.c[field] for field in SAME)).where(
            *(table.c.district == district, table.c.sis_id.is_(None), table.c.account.is_not(None)),
            *(table.c.status == "active", state.scalar_subquery() == "active"),
        )
        rows = [tuple(row) for row in connection.execute(manual)]
        staging.execute(f"create or replace table plan.account_manual (id bigint, account bigint, {_texts()})")
        _remember(staging, "plan.account_manual", rows)
        staging.execute(f"""insert into plan.account_holders
            select '{entity}', m.id, m.account, {_key("m")}, false from plan.account_manual m""")
    staging.execute("""update plan.account_holders h set account = n.account
        from plan.account_numbers n where h.account is null and n.id = h.id""")


def _texts() -> str:
    return ", ".join(f"{field} varchar" for field in SAME)


def _remember(staging: Staging, table: str, rows: list[tuple[object, ...]]) -> None:
    if rows:
        marks = ", ".join(f"({', '.join('?' * len(rows[0]))})" for _ in rows)
        staging.execute(f"insert into {table} values {marks}", [cell for row in rows for cell in row])


def _move(staging: Staging) -> None:
    """An account stays with those whose details did not change, else with the first of its people; who is called
    otherwise goes to the account of those who are called the same, or to a new one."""
    staging.execute("""create or replace table plan.account_kept as
        select account, first(key order by touched, id) as key, bool_and(touched) as touched
        from plan.account_holders where account is not null group by account""")
    staging.execute("""create or replace table plan.account_homes as
        select key, first(account order by touched, account) as account from plan.account_kept group by key""")
    alone = "case when t.reached then t.key else t.id::varchar end"  # who can't be reached is nobody's like
    staging.execute(f"""create or replace table {MOVES} as
        select entity, id, before, after, created,
               case when after is null then dense_rank() over (partition by after is null order by alone) end as fresh
        from (select t.entity, t.id, t.created, h.account as before, {alone} as alone,
                     case when t.reached then o.account else k.account end as after
              from plan.account_touched t left join plan.account_holders h on h.id = t.id
              left join plan.account_homes o on o.key = t.key
              left join plan.account_kept k on k.account = h.account and k.key = t.key)
        where after is distinct from before""")
