"""Which pairs are one student: what speaks against a merge whatever the weight, candidates that compete, one to one.

A pair is *auto* when it is safe to propose ticked, *review* when a person must look; everything else is no match.
"""

from __future__ import annotations

import math

from rosterdesk.matching.comparisons import BY_NAME
from rosterdesk.staging import Staging

# Nothing is safe that is less likely than this. Of all that is safe, so few are expected to be wrong; in a small
# district that share is less than one pair, and the second figure holds.
AUTO = 0.95
_WRONG, _WRONG_AT_LEAST = 0.00025, 0.1
REVIEW = 0.1
# Of those whom nobody else claims, a weaker pair is worth a look, too.
LEFT_OVER = 0.05
# Bits from which on a pair is as good as certain; more of them would only cost exactness.
_MOST = 45
# What is less likely than this, whatever its rivals are, takes nothing from them (in bits).
_LEAST = -10
_ROUNDS = 4
# At the beginning, so large a part of the smaller side is thought to be on the other one; and of those who are looked
# for again.
_EXPECTED, _EXPECTED_AGAIN = 0.8, 0.1
# However many are found, so many of a side may be on it alone: a share, and a few more where there are some.
_ALONE, _ALONE_AT_LEAST = 0.03, 5
# Beyond the cap it is not known how likely anything is.
_CAP = 0.99998
# Evidence that differs by no more bits than these is the same.
_ALIKE = 2


def _is(comparison: str, *levels: str) -> str:
    numbers = ", ".join(str(BY_NAME[comparison].number(level)) for level in levels)
    return f"g_{comparison} in ({numbers})"


# An e-mail is no ID: a family may have one for all its children.
_SAME_ID = f"({_is('number', 'exact')} or {_is('state', 'exact')})"
_SAME_EMAIL = _is("email", "exact")
_SAME_BIRTH = _is("birth", "exact")
_BORN_ALIKE = _is("birth", "exact", "exchanged", "slip", "near")
_HOUSEHOLD = _is("contacts", "two", "one")
_SETTLED = f"{_SAME_ID} or {_SAME_EMAIL} or {_is('birth', 'exact', 'exchanged', 'slip')} or {_HOUSEHOLD}"

_OWN = f"({_SAME_ID} or {_SAME_EMAIL} or {_SAME_BIRTH})"
# A first name that a sister or brother may bear, too: then what a family has in common speaks for nobody.
_WEAK = _is("given", "part", "nickname", "middle")

# Two children for certain, unless an ID of their own says otherwise: these pairs are no candidates at all.
NEVER = f"{_is('given', 'different')} and not {_SAME_ID}"

# What a person must look at, with the words for it; the first that holds is told.
DOUBTS = (
    (f"(g_given < 0 or g_family < 0) and not {_SAME_ID}", "a name is missing"),
    (_is("given", "different"), "the first names differ"),
    (f"{_is('given', 'related')} and not {_SAME_ID}", "the first names differ"),
    (_is("number", "different"), "they have two different student numbers"),
    (_is("state", "different"), "they have two different state IDs"),
    (_is("birth", "different"), "they have two different birth dates"),
    (
        (
            f"({_WEAK} or {_is('given', 'slip')}) and ({_is('email', 'different')} or {_is('middle', 'different')}) "
            f"and not ({_SAME_ID} or {_SAME_BIRTH} and not {_is('given', 'middle')})"
        ),
        "the first names are not the same, nor are the e-mails or middle names",
    ),
    (
        f"{_is('given', 'middle')} and not ({_SAME_ID} or {_SAME_BIRTH})",
        "the middle name of one may be the first name of a sister or brother",
    ),
    (
        (
            f"({_WEAK} or {_is('given', 'slip', 'short slip')}) and not {_OWN} "
            f"and w_grade <= 0 and (g_grade >= 0 or w_school <= 0 or {_HOUSEHOLD})"
        ),
        "the first names are not the same and the grades do not show one child moving up",
    ),
    (f"{_is('given', 'neighbour')} and not {_SAME_ID}", "the first names may be those of two children of one family"),
    (
        # In a large district it is known which names there are, and this is none of them.
        (
            f"{_is('given', 'short slip')} and ({_HOUSEHOLD} or {_BORN_ALIKE}) "
            f"and not ({_SAME_ID} or {_SAME_EMAIL} or {_SAME_BIRTH} and not few)"
        ),
        "the first names are short, and may be those of two children of one family",
    ),
    (
        f"{_is('family', 'different')} and not ({_SAME_ID} or {_SAME_EMAIL} or {_SAME_BIRTH} or {_HOUSEHOLD})",
        "the last names differ",
    ),
    (
        f"{_is('grade', 'different')} and not ({_SAME_BIRTH} or {_SAME_ID} or {_SAME_EMAIL})",
        "the grades are too far apart and nothing else settles it",
    ),
    (
        f"{_is('given', 'swapped')} and not ({_SETTLED} or w_grade > 0 and w_school > 0)",
        "first and last name are exchanged and nothing else settles it",
    ),
    (f"not ({_SETTLED} or w_grade > 0 or w_school > 0)", "nothing but the names agrees"),
)


