"""Guardians and staff who are there twice: contact details first, names with them, and a child or a school in common.

A contact alone proves nothing, since couples and offices share theirs; a name alone proves nothing either.
"""

from __future__ import annotations

from rosterdesk.matching.directory import CANDIDATES, COMING
from rosterdesk.staging import Staging

# How two names agree, the surest first: what holds, its name in the rules, its words.
_NAMES = (
    (
        "given = 3 and family = 3 and suffix_l <> suffix_r",
        "elder",
        "same name, but only one is called Jr., Sr. or the like",
    ),
    ("given = 3 and family = 3", "same", "same name"),
    ("swapped", "swapped", "first and last name exchanged"),
    ("given = 2 and family = 3", "short", "same last name, one first name is a short form of the other"),
    ("given = 3 and family > 0", "near", "same first name, nearly the same last name"),
    ("given = 1 and family = 3 and not two_names", "slip", "same last name, first names differ by a slip"),
    ("given = 1 and family = 3", "neighbour", "same last name, first names nearly alike, but both are names"),
    ("given > 0 and family > 0", "weak", "nearly the same name"),
    ("given = 3", "changed", "same first name, other last name"),
)
# Two contacts, or one that nobody else of either side has. What one household has in common may be that of a father and
# his son of one name, if another contact differs.
_OWN = "(alike > 1 or own and (at_work or not against))"
# How likely the two are one, by what agrees, and whether that is safe: judged, since no list of true pairs of adults
# exists to count in, and tried on invented ones. `alike` counts the contacts they have in common, `own` says that
# nobody else on either side has one of these, `once` that nobody else there has that name.
_RULES = (
    (f"name in ('same', 'swapped') and {_OWN}", 0.9998, True),
    (f"name in ('short', 'near') and {_OWN}", 0.9995, True),
    (f"name = 'slip' and {_OWN}", 0.999, True),
    ("name = 'changed' and email and own and at_work", 0.998, True),
    ("name in ('same', 'swapped') and alike = 1", 0.98, False),
    ("name in ('short', 'near', 'slip') and alike = 1", 0.95, False),
    ("name = 'weak' and alike > 0", 0.93, False),
    ("name = 'elder' and (alike > 0 or together)", 0.5, False),
    ("name = 'changed' and alike > 0", 0.9, False),
    ("name = 'neighbour' and alike > 0", 0.4, False),
    ("name = 'same' and together and not against and once and at_work", 0.9995, True),
    ("name in ('same', 'swapped') and together and not against", 0.95, False),
    ("name in ('short', 'near', 'slip') and together and not against", 0.8, False),
    ("name = 'same' and together", 0.6, False),
    ("name = 'changed' and together and not against and not at_work", 0.4, False),
)
# With candidates that compete, a pair is safe when it is as likely as this all the same.
_SAFE = 0.998
# A contact that more people of a side have is an office's. A colleague's is one as soon as two have it.
_FAMILY_AT_MOST, _COLLEAGUES_AT_MOST = 5, 1
# What is written so often is a name, however near it is to another one.
_A_NAME = 3
_SUFFIXES = "'jr', 'sr', 'ii', 'iii', 'iv'"


