"""Students of both sides as matching compares them: folded names, nicknames, dates, grades and contacts in one form.

The names and numbers that people see stay in the caller's tables; nothing here is ever shown or kept.
"""

from __future__ import annotations

from rosterdesk.staging import Staging

# What a side may tell of a student, all as text, lists separated by `;` or `,`. Any of them may be missing.
COLUMNS = (
    *("id", "given_name", "preferred_name", "middle_name", "family_name", "birth_date", "grade", "schools"),
    *("student_number", "state_id", "email", "guardian_emails", "guardian_phones"),
)

# Letters that do not come apart into a letter and its accent.
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_PARTICLES = (
    "de",
    "la",
    "las",
    "los",
    "del",
    "da",
    "do",
    "dos",
    "di",
    "van",
    "von",
    "der",
    "den",
    "al",
    "el",
    "bin",
    "y",
)
_DATES = ("%m/%d/%Y", "%Y%m%d", "%d.%m.%Y", "%m-%d-%Y", "%Y/%m/%d", "%m/%d/%y")
# A contact, date or number that so many records of one side share tells nothing of any of them.
_FAMILY_AT_MOST = 12
_NUMBER_AT_MOST = 3
_EMAIL_AT_MOST = 1
# So few records can't tell which names there are: there, a first letter is taken to be right.
_FEW = 5_000
# One slip of a common name is typed once more for each so many records.
_SLIP_AGAIN = 20_000


# Whether a name of one list and a name of another are apart by one letter; short names are left out.
_NEARLY = """create or replace macro nearly_called(a, b) as list_contains(flatten(
    [[least(length(x), length(y)) >= 4 and abs(length(x) - length(y)) <= 1 and damerau_levenshtein(x, y) <= 1
      for y in b] for x in a]), true)"""


def prepare(staging: Staging, incoming: str, candidates: str) -> None:
    """Fill `matching.people` (side 0 incoming, 1 candidates; `id` counts through both) from two relations that have
    some of `COLUMNS`."""
    staging.execute(_NEARLY)
    sides = []
    for side, relation in enumerate((incoming, candidates)):
        have = {name for name, *_ in staging.rows(f"describe select * from {relation}")}
        told = ", ".join(f"{c}::varchar as {c}" if c in have else f"null::varchar as {c}" for c in COLUMNS[1:])
        sides.append(f"select {side} as side, id::varchar as key, {told} from {relation}")
    staging.execute(f"create or replace table matching.told as {' union all '.join(sides)}")
    _names(staging)
    _given(staging)
    staging.execute(f"""create or replace table matching.plain as
        select row_number() over (order by side, key) as id, side, key, given_name, family_name, middle_name,
            preferred_name, {_date("birth_date")} as birth, {_grade("grade")} as grade, {_listed("schools")} as schools,
            {_number("student_number")} as number, {_number("state_id")} as state,
            nullif(lower(trim(email)), '') as email,
            list_distinct(list_concat(
                [e for e in {_listed("guardian_emails")} if contains(e, '@')],
                [right(d, 10) for d in [regexp_replace(p, '[^0-9]', '', 'g') for p in {_listed("guardian_phones")}]
                 if length(d) >= 7])) as contacts
        from matching.told""")
    staging.execute("drop table matching.told")
    _placeholders(staging)
    staging.execute(f"""create or replace table matching.people as
        select p.id, p.side, p.key, g.name as given, f.name as family, m.name as middle,
            coalesce(g.letters, 0) as given_letters, coalesce(f.letters, 0) as family_letters,
            coalesce(c.called, []) as called, coalesce(c.formals, []) as formals, coalesce(c.known, false) as known,
            coalesce(c.called_bits, 0) as called_bits, coalesce(c.formals_bits, 0) as formals_bits,
            coalesce(m.parts_bits, 0) as middles_bits, coalesce(f.parts_bits, 0) as tokens_bits,
            (select count(*) < {_FEW} from matching.plain) as few,
            coalesce(m.parts, []) as middles, coalesce(f.parts, []) as tokens,
            f.parts[1] as fam_a, f.parts[-1] as fam_z,
            case when p.birth in (select birth from matching.vague_births) then null else p.birth end as birth,
            p.grade, p.schools[1] as school, p.schools,
            case when n.number is null then p.number end as number,
            case when s.state is null then p.state end as state,
            case when e.email is null then p.email end as email,
            case when len(coalesce(p.contacts, [])) = 0 then null when v.id is not null then nullif(v.contacts, [])
                 else p.contacts end as contacts,
            {_bits("coalesce(p.contacts, [])")} as contacts_bits
        from matching.plain p
        left join matching.names g on g.text = p.given_name
        left join matching.names f on f.text = p.family_name
        left join matching.names m on m.text = p.middle_name
        left join matching.called c on c.given_name is not distinct from p.given_name
             and c.preferred_name is not distinct from p.preferred_name
        left join matching.vague_numbers n on n.side = p.side and n.number = p.number
        left join matching.vague_states s on s.side = p.side and s.state = p.state
        left join matching.vague_emails e on e.side = p.side and e.email = p.email
        left join matching.fewer_contacts v on v.id = p.id""")
    for table in ("plain", "names", "called", "vague_births", "fewer_contacts"):
        staging.execute(f"drop table matching.{table}")


