"""Which pairs are worth a look: those that share a number, an e-mail, a contact, a birth date or most of a name.

Every record gives keys; two records that share one become a pair. A key that makes too many pairs is narrowed to the
school or the grade, and left out where that is still too many: what only such a key says could prove nothing.
"""

from __future__ import annotations

from rosterdesk.matching.comparisons import possible
from rosterdesk.staging import Staging

# Pairs that names alone may bring, for each student: more in a small district, where they cost nothing.
_FEW, _MANY = 12, 40
_SMALL = 60_000
# What first names are compared by.
_COMPARED = (
    *("id", "key", "given", "family", "given_letters", "called", "called_bits", "formals", "formals_bits"),
    *("middles", "middles_bits", "known", "few", "number", "state"),
)

_SURE = """
    select id, side, hash(1, number) as k from matching.blocked where number is not null union all
    select id, side, hash(2, state) from matching.blocked where state is not null union all
    select id, side, hash(3, email) from matching.blocked where email is not null union all
    select id, side, hash(4, unnest(contacts)) from matching.blocked where contacts is not null union all
    select id, side, hash(16, birth, unnest(list_distinct(flatten([called, formals, middles, coalesce(tokens, [])]))))
        from matching.blocked where birth is not null union all
    select id, side, hash(5, birth, left(given, 2)) from matching.blocked where birth is not null union all
    select id, side, hash(17, birth, right(given, 2)) from matching.blocked where birth is not null union all
    select id, side, hash(6, birth, left(fam_z, 2)) from matching.blocked where birth is not null"""
# All who were born on one day: in a large district that would be most of the work, for pairs that nothing else joins.
_BORN = "select id, side, hash(18, birth) from matching.blocked where birth is not null"

# The grade of a record made last year is one less.
_PLACES = """
    select id, side, hash(7, fam_z, school, g) from matching.graded union all
    select id, side, hash(8, fam_a, school, g) from matching.graded where fam_a <> fam_z union all
    select id, side, hash(9, called[1], school, g) from matching.graded where len(called) > 0"""
_GRADED = """
    select *, grade as g from matching.blocked where grade is not null union all
    select *, grade + 1 from matching.blocked where grade is not null and side = 1"""

# A name as it is, or with a slip in one half of the other part of it.
_NAMES = """
    select id, side, hash(10, least(given, family), greatest(given, family)) as k from matching.blocked
        where given is not null and family is not null union all
    select id, side, hash(11, f, t) from (
        select id, side, unnest(list_distinct(list_concat(formals, middles))) as f, tokens from matching.blocked),
        unnest(tokens) u(t) union all
    select id, side, hash(12, c, left(fam_z, 3)) from (
        select id, side, fam_z, unnest(called) as c from matching.blocked)
        where fam_z is not null union all
    select id, side, hash(13, c, right(fam_z, 3)) from (
        select id, side, fam_z, unnest(called) as c from matching.blocked)
        where fam_z is not null union all
    select id, side, hash(14, fam_z, left(called[1], 2)) from matching.blocked where fam_z is not null union all
    select id, side, hash(15, fam_z, right(called[1], 2)) from matching.blocked where fam_z is not null"""


def block(staging: Staging, apart: str | None, *, names: bool = True) -> int:
    """Fill `matching.candidates` (l, r: ids of `matching.people`), without the pairs of `apart`; return how many.

    Where `names` matter, pairs whose first names have nothing to do with each other are left out at once.
    """
    small = int(
        staging.one("select greatest(0, max(n), 1) from (select count(*) n from matching.people group by side)")
    )
    sure = f"{_SURE} union all {_BORN}" if small <= _SMALL else _SURE
    _pairs(staging, apart, "matching.people", sure, (_MANY if small <= _SMALL else _FEW) * small, names)
    return int(staging.one("select count(*) from matching.candidates"))


def block_left(staging: Staging, apart: str | None) -> int:
    """Fill `matching.candidates` with pairs of those who are in no pair of `matching.decided`, whatever their first
    names: so few are left that far commoner keys can be afforded. Return how many pairs there are."""
    staging.execute("""create or replace table matching.left_over as
        select * from matching.people where id not in (select l from matching.decided union all
                                                       select r from matching.decided)""")
    small = int(
        staging.one("select greatest(0, max(n), 1) from (select count(*) n from matching.left_over group by side)")
    )
    _pairs(staging, apart, "matching.left_over", _SURE, _MANY * small, names=False)
    staging.execute("drop table matching.left_over")
    return int(staging.one("select count(*) from matching.candidates"))


def _pairs(staging: Staging, apart: str | None, people: str, sure: str, budget: int, names: bool) -> None:
    staging.execute(f"create or replace view matching.blocked as select * from {people}")
    staging.execute(f"create or replace view matching.graded as {_GRADED}")
    staging.execute(f"create or replace table matching.keys as {_NAMES}")
    limit = _limit(staging, "matching.keys", budget)
    staging.execute(f"""create or replace table matching.narrowed as
        with many as (select k.* from matching.keys k where k.k in ({_common("matching.keys", limit)}))
        select k.id, k.side, hash(k.k, p.school) as k from many k join matching.blocked p using (id)
        where p.school is not null
        union all
        select k.id, k.side, hash(k.k, p.g) from many k join matching.graded p using (id)""")
    parts = [f"select id, side, k from matching.keys where k not in ({_common('matching.keys', limit)})"]
    narrow = _limit(staging, "matching.narrowed", budget // 2)
    parts.append(f"select * from matching.narrowed where k not in ({_common('matching.narrowed', narrow)})")
    for name, sql in (("sure", sure), ("placed", f"select * from ({_PLACES}) t(id, side, k)")):
        staging.execute(f"create or replace table matching.{name} as {sql}")
        most = _limit(staging, f"matching.{name}", budget)
        parts.append(f"select * from matching.{name} where k not in ({_common(f'matching.{name}', most)})")
    joins = " union all ".join(
        f"select l.id as l, r.id as r from ({part}) l join ({part}) r on l.k = r.k where l.side = 0 and r.side = 1"
        for part in parts
    )
    kept = [possible()] if names else []
    if apart is not None:
        kept.append(f"not exists (select 1 from {apart} a where a.incoming_id = i.key_l and a.candidate_id = c.key_r)")
    compared = ""
    if kept:
        sides = (", ".join(f"{column} as {column}_{end}" for column in _COMPARED) for end in "lr")
        compared = """join (select {} from matching.people) i on i.id_l = p.l
            join (select {} from matching.people) c on c.id_r = p.r where {}""".format(*sides, " and ".join(kept))
    staging.execute(f"""create or replace table matching.candidates as
        select p.l, p.r from (select distinct l, r from ({joins})) p {compared}""")
    for table in ("keys", "narrowed", "sure", "placed"):
        staging.execute(f"drop table matching.{table}")
    for view in ("graded", "blocked"):
        staging.execute(f"drop view matching.{view}")


def _sizes(table: str) -> str:
    return f"""select k, count(*) filter (side = 0) * count(*) filter (side = 1) as pairs from {table}
        where k is not null group by k"""


def _limit(staging: Staging, table: str, budget: int) -> int:
    """The most pairs that one key may bring, so that all keys together bring no more than `budget`."""
    found = staging.one(f"""select max(pairs) from (
        select pairs, sum(pairs * keys) over (order by pairs) as total
        from (select pairs, count(*) as keys from ({_sizes(table)}) where pairs > 0 group by pairs))
        where total <= {budget}""")
    return int(found or 1)


def _common(table: str, limit: int) -> str:
    return f"select k from ({_sizes(table)}) where pairs > {limit}"