def match(staging: Staging, entity: str) -> None:
    """Make `matching.pairs` and `matching.rivals` of `COMING` and `CANDIDATES`, in the shape in which they are made for
    students, but without the evidence comparison by comparison. `matching.apart` are never proposed."""
    at_work = entity == "staff"
    _nicknames(staging)
    _people(staging, at_work)
    _compare(staging, at_work)
    bond = "school" if at_work else "child"
    name = " ".join(f"when {condition} then '{label}'" for condition, label, _ in _NAMES)
    chance = " ".join(f"when {condition} then {p}" for condition, p, _ in _RULES)
    sure = " or ".join(f"({condition})" for condition, _, safe in _RULES if safe)
    said = " ".join(f"when '{label}' then '{words}'" for _, label, words in _NAMES)
    staging.execute(f"""create or replace table matching.adults_rated as
        with named as (select *, case {name} end as name, email::int + phone::int as alike from matching.adults_pairs)
        select l, r, case {chance} end as p, {sure} as sure,
               concat_ws(', ', case when email and phone then 'same e-mail and phone' when email then 'same e-mail'
                               when phone then 'same phone' end,
                         case name {said} end, case when together then 'a {bond} in common' end,
                         case when against and alike > 0 then 'another contact differs'
                              when against then 'other contacts' end) as said
        from named where case {chance} end is not null""")
    staging.execute(f"""create or replace table matching.pairs as
        with odds as (select *, p / (1 - p) as odds from matching.adults_rated),
        rivals as (select *, count(*) over (partition by l) + count(*) over (partition by r) - 2 as others,
                          odds / (1 + sum(odds) over (partition by l) + sum(odds) over (partition by r) - odds)
                              as likely,
                          row_number() over (partition by l order by p desc, r) as of_l,
                          row_number() over (partition by r order by p desc, l) as of_r
                   from odds)
        select l as incoming_id, r as candidate_id, case when sure and likely >= {_SAFE} then 'auto' else 'review' end
                   as band,
               likely as probability,
               upper(left(said, 1)) || substr(said, 2)
               || case when sure and likely >= {_SAFE} then ''
                       when others > 0 then '; please look: there are other candidates'
                       else '; please look: this is not enough to be sure' end || '.' as reason, others
        from rivals where of_l = 1 and of_r = 1 order by l""")
    staging.execute("""create or replace table matching.rivals as
        select l as incoming_id, r as candidate_id, p as probability,
               upper(left(said, 1)) || substr(said, 2) || '.' as reason
        from matching.adults_rated where (l, r) not in (select (incoming_id, candidate_id) from matching.pairs)""")
    for table in ("coming", "known", "pairs", "rated", "common"):
        staging.execute(f"drop table matching.adults_{table}")
    staging.execute("drop table matching.short")


def _people(staging: Staging, at_work: bool) -> None:
    """Both sides with folded names and their parts, contacts that are not an office's, and what they have in common
    with others; `matching.adults_common`, the first names that are written often."""
    most = _COLLEAGUES_AT_MOST if at_work else _FAMILY_AT_MOST
    for side, relation in (("coming", COMING), ("known", CANDIDATES)):
        staging.execute(f"""create or replace table matching.adults_{side} as
            with told as (
                select id, {_parts("given_name")} as givens,
                       [x for x in {_parts("family_name")} if x not in ({_SUFFIXES})] as families,
                       coalesce([x for x in {_parts("family_name")} if x in ({_SUFFIXES})][1], '') as suffix,
                       nullif(lower(trim(email)), '') as email,
                       list_distinct([c for c in [{_digits("sms")}, {_digits("phone")}] if c is not null]) as phones,
                       {"[schools]" if at_work else "children"} as bonds
                from {relation}),
            named as (select *, array_to_string(givens, '') as given, array_to_string(families, '') as family
                      from told),
            times as (select *, count(*) over (partition by given, family) as of_name,
                             count(*) over (partition by email) as of_email from named),
            each as (select phone, count(*) as n from (select unnest(phones) as phone from named) group by phone),
            called as (select id, list(phone) filter (n <= {most}) as phones, max(n) as of_phone
                       from (select id, unnest(phones) as phone from named) join each using (phone) group by id)
            select t.* exclude (email, phones), case when of_email <= {most} then email end as email,
                   coalesce(c.phones, []) as phones, coalesce(c.of_phone, 0) as of_phone
            from times t left join called c using (id)""")
    staging.execute(f"""create or replace table matching.adults_common as
        select given as name from (select given from matching.adults_coming union all
                                   select given from matching.adults_known) group by given having count(*) >= {_A_NAME}
        union select name from matching.short union select formal from matching.short""")


