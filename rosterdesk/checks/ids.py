"""Checks of SIS IDs: what spreadsheets and careless exports do to them, and zeros that were lost.

An ID that was changed is another ID. Its row is left out, and since only its name can tell whose row it was, nobody of
that name is archived for being absent.
"""

from __future__ import annotations

from rosterdesk.checks.catalogue import found, report, unidentified
from rosterdesk.checks.characters import INVISIBLE
from rosterdesk.staging import Staging

_MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATES = (
    f"(?i)[0-9]{{1,2}}[-/ ]{_MONTHS}(?:[-/ ](?:[0-9]{{2}}|[0-9]{{4}}))?|{_MONTHS}[-/ ](?:[0-9]{{1,2}}|[0-9]{{4}})"
    "|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[ T]00:00(?::00)?)?|[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{2}|[0-9]{4})"
)
# A plus sign or a comma of decimals can't be told from an ID such as 12E4, so one of them must be there.
_SCIENTIFIC = r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+|[0-9][.,][0-9]+[eE][0-9]+"
_LATIN, _OTHER = "[A-Za-z]", r"[\x{0370}-\x{03FF}\x{0400}-\x{04FF}\x{FF01}-\x{FF5E}]"

# What an ID looks like that a spreadsheet has been at. The first conditions are cheap, and pass over nearly every ID
# there is.
DAMAGED = f"""(strlen({{id}}) between 5 and 24 and (contains({{id}}, '-') or contains({{id}}, '/') or
    contains({{id}}, ' '))
        and regexp_full_match({{id}}, '{_DATES}')
    or (contains({{id}}, '+') or contains({{id}}, '.') or contains({{id}}, ',')) and regexp_full_match({{id}},
    '{_SCIENTIFIC}'))"""
_ROUNDED = "strlen({id}) >= 16 and regexp_full_match({id}, '[1-9][0-9]{14}0+')"
_SPACES = "({id}[1] in (' ', chr(9)) or {id}[-1] in (' ', chr(9), chr(10), chr(13)))"
_UNSEEN = f"strlen({{id}}) <> length({{id}}) and regexp_matches({{id}}, '{INVISIBLE}')"
_DECIMAL = "(ends_with({id}, '.0') or ends_with({id}, '.00')) and regexp_full_match({id}, '[0-9]+[.]0+')"
_MIXED = (
    f"strlen({{id}}) <> length({{id}}) and regexp_matches({{id}}, '{_LATIN}') and regexp_matches({{id}}, '{_OTHER}')"
)

# Each of these leaves the row out.
_FAULTS = {"id-damaged": DAMAGED, "id-decimal": _DECIMAL, "id-spaces": _SPACES, "id-invisible": _UNSEEN}
# Without any of these there is none of those, and one look is enough.
_SIGNS = {
    "characters": "regexp_matches(sis_id, '[^A-Za-z0-9_-]')",
    "dashes": "contains(sis_id, '-') and strlen(sis_id) < 12",
    "digits": "strlen(sis_id) >= 16 and ends_with(sis_id, '0')",
    "zeros": "starts_with(sis_id, '0')",
}
_LEAST = 3  # so many rounded IDs are no chance: one ID in ten ends with a zero anyway


def of(condition: str, column: str) -> str:
    """One of the conditions above, about this column."""
    return condition.replace("{id}", column)


def check(staging: Staging, relation: str, table: str, entity: str, name: str, where: str = "keep") -> None:
    """Look at the column `sis_id` of `relation` (with `ref`, and `keep` in `table`).

    `entity` and `name` are the SQL of the row's entity and of its name in small letters.
    """
    tests = {
        code: of(sql, "sis_id") for code, sql in {**_FAULTS, "id-precision": _ROUNDED, "id-look-alike": _MIXED}.items()
    }
    signs = found(staging, f"{table} where {where}", _SIGNS)
    if not signs:
        return
    seen = found(staging, f"{table} where {where}", tests)
    for code in _FAULTS:
        if code in seen:
            _leave_out(staging, code, relation, table, entity, name, f"{where} and {tests[code]}")
    if "id-precision" in seen:
        long = f"from {table} where {where} and strlen(sis_id) >= 16 and regexp_full_match(sis_id, '[0-9]+')"
        rounded, many = staging.rows(f"select count(*) filter ({tests['id-precision']}), count(*) {long}")[0]
        if rounded >= _LEAST and 2 * rounded > many:
            _leave_out(staging, "id-precision", relation, table, entity, name, f"{where} and {tests['id-precision']}")
    if "id-look-alike" in seen:
        report(
            staging,
            "id-look-alike",
            f"select ref, 'sis_id', sis_id from {relation} where {where} and {tests['id-look-alike']}",
        )
    if "zeros" in signs:
        _short(staging, relation, entity, where)


def _leave_out(staging: Staging, code: str, relation: str, table: str, entity: str, name: str, where: str) -> None:
    report(staging, code, f"select ref, 'sis_id', sis_id from {relation} where {where}")
    unidentified(staging, entity, name, f"{table} where {where}")
    staging.execute(f"update {table} set keep = false where {where}")


def _short(staging: Staging, relation: str, entity: str, where: str) -> None:
    """Report IDs of digits that are shorter than all others of their kind, where those begin with zeros and have one
    width."""
    report(
        staging,
        "id-short",
        f"""with digits as (
                select ref, sis_id, {entity} as entity, strlen(sis_id) as width, starts_with(sis_id, '0') as zero
                from {relation} where {where} and regexp_full_match(sis_id, '[0-9]+')),
            widths as (
                select entity, min(width) filter (zero) as width from digits group by entity
                having min(width) filter (zero) = max(width) and count(*) filter (zero) > 1)
            select ref, 'sis_id', sis_id from digits join widths w using (entity)
            where not zero and digits.width < w.width""",
    )


def bare_of(staging: Staging, name: str, known: str) -> None:
    """Make the table `name` (bare, sis_id): the known IDs of digits that begin with zeros, by what is left without
    them."""
    staging.execute(f"""create or replace table {name} as
        select ltrim(sis_id, '0') as bare, min(sis_id) as sis_id from ({known}) k(sis_id)
        where starts_with(sis_id, '0') and regexp_full_match(sis_id, '0+[1-9][0-9]*')
        group by 1 having count(distinct sis_id) = 1""")


def lost(column: str, bare: str) -> str:
    """The SQL of whether an ID lacks some or all of the zeros with which `bare`, as `bare_of` makes it, knows it."""
    return f"""exists (select 1 from {bare} b where b.bare = ltrim({column}, '0')
        and strlen({column}) < strlen(b.sis_id))"""