def _names(staging: Staging) -> None:
    """Each way in which any name is written, folded, and its parts; a name is folded once, however many bear it."""
    fold = "lower(strip_accents(text))"
    for letter, plain in _LETTERS.items():
        fold = f"replace({fold}, '{letter}', '{plain}')"
    fold = f"regexp_replace({fold}, '[''’`´.]', '', 'g')"
    fold = f"trim(regexp_replace({fold}, '[^\\p{{L}}\\p{{M}}\\p{{N}}]+', ' ', 'g'))"
    fold = f"nullif(regexp_replace({fold}, ' (jr|sr|ii|iii|iv)$', ''), '')"
    every = " union ".join(
        f"select {c} from matching.told" for c in ("given_name", "preferred_name", "middle_name", "family_name")
    )
    particles = ", ".join(f"'{p}'" for p in _PARTICLES)
    staging.execute(f"""create or replace table matching.names as
        select *, {_bits("string_split(name, '')")} as letters, {_bits("parts")} as parts_bits
        from (select text, name, case when len(parts) > 0 then parts when name is not null then [name] end as parts
              from (select *, [p for p in string_split(name, ' ') if p not in ({particles})] as parts
                    from (select text, {fold} as name from ({every}) t(text) where text is not null)))""")


def _given(staging: Staging) -> None:
    """By which names somebody is called, and which full names each of these may stand for."""
    from nicknames import name_triplets

    pairs = sorted({(t.name2, t.name1) for t in name_triplets()})
    staging.execute("create or replace table matching.nicknames (name varchar, formal varchar)")
    staging.execute(
        "insert into matching.nicknames select unnest($1::varchar[]), unnest($2::varchar[])",
        [[name for name, _ in pairs], [formal for _, formal in pairs]],
    )
    # What the SIS writes twice, or the other side four times, is a name, however near it is to another one; in a large
    # district one slip of a common name is typed many times.
    often = staging.one(f"select 4.0 / (4 + count(*) // {_SLIP_AGAIN}) from matching.told where side = 1")
    staging.execute(f"""create or replace table matching.called as
        with written as (
            select given_name, preferred_name, sum(case when side = 0 then 2 else {often} end) as times
            from matching.told group by all),
        parts as (
            select w.given_name, w.preferred_name, w.times,
                   list_distinct(list_concat(
                       case when g.name is not null then [replace(g.name, ' ', '')] else [] end,
                       coalesce(g.parts, []), coalesce(p.parts, []))) as called
            from written w left join matching.names g on g.text = w.given_name
            left join matching.names p on p.text = w.preferred_name),
        common as (
            select name from (select called[1] as name, sum(times) as times from parts group by 1) where times >= 4
            union select name from matching.nicknames union select formal from matching.nicknames),
        each as (select distinct unnest(called) as name from parts),
        stands as (
            select e.name, list_distinct(list_append(list(n.formal) filter (n.formal is not null), e.name)) as formals
            from each e left join matching.nicknames n using (name) group by e.name),
        long as (select given_name, preferred_name, unnest(called) as name from parts)
        select *, {_bits("called")} as called_bits, {_bits("formals")} as formals_bits from (
        select p.given_name, p.preferred_name, p.called, list_distinct(flatten(s.formals)) as formals,
               p.called[1] in (select name from common) as known
        from parts p left join (
            select given_name, preferred_name, list(formals) as formals
            from long join stands using (name) group by all) s
        on s.given_name is not distinct from p.given_name
           and s.preferred_name is not distinct from p.preferred_name)""")


def _placeholders(staging: Staging) -> None:
    """What stands in many records is a stand-in: an office's own phone, 01/01/2000, number 1."""
    for column, table, most in (
        ("number", "numbers", _NUMBER_AT_MOST),
        ("state", "states", _NUMBER_AT_MOST),
        ("email", "emails", _EMAIL_AT_MOST),
    ):
        staging.execute(f"""create or replace table matching.vague_{table} as
            select side, {column} from matching.plain where {column} is not null
            group by all having count(*) > {most}""")
    staging.execute("""create or replace table matching.vague_births as
        select birth from matching.plain where birth is not null
        group by birth having count(*) > greatest(12, (select count(*) / 50 from matching.plain))""")
    staging.execute(f"""create or replace table matching.fewer_contacts as
        with each as (select id, side, unnest(contacts) as contact from matching.plain),
        vague as (select side, contact from each group by all having count(*) > {_FAMILY_AT_MOST})
        select e.id, coalesce(list(e.contact) filter (v.contact is null), []) as contacts
        from each e left join vague v on v.side = e.side and v.contact = e.contact
        where e.id in (select id from each join vague using (side, contact)) group by e.id""")


def _bits(values: str) -> str:
    """A bit for each value of a list: two lists without a bit in common have no value in common. Each letter that is
    put, taken or changed in a name moves at most two bits of its letters."""
    return f"list_aggregate([1::bigint << (hash(x) % 62)::integer for x in {values}], 'bit_or')"


def _listed(column: str) -> str:
    return f"[lower(trim(x)) for x in regexp_split_to_array(coalesce({column}, ''), '[;,]') if trim(x) <> '']"


def _number(column: str) -> str:
    return f"nullif(ltrim(regexp_replace(upper({column}), '[^0-9A-Z]', '', 'g'), '0'), '')"


def _date(column: str) -> str:
    formats = ", ".join(f"'{f}'" for f in _DATES)
    return f"coalesce(try_cast({column} as date), try_strptime({column}, [{formats}])::date)"


def _grade(column: str) -> str:
    first = f"upper(trim(string_split(replace({column}, ';', ','), ',')[1]))"
    return f"""case when {first} in ('KG', 'K', 'KF', 'KINDERGARTEN') then 0
        when {first} in ('PK', 'PR', 'PREK', 'PRE-K', 'IT', 'TK', 'PS') then -1
        else try_cast(nullif(regexp_extract({first}, '^[0-9]+'), '') as integer) end"""
