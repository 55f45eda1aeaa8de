"""The weight of the evidence for each pair: Splink's model with the shipped weights, fitted to the district at hand.

How common a name, birth date, grade or school is, is counted in the data itself. How grades and schools move on between
the two sides is learned from pairs that are certain without them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

from rosterdesk.matching.comparisons import BY_NAME, COMPARISONS, settings, weights
from rosterdesk.run import Run
from rosterdesk.staging import Staging, quote

Weights = Mapping[str, Mapping[str, tuple[float, float]]]

# Of the incoming students, about so many have a record on the other side before anything is known.
_EXPECTED = 0.8
# What is far from any match is not looked at again (in bits, before the district's own grades and schools are known).
_HOPELESS = -14.0
# The shipped weights of the grades count like so many of the pairs from which it is learned how grades moved on.
_LEARNED_FROM = 100
_CERTAIN = 12.0
# The shipped weight of a school stands for so many children.
_SHIPPED_SCHOOL = 20


def score(staging: Staging, run: Run) -> None:
    """Fill `matching.scored` (l, r, weight in bits, g_NAME the level and w_NAME the bits of each comparison)."""
    counts = dict(staging.rows("select side, count(*) from matching.people group by side"))
    size = max(1, counts.get(0, 0)) * max(1, counts.get(1, 0))
    prior = min(0.5, 1e-12 + _EXPECTED * min(counts.get(0, 0), counts.get(1, 0)) / size)
    known = counted(staging, weights())
    levels = ", ".join(f"gamma_{c.name} as g_{c.name}, {_bits(c.name)} as w_{c.name}" for c in COMPARISONS)
    made = compare(staging, prior, known, "matching.candidates", _HOPELESS)
    staging.execute(f"""create or replace table matching.scored as
        select id_l as l, id_r as r, log2({prior / (1 - prior)}) as prior, match_weight as weight, {levels}
        from {made}""")
    forget(staging)
    run.report("Learning how grades and schools moved on")
    _certain(staging)
    _schools(staging, known)
    rest = " + ".join(f"w_{c.name}" for c in COMPARISONS if c.name not in ("grade", "school"))
    staging.execute(f"""create or replace table matching.learned as
        select * exclude (of_grade, of_school)
               replace (prior + {rest} + of_grade + of_school as weight, of_grade as w_grade, of_school as w_school)
        from (select s.*, {_grades(staging, known)} as of_grade, coalesce(w.bits, s.w_school) as of_school
              from matching.scored s join matching.people a on a.id = s.l join matching.people b on b.id = s.r
              left join matching.school_weights w
                  on w.here = a.school and w.there = b.school and w.level = s.g_school)""")
    staging.execute("drop table matching.scored")
    staging.execute("alter table matching.learned rename to scored")
    for table in ("certain", "moves", "school_weights", "birth_shares", "grade_shares", "school_shares"):
        staging.execute(f"drop table matching.{table}")


def _bits(name: str) -> str:
    adjusted = any(level.frequent for level in BY_NAME[name].levels)
    return f"mw_{name} + mw_tf_adj_{name}" if adjusted else f"mw_{name}"


def counted(staging: Staging, known: Weights) -> Weights:
    """The weights with the chance agreement of birth dates, grades and schools as it is in these very records."""
    made = {name: dict(levels) for name, levels in known.items()}
    shares = {}
    for column in ("birth", "grade", "school"):
        staging.execute(f"""create or replace table matching.{column}_shares as
            select {column} as value, coalesce(l / sum(l) over (), 0) as l, coalesce(r / sum(r) over (), 0) as r from (
                select {column}, count(*) filter (side = 0) as l, count(*) filter (side = 1) as r
                from matching.people where {column} is not null group by 1)""")
        shares[column] = float(staging.one(f"select sum(l * r) from matching.{column}_shares") or 0)
    steps = {
        int(step): float(share)
        for step, share in staging.rows("""select a.value - b.value, sum(a.l * b.r)
            from matching.grade_shares a, matching.grade_shares b group by 1""")
    }
    named = {"same": 0, "next": 1, "two up": 2, "below": -1}
    chance = {level: max(1e-4, steps.get(step, 0.0)) for level, step in named.items()}
    chance["different"] = max(1e-4, 1 - sum(chance.values()))
    made["grade"] = {level: (m, chance[level]) for level, (m, _) in made["grade"].items()}
    same = min(0.999, max(1e-4, shares["school"]))
    made["school"] = {level: (m, same if level == "same" else 1 - same) for level, (m, _) in made["school"].items()}
    exact, chance_exact = made["birth"]["exact"]
    made["birth"]["exact"] = exact, max(chance_exact / 4, min(0.9, shares["birth"]))
    return made


def _certain(staging: Staging) -> None:
    """The pairs that are certain without grade and school, and the best on either side."""
    staging.execute(f"""create or replace table matching.certain as
        select l, r, g_grade from (
            select l, r, g_grade, weight - w_grade - w_school as bits,
                   row_number() over (partition by l order by weight - w_grade - w_school desc, r) as of_l,
                   row_number() over (partition by r order by weight - w_grade - w_school desc, l) as of_r
            from matching.scored where g_given > 0)
        where bits >= {_CERTAIN} and of_l = 1 and of_r = 1""")


def _grades(staging: Staging, known: Weights) -> str:
    """The bits of the grades, as SQL on their level: as the grades of the certain pairs moved on."""
    seen = dict(staging.rows("select g_grade, count(*) from matching.certain where g_grade >= 0 group by 1"))
    whole = sum(seen.values())
    cases = []
    for level, (m, u) in known["grade"].items():
        number = BY_NAME["grade"].number(level)
        learned = (seen.get(number, 0) + _LEARNED_FROM * m) / (whole + _LEARNED_FROM)
        cases.append(f"when {number} then {math.log2(max(learned, 0.001) / u)}")
    return f"(case g_grade {' '.join(cases)} else 0 end)::double"


def _schools(staging: Staging, known: Weights) -> None:
    """A school's children are seen to go on to certain others: as many of the certain pairs did."""
    same = known["school"]["same"][0]
    staging.execute("""create or replace table matching.moves as
        with pairs as (
            select a.school as here, b.school as there, count(*) as n from matching.certain c
            join matching.people a on a.id = c.l join matching.people b on b.id = c.r
            where a.school is not null and b.school is not null group by all),
        whole as (select here, sum(n) as n from pairs group by here)
        select p.here, p.there, p.n, w.n as whole from pairs p join whole w using (here)""")
    staging.execute(f"""create or replace table matching.school_weights as
        with seen as (
            select distinct a.school as here, b.school as there, s.g_school as level from matching.scored s
            join matching.people a on a.id = s.l join matching.people b on b.id = s.r where s.g_school >= 0)
        select s.here, s.there, s.level,
            log2((coalesce(m.n, 0) + {_SHIPPED_SCHOOL} * case when s.level > 0 then {same} else {1 - same} * t.r end)
                 / (coalesce(w.whole, 0) + {_SHIPPED_SCHOOL}) / greatest(t.r, 1e-5)) as bits
        from seen s left join matching.moves m using (here, there)
        left join (select distinct here, whole from matching.moves) w on w.here = s.here
        join matching.school_shares t on t.value = s.there""")


