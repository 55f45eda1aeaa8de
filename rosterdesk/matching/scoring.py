"""The weight of the evidence for each pair: Splink's model with the shipped weights, fitted to the district at hand.

How common a name, birth date, grade or school is, is counted in the data itself. How grades and schools move on between
the two sides is learned from pairs that are certain without them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learned from these very records: how likely any two are one, the weights, and the bits of a grade as SQL
    on its level. The moves between schools stand in `matching.moves`."""

    prior: float
    known: Weights
    grades: str


def score(staging: Staging, run: Run) -> Fitted:
    """Fill `matching.scored` (l, r, weight in bits, g_NAME the level and w_NAME the bits of each comparison) from
    `matching.candidates`, and return what was learned of the two sides; `forget_learned` takes its tables away."""
    counts = dict(staging.rows("select side, count(*) from matching.people group by side"))
    size = max(1, counts.get(0, 0)) * max(1, counts.get(1, 0))
    prior = min(0.5, 1e-12 + _EXPECTED * min(counts.get(0, 0), counts.get(1, 0)) / size)
    known = counted(staging, weights())
    _weigh(staging, prior, known)
    run.report("Learning how grades and schools moved on")
    _certain(staging)
    _moves(staging)
    fitted = Fitted(prior, known, _grades(staging, known))
    _fit(staging, fitted)
    return fitted


def score_again(staging: Staging, fitted: Fitted) -> None:
    """Fill `matching.scored` from other `matching.candidates` of the same people, with what was learned before."""
    _weigh(staging, fitted.prior, fitted.known)
    _fit(staging, fitted)


def forget_learned(staging: Staging) -> None:
    """Drop the tables that `score` leaves for `score_again`."""
    for table in ("certain", "moves", "birth_shares", "grade_shares", "school_shares"):
        staging.execute(f"drop table matching.{table}")


def _weigh(staging: Staging, prior: float, known: Weights) -> None:
    levels = ", ".join(f"gamma_{c.name} as g_{c.name}, {_bits(c.name)} as w_{c.name}" for c in COMPARISONS)
    made = compare(staging, prior, known, "matching.candidates", _HOPELESS)
    staging.execute(f"""create or replace table matching.weighed as
        select id_l as l, id_r as r, log2({prior / (1 - prior)}) as prior, match_weight as weight, {levels}
        from {made}""")
    forget(staging)


def _fit(staging: Staging, fitted: Fitted) -> None:
    """`matching.scored`: what was weighed, with the district's own weights of grades and schools."""
    rest = " + ".join(f"w_{c.name}" for c in COMPARISONS if c.name not in ("grade", "school"))
    staging.execute(f"""create or replace table matching.scored as
        select * exclude (of_grade, of_school)
               replace (prior + {rest} + of_grade + of_school as weight, of_grade as w_grade, of_school as w_school)
        from (select s.*, {fitted.grades} as of_grade,
                     case when s.g_school < 0 then 0 else {_school_bits(fitted.known)} end as of_school
              from matching.weighed s join matching.people a on a.id = s.l join matching.people b on b.id = s.r
              left join matching.moves m on m.here = a.school and m.there = b.school
              left join (select distinct here, whole, kinds, off from matching.moves) w on w.here = a.school
              left join matching.school_shares t on t.value = b.school)""")
    staging.execute("drop table matching.weighed")


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
            from matching.weighed where g_given > 0)
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


def _moves(staging: Staging) -> None:
    """A school's children are seen to go on to certain others: as many of the certain pairs did."""
    staging.execute("""create or replace table matching.moves as
        with pairs as (
            select a.school as here, b.school as there, count(*) as n from matching.certain c
            join matching.people a on a.id = c.l join matching.people b on b.id = c.r
            where a.school is not null and b.school is not null group by all),
        whole as (select here, sum(n) as n, count(*) as kinds from pairs group by here)
        select p.here, p.there, p.n, w.n as whole, w.kinds,
               -- how much of each move is taken away, from those seen once and twice (Ney, Essen and Kneser 1994)
               (select count(*) filter (n = 1) / greatest(1, count(*) filter (n = 1) + 2 * count(*) filter (n = 2))
                from pairs) as off
        from pairs p join whole w using (here)""")


def _school_bits(known: Weights) -> str:
    """The bits of a move `m` from a school `w` to one of the share `t`, as SQL.

    Of the moves that were seen a part is taken away for those that were not, and given to all schools as they are
    large (absolute discounting): a child written down at a wrong school is a rare case, and no impossible one.
    """
    same = known["school"]["same"][0]
    return f"""log2((greatest(coalesce(m.n - m.off, 0), 0) + coalesce(w.off * w.kinds, 0) * t.r
        + {_SHIPPED_SCHOOL} * case when s.g_school > 0 then {same} else {1 - same} * t.r end)
        / (coalesce(w.whole, 0) + {_SHIPPED_SCHOOL}) / greatest(t.r, 1e-5))"""


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
