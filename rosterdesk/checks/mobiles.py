"""Checks of mobile numbers: those that are none, and those that get no text messages."""

from __future__ import annotations

from rosterdesk.checks.catalogue import empty_field, found, report
from rosterdesk.staging import Staging

_E164 = r"\+[1-9][0-9]{6,14}"
_DIGITS = "regexp_replace(sms, '[^0-9]', '', 'g')"
_NANP = "(strlen(sms) = 12 and starts_with(sms, '+1'))"  # a number of the United States, Canada or the Caribbean
_TOLL_FREE = ", ".join(f"'{n}'" for n in (800, 833, 844, 855, 866, 877, 888))
# No exchange begins with 0 or 1, and 555 is nobody's; other numbers of one digit are somebody's pride.
_FILLERS = "'0000000', '1111111', '1234567', '5555555'"

_TESTS = {
    "placeholder-mobile": f"""case when {_NANP} then right(sms, 7) in ({_FILLERS}) or ltrim(sms[3:], sms[3]) = ''
        else ltrim({_DIGITS}, left({_DIGITS}, 1)) = '' or {_DIGITS} in ('1234567890', '0123456789', '123456789',
        '1234567') end""",
    "toll-free-mobile": f"{_NANP} and sms[3:5] in ({_TOLL_FREE})",
    "bad-mobile": f"not {_NANP} and not regexp_full_match(sms, '{_E164}')",
    "unassigned": f"{_NANP} and (sms[3] in ('0', '1') or sms[6] in ('0', '1'))",
    "fictional-mobile": f"{_NANP} and sms[6:10] = '55501'",
    "abroad": f"not {_NANP}",
}
_PREFIX = 7  # with so many characters of a number, its kind can be told nearly everywhere
_MOST = 20_000  # numbers that are looked at singly


def check(staging: Staging) -> None:
    """Empty the mobile numbers that can't be any; a landline becomes the home phone where there is none."""
    seen = found(staging, "incoming.people where keep and sms is not null", _TESTS)
    for code in ("placeholder-mobile", "toll-free-mobile", "bad-mobile"):
        if code in seen:
            _empty(staging, code, _TESTS[code])
    # A roster whose numbers are mostly such is itself made up, and need not be told so row by row.
    if "unassigned" in seen and _few(staging, "unassigned"):
        _empty(staging, "bad-mobile", _TESTS["unassigned"])
    if "fictional-mobile" in seen and _few(staging, "fictional-mobile"):
        fictional = f"keep and sms is not null and {_TESTS['fictional-mobile']}"
        report(staging, "fictional-mobile", f"select ref, 'sms', sms from incoming.person where {fictional}")
    if "abroad" in seen:
        _landlines(staging)


def _few(staging: Staging, test: str) -> bool:
    made_up = f"count(*) filter ({_TESTS[test]})"
    return bool(staging.one(f"select 2 * {made_up} <= count(*) from incoming.people where keep and sms is not null"))


def _empty(staging: Staging, code: str, condition: str) -> None:
    where = f"keep and sms is not null and ({condition})"
    report(staging, code, f"select ref, 'sms', sms from incoming.person where {where}")
    empty_field(staging, "sms", where)


def _landlines(staging: Staging) -> None:
    """Outside North America, landlines and mobiles have different numbers; the phonenumbers library knows which."""
    abroad = f"keep and sms is not null and not {_NANP}"
    samples = staging.rows(f"""
        select sms[1:{_PREFIX}] as prefix, strlen(sms) as length, min(sms), max(sms) from incoming.people where {abroad}
        group by prefix, length order by count(*) desc, prefix, length limit {_MOST}""")
    suspected = [(prefix, length) for prefix, length, low, high in samples if is_landline(low) or is_landline(high)]
    if not suspected:
        return
    staging.execute("create or replace table incoming.landline_prefixes (prefix varchar, length bigint)")
    staging.con.executemany("insert into incoming.landline_prefixes values (?, ?)", suspected)
    staging.execute(f"""create or replace table incoming.landlines as
        select distinct sms from incoming.people join incoming.landline_prefixes l
            on l.prefix = sms[1:{_PREFIX}] and l.length = strlen(sms)
        where {abroad}""")
    singly = staging.rows(f"select sms from incoming.landlines order by sms limit {_MOST}")
    if others := [(number,) for (number,) in singly if not is_landline(number)]:
        staging.con.executemany("delete from incoming.landlines where sms = ?", others)
    where = "keep and sms in (select sms from incoming.landlines)"
    if report(staging, "landline-in-sms", f"select ref, 'sms', sms from incoming.person where {where}"):
        staging.execute(f"update incoming.people set phone = coalesce(phone, sms), sms = null where {where}")


def is_landline(number: str) -> bool:
    """Whether an E.164 number is surely a landline."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE)
