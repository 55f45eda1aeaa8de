"""Guardians and staff who are there twice: contact details first, names with them, and a child or a school in common.

A contact alone proves nothing, since couples and offices share theirs; a name alone proves nothing either.
"""

from __future__ import annotations

from rosterdesk.matching.directory import CANDIDATES, COMING
from rosterdesk.staging import Staging

# How likely the two are one, by what agrees: judged, since no list of true pairs of adults exists to count in.
_RULES = (
    ("contact and name = 3", 0.995, True, "same {contact}, same name"),
    ("contact and name = 2", 0.98, True, "same {contact}, same last name, one first name is a nickname of the other"),
    ("contact and name = 1", 0.85, False, "same {contact} and first name, other last name"),
    ("name = 3 and together and not against", 0.9, False, "same name, and {together} in common"),
    ("name = 2 and together and not against", 0.6, False, "nearly the same name, and {together} in common"),
)
_LETTERS = r"[^\p{L}\p{N}]+"


def match(staging: Staging, entity: str) -> None:
    """Make `matching.pairs` and `matching.rivals` of `COMING` and `CANDIDATES`, in the shape in which they are made for
    students, but without the evidence comparison by comparison. `matching.apart` are never proposed."""
    _nicknames(staging)
    for side, relation in (("coming", COMING), ("known", CANDIDATES)):
        staging.execute(f"""create or replace table matching.adults_{side} as
            select id, nullif(regexp_replace(lower(strip_accents(given_name)), '{_LETTERS}', '', 'g'), '') as given,
                   nullif(regexp_replace(lower(strip_accents(family_name)), '{_LETTERS}', '', 'g'), '') as family,
                   list_distinct([c for c in [nullif(lower(trim(email)), ''), {_digits("sms")}, {_digits("phone")}]
                                  if c is not null]) as contacts,
                   {"children" if entity == "guardians" else "[schools]"} as bonds
            from {relation}""")
    together = "child" if entity == "guardians" else "school"
    staging.execute("""create or replace table matching.adult_keys as
        select a.id as l, b.id as r from (select id, unnest(contacts) as k from matching.adults_coming) a
        join (select id, unnest(contacts) as k from matching.adults_known) b using (k)
        union
        select a.id, b.id from matching.adults_coming a join matching.adults_known b
        on a.family = b.family and list_has_any(a.bonds, b.bonds)""")
    staging.execute("""create or replace table matching.adult_pairs as
        select l, r, list_has_any(a.contacts, b.contacts) as contact,
               coalesce(list_has_any(a.bonds, b.bonds), false) as together,
               len(a.contacts) > 0 and len(b.contacts) > 0 and not list_has_any(a.contacts, b.contacts) as against,
               [x for x in a.contacts if list_contains(b.contacts, x)] as shared,
               case when a.given = b.given and a.family = b.family then 3
                    when a.family = b.family and exists (select 1 from matching.short n
                        where (n.name = a.given and n.formal = b.given) or (n.name = b.given and n.formal = a.given)
                    ) then 2
                    when a.given = b.given then 1 else 0 end as name
        from matching.adult_keys k join matching.adults_coming a on a.id = k.l
        join matching.adults_known b on b.id = k.r
        where (k.l, k.r) not in (select (incoming_id, candidate_id) from matching.apart)""")
    contact = "case when contains(shared[1], '@') then 'e-mail' else 'phone' end"
    chance = " ".join(f"when {rule} then {p}" for rule, p, _, _ in _RULES)
    sure = " or ".join(f"({rule})" for rule, _, auto, _ in _RULES if auto)
    said = " ".join(
        "when {} then {}".format(rule, " || ".join(_parts(words.replace("{together}", f"a {together}"), contact)))
        for rule, _, _, words in _RULES
    )
    staging.execute(f"""create or replace table matching.adults_rated as
        select l, r, case {chance} end as p, {sure} as sure, case {said} end as said from matching.adult_pairs
        where case {chance} end is not null""")
    staging.execute("""create or replace table matching.pairs as
        with rivals as (select *, count(*) over (partition by l) + count(*) over (partition by r) - 2 as others,
                               row_number() over (partition by l order by p desc, r) as of_l,
                               row_number() over (partition by r order by p desc, l) as of_r
                        from matching.adults_rated)
        select l as incoming_id, r as candidate_id, case when sure and others = 0 then 'auto' else 'review' end as band,
               case when others = 0 then p else p / (1 + others) end as probability,
               upper(left(said, 1)) || substr(said, 2)
               || case when others > 0 then '; please look: there are other candidates' when sure then ''
                       else '; please look: this is not enough to be sure' end || '.' as reason, others
        from rivals where of_l = 1 and of_r = 1 order by l""")
    staging.execute("""create or replace table matching.rivals as
        select l as incoming_id, r as candidate_id, p as probability,
               upper(left(said, 1)) || substr(said, 2) || '.' as reason
        from matching.adults_rated where (l, r) not in (select (incoming_id, candidate_id) from matching.pairs)""")
    for table in ("adults_coming", "adults_known", "adult_keys", "adult_pairs", "adults_rated", "short"):
        staging.execute(f"drop table matching.{table}")


def _digits(column: str) -> str:
    digits = f"regexp_replace(coalesce({column}, ''), '[^0-9]', '', 'g')"
    return f"case when length({digits}) >= 7 then right({digits}, 10) end"


def _parts(words: str, contact: str) -> list[str]:
    before, found, after = words.partition("{contact}")
    return [f"'{before}'", *([contact, f"'{after}'"] if found else [])]


def _nicknames(staging: Staging) -> None:
    from nicknames import name_triplets

    pairs = sorted({(t.name2, t.name1) for t in name_triplets()})
    staging.execute("create or replace table matching.short (name varchar, formal varchar)")
    staging.execute(
        "insert into matching.short select unnest($1::varchar[]), unnest($2::varchar[])",
        [[name for name, _ in pairs], [formal for _, formal in pairs]],
    )
