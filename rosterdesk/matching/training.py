"""Learn the weights from records whose true pairs are known; what it makes is shipped as a file.

It was run on invented districts only (`tests/bench/matching.py --train`): no child's data is in the weights.
"""

from __future__ import annotations

from collections import defaultdict

from rosterdesk.matching.comparisons import COMPARISONS
from rosterdesk.matching.scoring import compare, forget
from rosterdesk.staging import Staging

Counts = dict[str, dict[str, list[float]]]

# What was never seen is still possible, and what invented data hold rarely may be commoner in a district.
_SMOOTH = 0.5
_LEAST = 0.002


def count(staging: Staging, truth: str, counts: Counts | None = None, chance: int = 2_000_000) -> Counts:
    """Add up how often each level is seen among the true pairs (l, r) of `truth` and among `chance` pairs drawn at
    random; `matching.people` must be filled."""
    made: Counts = counts if counts is not None else defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    staging.execute(f"""create or replace table matching.drawn as
        with l as (select id, row_number() over (order by hash(id)) - 1 as n from matching.people where side = 0),
             r as (select id, row_number() over (order by hash(id, 1)) - 1 as n from matching.people where side = 1),
             d as (select hash(i) % (select count(*) from l) as a, hash(i, 7) % (select count(*) from r) as b
                   from range({chance}) t(i))
        select distinct l.id as l, r.id as r from d join l on l.n = d.a join r on r.n = d.b
        anti join {truth} t on t.l = l.id and t.r = r.id""")
    for place, pairs in enumerate((truth, "matching.drawn")):
        answer = compare(staging, 0.5, {}, pairs, None)
        for comparison in COMPARISONS:
            seen = dict(staging.rows(f"select gamma_{comparison.name}, count(*) from {answer} group by 1"))
            for level in comparison.levels:
                made[comparison.name][level.name][place] += seen.get(comparison.number(level.name), 0)
        forget(staging)
    staging.execute("drop table matching.drawn")
    return made


def weigh(counts: Counts) -> dict[str, dict[str, tuple[float, float]]]:
    """The share of each level among the pairs that could be compared."""
    made = {}
    for name, levels in counts.items():
        wholes = [sum(seen[place] for seen in levels.values()) + _SMOOTH * len(levels) for place in (0, 1)]
        made[name] = {
            level: (round(max(_LEAST, (m + _SMOOTH) / wholes[0]), 7), round((u + _SMOOTH) / wholes[1], 10))
            for level, (m, u) in levels.items()
        }
    # Exchanged names are one event, and agree by chance as often as two names do that stand in their places.
    made["given"]["swapped"] = made["given"]["swapped"][0], made["given"]["exact"][1]
    made["family"]["swapped"] = made["family"]["exact"]
    made["state"] = dict(made["number"])  # the invented districts have no state IDs: they are typed like any number
    return made
