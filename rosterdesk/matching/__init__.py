"""Fourth stage: incoming students against archived and manual ones, as pairs to be proposed with what speaks for them.

Nothing is merged here, and nothing is read from or written to the directory.
"""

from __future__ import annotations

from dataclasses import dataclass

from rosterdesk.matching import blocking, deciding, records, scoring
from rosterdesk.matching.comparisons import COMPARISONS
from rosterdesk.matching.reasons import Evidence, evidence, reason
from rosterdesk.matching.records import COLUMNS
from rosterdesk.run import Run
from rosterdesk.staging import Staging


@dataclass(frozen=True, slots=True)
class Matching:
    """How many students there are on either side, how many pairs in either band, and how many of the pairs of the band
    *auto* are expected to be wrong."""

    incoming: int
    candidates: int
    auto: int
    review: int
    mistakes: float


def match(staging: Staging, incoming: str, candidates: str, run: Run, *, apart: str | None = None) -> Matching:
    """Compare two relations (each a name or a query in brackets) that have `id` and some of `COLUMNS`.

    Makes `matching.pairs`, one to one: incoming_id, candidate_id, band (auto, review), probability, reason, doubt,
    others (how many more candidates the two have), prior, of each comparison its level (g_NAME) and bits (w_NAME); and
    `matching.rivals` with the same columns: the other candidates of those pairs.
    `apart` is a relation of decisions "not the same" (incoming_id, candidate_id): these are never proposed again.
    IDs must be unique on their side. Raises `Cancelled`.
    """
    staging.execute("create schema if not exists matching")
    run.report("Preparing names, dates and contacts", 0, 4)
    records.prepare(staging, incoming, candidates)
    counts = dict(staging.rows("select side, count(*) from matching.people group by side"))
    run.report("Finding candidates", 1, 4)
    blocking.block(staging, apart)
    run.report("Comparing candidates", 2, 4)
    fitted = scoring.score(staging, run)
    run.report("Choosing pairs", 3, 4)
    deciding.decide(staging)
    staging.execute(f"create or replace table matching.pairs as {_PAIRS}")
    staging.execute(f"create or replace table matching.rivals as {_RIVALS}")
    run.report("Looking again for those who are left", 3, 4)
    blocking.block_left(staging, apart)
    scoring.score_again(staging, fitted)
    deciding.decide(staging, deciding.LEFT_OVER)
    staging.execute(f"insert into matching.pairs by name {_PAIRS}")
    staging.execute(f"insert into matching.rivals by name {_RIVALS}")
    scoring.forget_learned(staging)
    for table in ("candidates", "scored", "decided", "contested", "people"):
        staging.execute(f"drop table matching.{table}")
    auto, review, mistakes = staging.rows("""select count(*) filter (band = 'auto'), count(*) filter (band = 'review'),
        coalesce(sum(1 - probability) filter (band = 'auto'), 0) from matching.pairs""")[0]
    return Matching(int(counts.get(0, 0)), int(counts.get(1, 0)), int(auto), int(review), float(mistakes))


_LEVELS = ", ".join(f"s.g_{c.name}, s.w_{c.name}" for c in COMPARISONS)


def _told(decided: str) -> str:
    """Pairs of a table or query (l, r, band, probability, doubt, others) with all that is known of them."""
    return f"""
    select incoming_id, candidate_id, band, probability, {reason()} as reason,
           * exclude (incoming_id, candidate_id, band, probability)
    from (select i.key as incoming_id, c.key as candidate_id, d.band, d.probability, d.doubt, d.others, s.prior,
                 {_LEVELS}
          from {decided} d join matching.scored s on s.l = d.l and s.r = d.r
          join matching.people i on i.id = d.l join matching.people c on c.id = d.r)"""


_PAIRS = _told("matching.decided")
_RIVALS = _told("(select l, r, 'review' as band, p as probability, doubt, others from matching.contested)")

__all__ = ["COLUMNS", "Evidence", "Matching", "evidence", "match"]