def compare(staging: Staging, prior: float, known: Weights, pairs: str, least: float | None) -> str:
    """Let Splink weigh the pairs (l, r) of a table; return the table of its answer, which `forget` takes away."""
    with warnings.catch_warnings():
        # Splink warns of what it was not asked to train.
        warnings.simplefilter("ignore")
        from splink import Linker
        from splink.internals.duckdb.database_api import DuckDBAPI

    # Splink finds the columns of tables of the main schema only.
    staging.execute("create or replace view matching_people as select * from matching.people")
    staging.execute(f"""create or replace view matching_pairs as
        select '0' as match_key, l as join_key_l, r as join_key_r from {pairs}""")
    api = DuckDBAPI(connection=staging.con)
    people = api.register("matching_people", dataset_display_name="people")
    linker = Linker(people, settings(prior, known), log_level=None, validate_settings=False)
    linker.table_management.register_blocked_pairs_for_predict(
        api.register("matching_pairs", dataset_display_name="pairs")
    )
    made: Any = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    return str(made.physical_name)


def forget(staging: Staging) -> None:
    """Drop what Splink left behind."""
    made = "select table_name from information_schema.tables where starts_with(table_name, '__splink__')"
    for (name,) in staging.rows(made):
        staging.execute(f"drop table {quote(name)}")
    staging.execute("drop view matching_people")
    staging.execute("drop view matching_pairs")