def _compare(staging: Staging, at_work: bool) -> None:
    """`matching.adults_pairs`: who shares a contact, or a child or school and a name, and how they agree."""
    keys = " union ".join(
        f"""select a.id as l, b.id as r from (select id, unnest({keys}) as k from matching.adults_coming) a
            join (select id, unnest({keys}) as k from matching.adults_known) b using (k)"""
        for keys in (
            "list_append(phones, email)",
            "flatten([[hash(bond, name) for bond in coalesce(bonds, []) if bond is not null] for name in [{}]])".format(
                "family" if at_work else "family, given"
            ),
        )
    )
    keys += """ union select a.id, b.id from matching.adults_coming a join matching.adults_known b
        on a.given = b.family and a.family = b.given and list_has_any(a.bonds, b.bonds)"""
    slip = "damerau_levenshtein({0}_l, {0}_r) <= case when least(length({0}_l), length({0}_r)) >= 7 then 2 else 1 end"
    staging.execute(f"""create or replace table matching.adults_pairs as
        with sides as (
            select l, r, a.given as given_l, b.given as given_r, a.family as family_l, b.family as family_r,
                   a.givens as givens_l, b.givens as givens_r, a.families as families_l, b.families as families_r,
                   a.suffix as suffix_l, b.suffix as suffix_r,
                   coalesce(a.email = b.email, false) as email, list_has_any(a.phones, b.phones) as phone,
                   coalesce(list_has_any(a.bonds, b.bonds), false) as together,
                   coalesce(a.email <> b.email, false)
                       or len(a.phones) > 0 and len(b.phones) > 0 and not list_has_any(a.phones, b.phones) as against,
                   coalesce(a.email = b.email and a.of_email = 1 and b.of_email = 1, false)
                       or list_has_any(a.phones, b.phones) and a.of_phone = 1 and b.of_phone = 1 as own,
                   a.of_name = 1 and b.of_name = 1 as once, {at_work} as at_work
            from ({keys}) k join matching.adults_coming a on a.id = k.l join matching.adults_known b on b.id = k.r
            where (k.l, k.r) not in (select (incoming_id, candidate_id) from matching.apart))
        select *,
               case when given_l = given_r then 3
                    when list_has_any(givens_l, givens_r)
                        or (given_l, given_r) in (select (name, formal) from matching.short)
                        or (given_r, given_l) in (select (name, formal) from matching.short)
                        or least(length(given_l), length(given_r)) = 1 and left(given_l, 1) = left(given_r, 1) then 2
                    when least(length(given_l), length(given_r)) >= 4 and {slip.format("given")} then 1 else 0 end
                   as given,
               case when family_l = family_r then 3 when list_has_any(families_l, families_r) then 2
                    when least(length(family_l), length(family_r)) >= 4 and {slip.format("family")} then 1 else 0 end
                   as family,
               given_l = family_r and family_l = given_r as swapped,
               given_l in (select name from matching.adults_common)
                   and given_r in (select name from matching.adults_common) as two_names
        from sides where given_l <> '' and given_r <> '' and family_l <> '' and family_r <> ''""")


def _parts(column: str) -> str:
    """The parts of a name, folded."""
    folded = f"lower(strip_accents(coalesce({column}, '')))"
    return f"[x for x in regexp_split_to_array({folded}, '[^\\p{{L}}\\p{{N}}]+') if x <> '']"


def _digits(column: str) -> str:
    digits = f"regexp_replace(coalesce({column}, ''), '[^0-9]', '', 'g')"
    return f"case when length({digits}) >= 7 then right({digits}, 10) end"


def _nicknames(staging: Staging) -> None:
    from nicknames import name_triplets

    pairs = sorted({(t.name2, t.name1) for t in name_triplets()})
    staging.execute("create or replace table matching.short (name varchar, formal varchar)")
    staging.execute(
        "insert into matching.short select unnest($1::varchar[]), unnest($2::varchar[])",
        [[name for name, _ in pairs], [formal for _, formal in pairs]],
    )
