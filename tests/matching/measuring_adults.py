"""Match invented guardians or staff and measure the answer."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rosterdesk.matching import adults
from rosterdesk.matching.directory import CANDIDATES, COMING
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.matching.invented_adults import Adults, Row
from tests.matching.measuring import Measured

_PAIRS = "select incoming_id, candidate_id, band from matching.pairs"
_TYPES = {"children": "bigint[]"}
_COLUMNS = ("id", "given_name", "family_name", "email", "sms", "phone", "children", "schools")


def measure(made: Adults) -> Measured:
    """The pairs of adults against the truth; `siblings` counts wrong pairs within one household."""
    out = Measured(truth=len(made.truth), incoming=len(made.coming))
    with _matched(made, out) as staging:
        pairs = staging.rows("select incoming_id, candidate_id, band, probability, reason from matching.pairs")
    bands = {}
    for new, old, band, probability, reason in pairs:
        out.pairs[band] += 1
        out.expected += 1 - probability if band == "auto" else 0
        if (new, old) in made.truth:
            out.right[band] += 1
            bands[new] = band
        elif band == "auto":
            out.wrong.append((new, old, probability, reason))
            out.siblings += made.household[new] == made.household[old]
    for new, _ in made.truth:
        band = bands.get(new)
        for kind in made.damage[new] or {"no damage"}:
            out.damage[kind] += 1
            out.damage_auto[kind] += band == "auto"
            out.damage_found[kind] += band is not None
    return out


def proposed(made: Adults) -> dict[tuple[str, str], str]:
    """The band of each pair."""
    with _matched(made) as staging:
        return {(new, old): band for new, old, band in staging.rows(_PAIRS)}


@contextmanager
def _matched(made: Adults, out: Measured | None = None) -> Iterator[Staging]:
    with tempfile.TemporaryDirectory() as folder, Staging(Run(), Path(folder)) as staging:
        staging.execute("create schema matching")
        for table, rows in ((COMING, made.coming), (CANDIDATES, made.known)):
            _fill(staging, table, rows)
        staging.execute("create table matching.apart (incoming_id varchar, candidate_id varchar)")
        began = time.perf_counter()
        adults.match(staging, made.entity)
        if out is not None:
            out.seconds = time.perf_counter() - began
        yield staging


def _fill(staging: Staging, table: str, rows: list[Row]) -> None:
    types = [_TYPES.get(column, "varchar") for column in _COLUMNS]
    listed = ", ".join(f"{column} {kind}" for column, kind in zip(_COLUMNS, types, strict=True))
    staging.execute(f"create table {table} ({listed})")
    values = ", ".join(f"unnest(${place}::{kind}[])" for place, kind in enumerate(types, 1))
    staging.execute(f"insert into {table} select {values}", [[row.get(column) for row in rows] for column in _COLUMNS])
