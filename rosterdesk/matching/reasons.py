"""The evidence of a pair in words, for the list, and comparison by comparison, for the plot."""

from __future__ import annotations

from dataclasses import dataclass

from rosterdesk.matching.comparisons import COMPARISONS, Comparison
from rosterdesk.staging import Staging

# How the plot calls the beginning: how likely any two whom nobody else is taken for are one student, before anything is
# compared.
PRIOR = "Before comparing"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One bar of the plot: what was compared, how it agrees, and what that is worth. Each bit doubles (or, below zero,
    halves) the odds that the two are one student."""

    title: str
    words: str
    bits: float


def phrase(comparison: Comparison) -> str:
    """The words of a comparison as SQL on its level; NULL where a side is silent."""
    cases = " ".join(
        f"when {comparison.number(level.name)} then '{level.words.replace(chr(39), chr(39) * 2)}'"
        for level in comparison.levels
    )
    return f"case g_{comparison.name} {cases} end"


def reason() -> str:
    """The sentence of a pair as SQL on the levels, `band`, `doubt` and `others`."""
    said = f"concat_ws(', ', {', '.join(phrase(c) for c in COMPARISONS)})"
    look = """case when band = 'auto' then '' when doubt is not null then '; please look: ' || doubt
        when others > 0 then '; please look: there are other candidates'
        else '; please look: this is not enough to be sure' end"""
    sentence = f"{said} || {look}"
    return f"upper(left({sentence}, 1)) || substr({sentence}, 2) || '.'"


def evidence(staging: Staging, incoming_id: str, candidate_id: str) -> tuple[Evidence, ...]:
    """The bars of one pair, or of one of its rivals, the heaviest first after the beginning; nothing for a pair that is
    not there. What a side is silent about is left out."""
    columns = ", ".join(f"w_{c.name}, {phrase(c)}" for c in COMPARISONS)
    found = staging.rows(
        f"""select prior, {columns} from (from matching.pairs union all by name from matching.rivals)
        where incoming_id = ? and candidate_id = ?""",
        [incoming_id, candidate_id],
    )
    if not found:
        return ()
    prior, *rest = found[0]
    bars = [
        Evidence(comparison.title, words, round(float(bits), 2))
        for comparison, bits, words in zip(COMPARISONS, rest[::2], rest[1::2], strict=True)
        if words is not None
    ]
    bars.sort(key=lambda bar: -abs(bar.bits))
    return (Evidence(PRIOR, "two students whom nobody else is taken for", round(float(prior), 2)), *bars)