# A first name that is not the same, where one household has two such candidates: twins, of whom one is called what the
# other's second name is.
_NAMESAKE = f"""{_WEAK} and not {_SAME_ID}
    and greatest(count(*) filter ({_HOUSEHOLD}) over (partition by l),
                 count(*) filter ({_HOUSEHOLD}) over (partition by r)) > 1"""


def decide(staging: Staging, review: float = REVIEW) -> None:
    """Make `matching.decided` from `matching.scored`: the pairs of both bands, one to one, with probability, doubt and
    the number of other candidates; and `matching.contested`: these other candidates.

    The weights of `matching.scored` get the beginning that fits these two sides: it is counted, not guessed.
    """
    doubts = (*DOUBTS, (_NAMESAKE, "somebody else of the family may have that name, too"))
    doubt = " ".join(f"when {condition} then '{words}'" for condition, words in doubts)
    exact, slips = _is("given", "exact"), _is("given", "neighbour", "slip", "short slip", "initial")
    # Nobody is taken for the misspelling of a name when the one of that very name is there with the same evidence.
    staging.execute(f"""create or replace table matching.open_odds as
        with rated as (
            select l, r, weight - prior as bits, weight - w_given as rest, {slips} as slip, case {doubt} end as doubt,
                   max(case when {exact} then weight - w_given end) over (partition by l) as exact_l,
                   max(case when {exact} then weight - w_given end) over (partition by r) as exact_r
            from matching.scored, (select bool_or(few) as few from matching.people) where not ({NEVER}))
        select l, r, bits, doubt from rated
        where not (slip and coalesce(greatest(exact_l, exact_r) >= rest - {_ALIKE}, false))""")
    prior = _compete(staging, _EXPECTED if review >= REVIEW else _EXPECTED_AGAIN)
    staging.execute(f"update matching.scored set weight = weight - prior + {prior}, prior = {prior}")
    _one_to_one(staging, review)
    safe = _safe(staging)
    staging.execute(f"""create or replace table matching.decided as
        select l, r, least({_CAP}, p) as probability, doubt, others,
               case when p >= {safe} and doubt is null then 'auto' else 'review' end as band
        from matching.chosen""")
    staging.execute(f"update matching.contested set p = least({_CAP}, p)")
    for table in ("open_odds", "rated", "chosen"):
        staging.execute(f"drop table matching.{table}")


