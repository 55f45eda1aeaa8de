"""How grades and schools move on between the two sides, and how strongly names go together: counted in the records.

It is learned from pairs that are certain without grade and school; where there are few of them, the shipped weights
count more.
"""

from __future__ import annotations

import math

from rosterdesk.matching.comparisons import BY_NAME, Weights
from rosterdesk.staging import Staging

# The shipped weights of the grades count like so many of the pairs from which it is learned how grades moved on.
_LEARNED_FROM = 25
_CERTAIN = 12.0
# The shipped weight of a school stands for so many children, what is known of a whole school for so many of a grade.
_SHIPPED_SCHOOL = 20
_OF_ALL_GRADES = 5
# Names of one origin go together: two of whom one name agrees agree in the other one so many times as often as chance
# has it. Without records to count it in, this counts like so many pairs.
_TOGETHER, _TOGETHER_FROM = 2.0, 2.0


def learn(staging: Staging, known: Weights) -> str:
    """Make of `matching.weighed` the tables that `fit` reads and `forget` drops; return the bits of a grade as SQL on
    its level."""
    _certain(staging)
    _moves(staging)
    _origins(staging)
    return _grades(staging, known)


def forget(staging: Staging) -> None:
    """Drop what was learned."""
    for table in ("certain", "moves", "moves_of_grade", "places", "origins"):
        staging.execute(f"drop table matching.{table}")


def fit(staging: Staging, known: Weights, grades: str) -> None:
    """`matching.scored`: what was weighed, with the district's own weights of grades and schools."""
    fitted = ("family", "birth", "grade", "school")
    alike = ", ".join(str(BY_NAME["birth"].number(level)) for level in ("exact", "exchanged", "slip", "near"))
    # Of two children of one grade, one birth date is likelier by as much as one grade is unlikelier of any two.
    of_birth = f"w_birth - case when g_birth in ({alike}) then greatest(of_grade, 0) else 0 end"
    of_family = """case when g_given > 0 and g_family > 0
        then greatest(least(w_family, 0), w_family - of_origin) else w_family end"""
    weight = " + ".join([f"s.w_{c}" for c in BY_NAME if c not in fitted] + [f"s.of_{c}" for c in fitted])
    rest = ", ".join(f"of_{c} as w_{c}" for c in fitted)
    staging.execute(f"""create or replace table matching.scored as
        select * exclude ({", ".join(f"of_{c}" for c in fitted)}) replace (prior + {weight} as weight, {rest})
        from (select * exclude (of_origin), {of_family} as of_family, {of_birth} as of_birth from (
            select s.*, {grades} as of_grade, coalesce(o.bits, z.bits) as of_origin,
                   case when s.g_school < 0 then 0 else {_school_bits(known)} end as of_school
            from matching.weighed s join matching.people a on a.id = s.l join matching.people b on b.id = s.r
            left join matching.moves m on m.here = a.school and m.there = b.school
            left join (select distinct here, whole, kinds, off from matching.moves) w on w.here = a.school
            left join matching.moves_of_grade n on n.here = a.school and n.grade = a.grade and n.there = b.school
            left join (select distinct here, grade, whole, kinds, off from matching.moves_of_grade) v
                on v.here = a.school and v.grade = a.grade
            left join matching.school_shares t on t.value = b.school
            left join matching.places p on p.school = b.school and p.grade = b.grade
            left join matching.origins o on o.given = a.given
            left join matching.origins z on z.given is null) s) s""")
    staging.execute("drop table matching.weighed")


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
    """A school's children are seen to go on to certain others, those of each grade, too: as many of the certain pairs
    did. Beside it, in which schools the children of a grade are on the other side."""
    for table, grade in (("moves", ""), ("moves_of_grade", "grade, ")):
        staging.execute(f"""create or replace table matching.{table} as
            with pairs as (
                select a.school as here, {"a.grade, " if grade else ""}b.school as there, count(*) as n
                from matching.certain c join matching.people a on a.id = c.l join matching.people b on b.id = c.r
                where a.school is not null and b.school is not null {"and a.grade is not null" if grade else ""}
                group by all),
            whole as (select here, {grade}sum(n) as n, count(*) as kinds from pairs group by all)
            select p.here, {"p.grade, " if grade else ""}p.there, p.n, w.n as whole, w.kinds,
                   -- how much of each move is taken away, from those seen once and twice (Ney, Essen and Kneser 1994)
                   (select count(*) filter (n = 1) / greatest(1, count(*) filter (n = 1) + 2 * count(*) filter (n = 2))
                    from pairs) as off
            from pairs p join whole w using (here{", grade" if grade else ""})""")
    staging.execute("""create or replace table matching.places as
        with counted as (select school, grade, count(*) as n from matching.people
                         where side = 1 and school is not null and grade is not null group by all)
        select school, grade, (n + 2 * t.r) / (sum(n) over (partition by grade) + 2) as share
        from counted join matching.school_shares t on t.value = school""")


def _school_bits(known: Weights) -> str:
    """The bits of a move from one school to another, as SQL.

    Of the moves that were seen a part is taken away for those that were not, and given to all schools as they are
    large (absolute discounting): a child written down at a wrong school is a rare case, and no impossible one. What is
    seen of a grade counts before what is seen of the school.
    """
    same = known["school"]["same"][0]
    whole = f"""((greatest(coalesce(m.n - m.off, 0), 0) + coalesce(w.off * w.kinds, 0) * t.r
        + {_SHIPPED_SCHOOL} * case when s.g_school > 0 then {same} else {1 - same} * t.r end)
        / (coalesce(w.whole, 0) + {_SHIPPED_SCHOOL}) / greatest(t.r, 1e-5))"""
    return f"""log2(case when p.share is null or a.grade is null then {whole} else
        (greatest(coalesce(n.n - n.off, 0), 0) + coalesce(v.off * v.kinds, 0) * t.r
         + {_OF_ALL_GRADES} * {whole} * p.share) / (coalesce(v.whole, 0) + {_OF_ALL_GRADES}) / p.share end)"""


def _origins(staging: Staging) -> None:
    """How much oftener than chance has it those of one first name have one last name, in bits; for first names of which
    too little is known, the row without a name."""
    staging.execute(f"""create or replace table matching.origins as
        with people as (select given, family from matching.people
                        where side = 0 and given is not null and family is not null),
        families as (select family, count(*) as n from people group by all),
        one as (select sum(n * n) / pow(sum(n), 2) as chance from families),
        names as (select given, sum(n) as n, sum(n * (n - 1)) as seen from (
            select given, family, count(*) as n from people group by all) group by given),
        counted as (select given, seen / 2 as seen, n * (n - 1) / 2 * (select chance from one) as meant
                    from names where n > 1),
        whole as (select coalesce((sum(seen) + {_TOGETHER * _TOGETHER_FROM}) / (sum(meant) + {_TOGETHER_FROM}),
                                  {_TOGETHER}) as times from counted)
        select given, log2(greatest(1, (seen + {_TOGETHER_FROM} * times) / (meant + {_TOGETHER_FROM}))) as bits
        from counted, whole
        union all select null, log2(greatest(1, times)) from whole""")
