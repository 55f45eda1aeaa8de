"""Which pairs are one student: what speaks against a merge whatever the weight, candidates that compete, one to one.

A pair is *auto* when it is safe to propose ticked, *review* when a person must look; everything else is no match.
"""

from __future__ import annotations

from rosterdesk.matching.comparisons import BY_NAME
from rosterdesk.staging import Staging

AUTO = 0.82
# Nothing of the child's own agrees. A first name that is not the same may be another child's of the family; another
# school, other guardians or a slip may be those of a child of that very name. Where all that speaks is one name, the
# weights are known to be careful.
_AUTO_WEAK, _AUTO_DOUBLE, _AUTO_NAMED = 0.92, 0.88, 0.70
REVIEW = 0.15
# Of those whom nobody else claims, a weaker pair is worth a look, too.
LEFT_OVER = 0.05
# Bits from which on a pair is as good as certain; more of them would only cost exactness.
_MOST = 45
_ROUNDS = 3
# What is shown is likelier than the odds say: of invented pairs with odds of one to one, six in seven were one student.
# Beyond the cap it is not known how likely anything is.
_CAREFUL, _CAP = 6, 0.99998
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

_SAME_NAME = _is("given", "exact", "swapped", "short slip")
_NEEDED = f"""case when {_OWN} then {AUTO}
    when {_WEAK} then {_AUTO_WEAK}
    when not {_SAME_NAME} or {_is("contacts", "different")} or w_school < 0 and not {_HOUSEHOLD} then {_AUTO_DOUBLE}
    when {_HOUSEHOLD} then {AUTO} else {_AUTO_NAMED} end"""


def decide(staging: Staging, review: float = REVIEW) -> None:
    """Make `matching.decided` from `matching.scored`: the pairs of both bands, one to one, with probability, doubt and
    the number of other candidates; and `matching.contested`: these other candidates."""
    doubts = (*DOUBTS, (_NAMESAKE, "somebody else of the family may have that name, too"))
    doubt = " ".join(f"when {condition} then '{words}'" for condition, words in doubts)
    exact, slips = _is("given", "exact"), _is("given", "neighbour", "slip", "short slip", "initial")
    # Nobody is taken for the misspelling of a name when the one of that very name is there with the same evidence.
    staging.execute(f"""create or replace table matching.open_odds as
        with rated as (
            select l, r, weight, weight - w_given as rest, {slips} as slip, case {doubt} end as doubt,
                   {_NEEDED} as needed,
                   max(case when {exact} then weight - w_given end) over (partition by l) as exact_l,
                   max(case when {exact} then weight - w_given end) over (partition by r) as exact_r
            from matching.scored, (select bool_or(few) as few from matching.people) where not ({NEVER}))
        select l, r, pow(2.0, least(weight, {_MOST})) as odds, doubt, needed from rated
        where not (slip and coalesce(greatest(exact_l, exact_r) >= rest - {_ALIKE}, false))""")

    staging.execute("create or replace table matching.rated as select *, 0.0::double as p from matching.open_odds")
    for _ in range(_ROUNDS):
        _compete(staging)
    _one_to_one(staging, review)
    shown = f"least({_CAP}, {_CAREFUL} * p / (1 + {_CAREFUL - 1} * p))"
    staging.execute(f"""create or replace table matching.decided as
        select d.l, d.r, {shown} as probability, d.doubt, d.others,
               case when d.p >= d.needed and d.doubt is null then 'auto' else 'review' end as band
        from matching.chosen d""")
    staging.execute(f"update matching.contested set p = {shown}")
    for table in ("open_odds", "rated", "chosen"):
        staging.execute(f"drop table matching.{table}")


def _compete(staging: Staging) -> None:
    """Each student is at most one on the other side: what is likely another's leaves less for the rest."""
    staging.execute("""create or replace table matching.rated as
        with best as (
            select *, max(p) over (partition by l) as best_l, max(p) over (partition by r) as best_r
            from matching.rated),
        free as (
            select l, r, odds, doubt, needed,
                   -- how likely it is that neither of the two belongs to somebody else
                   (case when p >= best_l then 1.0 else 1.0 - best_l end)
                   * (case when p >= best_r then 1.0 else 1.0 - best_r end) as free
            from best),
        sums as (
            select *, sum(odds * free) over (partition by l) as of_l, sum(odds * free) over (partition by r) as of_r
            from free)
        select l, r, odds, doubt, needed, odds * free / (1.0 + of_l + of_r - odds * free) as p from sums""")


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