def _compete(staging: Staging, expected: float) -> float:
    """Make `matching.rated`: how likely each pair is when each student is at most one on the other side, by as many
    students as seem to be on both sides. Return the bits by which any two begin.

    These are the marginals of a matching in a graph whose nodes may stay alone, by belief propagation (exact on trees;
    Zdeborova and Mezard 2006): of a pair, `free_l` and `free_r` say how likely either is left by all its other
    candidates. That a student is found at all is estimated from the sum of the pairs (expectation maximization).
    """
    new, old = staging.rows("select new, old from matching.sides")[0]
    both = expected * min(new, old)
    prior = _prior(new, old, both)
    staging.execute(f"""create or replace table matching.rivals_in as
        select *, count(*) over (partition by l) + count(*) over (partition by r) > 2 as contested,
               1.0::double as free_l, 1.0::double as free_r
        from matching.open_odds where bits + {prior} > {_LEAST}""")
    staging.execute("create or replace table matching.single as select * from matching.rivals_in where not contested")
    staging.execute("delete from matching.rivals_in where not contested")
    for _ in range(_ROUNDS):
        odds = f"pow(2.0, least(bits + {prior}, {_MOST}))"
        for side, free, other in (("r", "free_r", "free_l"), ("l", "free_l", "free_r")):
            staging.execute(f"""create or replace table matching.rivals_in as
                select * replace (1 / (1 + greatest(0, sum({odds} * {other}) over (partition by {side})
                                                      - {odds} * {other})) as {free})
                from matching.rivals_in""")
        likely = f"({odds} * free_l * free_r)"
        sums = " + ".join(
            f"(select coalesce(sum({likely} / (1 + {likely})), 0) from matching.{table})"
            for table in ("single", "rivals_in")
        )
        before, prior = prior, _prior(new, old, float(staging.one(f"select {sums}")))
    odds = f"pow(2.0, least(bits + {before}, {_MOST}))"
    staging.execute(f"""create or replace table matching.rated as
        select l, r, odds, doubt, odds / (1 + odds) as p from (
            select l, r, {odds} * free_l * free_r as odds, doubt
            from (from matching.single union all from matching.rivals_in))""")
    for table in ("single", "rivals_in"):
        staging.execute(f"drop table matching.{table}")
    return before


def _prior(new: int, old: int, both: float) -> float:
    """The bits by which any two begin who may both be alone on their side, when so many are on both sides."""
    alone = [max(count - both, _ALONE * count + min(_ALONE_AT_LEAST, count / 2), 0.5) for count in (new, old)]
    return math.log2(max(both, 0.5) / (alone[0] * alone[1]))


def _safe(staging: Staging) -> float:
    """How likely a pair must be to be safe: fewer are expected to be wrong where few students are on both sides."""
    found = staging.one(f"""select min(p) from (
        select p, sum(1 - p) over (order by p desc) as wrong, count(*) over (order by p desc) as pairs
        from matching.chosen where doubt is null and p >= {AUTO})
        where wrong <= {_WRONG} * pairs + {_WRONG_AT_LEAST}""")
    return float(found) if found is not None else 1.0


def _one_to_one(staging: Staging, review: float) -> None:
    """Take the likeliest pairs whose two students are still free, until none is left."""
    staging.execute(f"""create or replace table matching.open as
        select *, count(*) over (partition by l) + count(*) over (partition by r) - 2 as others
        from matching.rated where p >= {review}""")
    staging.execute("create or replace table matching.contested as select l, r, p, doubt, others from matching.open")
    staging.execute("create or replace table matching.chosen as select * from matching.open limit 0")
    while staging.one("select count(*) from matching.open"):
        staging.execute("""create or replace table matching.taken as
            select * from matching.open
            qualify row_number() over (partition by l order by p desc, odds desc, r) = 1
                and row_number() over (partition by r order by p desc, odds desc, l) = 1""")
        staging.execute("insert into matching.chosen select * from matching.taken")
        staging.execute("""delete from matching.open
            where l in (select l from matching.taken) or r in (select r from matching.taken)""")
    staging.execute("""delete from matching.contested c where exists (
        select 1 from matching.chosen n where n.l = c.l and n.r = c.r)""")
    staging.execute("drop table matching.open")
    staging.execute("drop table if exists matching.taken")
