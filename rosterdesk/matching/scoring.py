"""The weight of the evidence for each pair: Splink's model with the shipped weights, fitted to the district at hand.

How common a name, birth date, grade or school is, is counted in the data itself. How grades and schools move on between
the two sides is learned from pairs that are certain without them.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from rosterdesk.matching import moving
from rosterdesk.matching.comparisons import BY_NAME, COMPARISONS, Weights, settings, weights
from rosterdesk.run import Run
from rosterdesk.staging import Staging, quote

# Of the incoming students, about so many have a record on the other side before anything is known.
_EXPECTED = 0.8
# What is far from any match is not looked at again (in bits, before the district's own grades and schools are known).
HOPELESS = -14.0
# The shipped chance of two grades counts like so many students, and a school's share of one side like so many of the
# other: few records can't tell what chance is.
_SHIPPED = 20


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learned from these very records: how likely any two are one, the weights, and the bits of a grade as SQL
    on its level. The moves between schools stand in `matching.moves`."""

    prior: float
    known: Weights
    grades: str


def score(staging: Staging, run: Run, hopeless: float = HOPELESS) -> Fitted:
    """Fill `matching.scored` (l, r, weight in bits, g_NAME the level and w_NAME the bits of each comparison) from
    `matching.candidates`, without those of fewer bits than `hopeless`; return what was learned of the two sides, of
    which `forget_learned` takes the tables away."""
    _sides(staging, "matching.people")
    counts = dict(staging.rows("select side, count(*) from matching.people group by side"))
    size = max(1, counts.get(0, 0)) * max(1, counts.get(1, 0))
    prior = min(0.5, 1e-12 + _EXPECTED * min(counts.get(0, 0), counts.get(1, 0)) / size)
    known = counted(staging, weights())
    _weigh(staging, prior, known, hopeless)
    run.report("Learning how grades and schools moved on")
    fitted = Fitted(prior, known, moving.learn(staging, known))
    moving.fit(staging, known, fitted.grades)
    return fitted


def score_again(staging: Staging, fitted: Fitted) -> None:
    """Fill `matching.scored` from other `matching.candidates` of the same people, with what was learned before."""
    _sides(
        staging,
        """(select * from matching.people where id not in (
        select l from matching.decided union all select r from matching.decided))""",
    )
    _weigh(staging, fitted.prior, fitted.known, HOPELESS)
    moving.fit(staging, fitted.known, fitted.grades)


def forget_learned(staging: Staging) -> None:
    """Drop the tables that `score` leaves for `score_again`."""
    moving.forget(staging)
    for table in ("birth_shares", "grade_shares", "school_shares", "sides"):
        staging.execute(f"drop table matching.{table}")


def _sides(staging: Staging, people: str) -> None:
    """Make `matching.sides`: how many there are on either side for whom another one is sought."""
    staging.execute(f"""create or replace table matching.sides as
        select count(*) filter (side = 0) as new, count(*) filter (side = 1) as old from {people}""")


def _weigh(staging: Staging, prior: float, known: Weights, hopeless: float) -> None:
    levels = ", ".join(f"gamma_{c.name} as g_{c.name}, {_bits(c.name)} as w_{c.name}" for c in COMPARISONS)
    made = compare(staging, prior, known, "matching.candidates", hopeless)
    staging.execute(f"""create or replace table matching.weighed as
        select id_l as l, id_r as r, log2({prior / (1 - prior)}) as prior, match_weight as weight, {levels}
        from {made}""")
    forget(staging)


def _bits(name: str) -> str:
    adjusted = any(level.frequent for level in BY_NAME[name].levels)
    return f"mw_{name} + mw_tf_adj_{name}" if adjusted else f"mw_{name}"


def counted(staging: Staging, known: Weights) -> Weights:
    """The weights with the chance agreement of birth dates, grades and schools as it is in these very records."""
    made = {name: dict(levels) for name, levels in known.items()}
    shares = {}
    for column in ("birth", "grade", "school"):
        staging.execute(f"""create or replace table matching.{column}_shares as
            select {column} as value, coalesce(l / nullif(sum(l) over (), 0), 0) as l,
                   coalesce(r / nullif(sum(r) over (), 0), 0) as r from (
                select {column}, count(*) filter (side = 0) as l, count(*) filter (side = 1) as r
                from matching.people where {column} is not null group by 1)""")
        shares[column] = float(staging.one(f"select sum(l * r) from matching.{column}_shares") or 0)
    few = int(
        staging.one("""select least(count(*) filter (side = 0), count(*) filter (side = 1))
        from matching.people where grade is not null""")
    )
    staging.execute(f"""update matching.school_shares
        set r = (r * s.n + l * {_SHIPPED}) / (s.n + {_SHIPPED})
        from (select count(*) as n from matching.people where side = 1 and school is not null) s""")
    steps = {
        int(step): float(share)
        for step, share in staging.rows("""select a.value - b.value, sum(a.l * b.r)
            from matching.grade_shares a, matching.grade_shares b group by 1""")
    }
    named = {"same": 0, "next": 1, "two up": 2, "below": -1}
    chance = {
        level: max(1e-4, (few * steps.get(step, 0.0) + _SHIPPED * known["grade"][level][1]) / (few + _SHIPPED))
        for level, step in named.items()
    }
    chance["different"] = max(1e-4, 1 - sum(chance.values()))
    made["grade"] = {level: (m, chance[level]) for level, (m, _) in made["grade"].items()}
    same = min(0.999, max(1e-4, shares["school"]))
    made["school"] = {level: (m, same if level == "same" else 1 - same) for level, (m, _) in made["school"].items()}
    exact, chance_exact = made["birth"]["exact"]
    made["birth"]["exact"] = exact, max(chance_exact / 4, min(0.9, shares["birth"]))
    return made


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
