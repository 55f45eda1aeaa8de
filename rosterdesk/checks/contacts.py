"""Checks of what people share: e-mail addresses and mobile numbers of several people, and one person written in
several ways."""

from __future__ import annotations

from rosterdesk.checks.catalogue import empty_field, found, report
from rosterdesk.staging import Staging

MANY = 20  # people of so many names with one address are no family; somebody filled it in
_WRITTEN = (
    r"(?i)(?:no[-_.]?e?[-_.]?mail|none|no|unknown|null|nil|n[/.]?a|nobody|no[-_.]?one|no[-_.]?reply|do[-_.]?not[-_.]?reply|x{2,}"
    r"|test|fake|dummy|sin[-_.]?correo)@.*"
)
_BEGINS = ", ".join(f"'{b}'" for b in ("no", "un", "nu", "ni", "na", "n/", "n.", "do", "xx", "te", "fa", "du", "si"))
_PLACEHOLDER = f"lower(left(email, 2)) in ({_BEGINS}) and regexp_full_match(email, '{_WRITTEN}')"
_FIELDS = {"email": "lower(email)", "sms": "sms"}

# Two rows that can hardly be two people: the same family name, and first names of which one begins with the other.
_ALIKE = "a.family = b.family and (starts_with(a.given, b.given) or starts_with(b.given, a.given))"
_EQUAL = (
    "a.given = b.given and a.family = b.family and a.email is not distinct from b.email and a.sms is not "
    "distinct from b.sms"
)


def check(staging: Staging) -> None:
    """Empty addresses that stand for none, and tell who shares one."""
    if "placeholder" in found(
        staging, "incoming.people where keep and email is not null", {"placeholder": _PLACEHOLDER}
    ):
        _empty(staging, "email", f"keep and email is not null and {_PLACEHOLDER}")
    if _group(staging):
        _crowds(staging)
        _sharing(staging)


def _empty(staging: Staging, field: str, where: str) -> None:
    code = {"email": "placeholder-email", "sms": "placeholder-mobile"}[field]
    if report(staging, code, f"select ref, '{field}', {field} from incoming.person where {where}"):
        empty_field(staging, field, where)


def _group(staging: Staging) -> int:
    """Make `incoming.shared_contacts` (field, key, n), the addresses and numbers that stand on several rows; return
    how many."""
    groups = " union all ".join(
        f"select '{field}' as field, hash({key}) as key, count(*) as n from incoming.people where keep and "
        f"{field} is not null group by all having n > 1"
        for field, key in _FIELDS.items()
    )
    staging.execute(f"create table incoming.shared_contacts as {groups}")
    return int(staging.one("select count(*) from incoming.shared_contacts"))


def _crowds(staging: Staging) -> None:
    for field, key in _FIELDS.items():
        crowd = f"select key from incoming.shared_contacts where field = '{field}' and n > {MANY}"
        if not staging.one(f"select count(*) from ({crowd})"):
            continue
        staging.execute(f"""create or replace table incoming.crowds as
            select hash({key}) as key from incoming.people
            where keep and {field} is not null and hash({key}) in ({crowd})
            group by key having count(distinct hash(lower(given_name), lower(family_name))) > {MANY}""")
        _empty(staging, field, f"keep and {field} is not null and hash({key}) in (select key from incoming.crowds)")


def _sharing(staging: Staging) -> None:
    rows = " union all ".join(
        f"""select no, ref, kind, coalesce(lower(given_name), '') as given, coalesce(lower(family_name), '') as family,
                   lower(email) as email, sms, '{field}' as field, {field} as value, hash({key}) as key
            from incoming.person where keep and {field} is not null
              and hash({key}) in (select key from incoming.shared_contacts where field = '{field}' and n <= {MANY})"""
        for field, key in _FIELDS.items()
    )
    staging.execute(f"create table incoming.sharing as {rows}")
    report(
        staging,
        "shared-student-email",
        """select ref, 'email', value from incoming.sharing
           where kind = 'student' and field = 'email'
             and key in (select key from incoming.sharing
                 where kind = 'student' and field = 'email' group by key having count(*) > 1)""",
    )
    # A student who has a parent's address is no news; grown-ups who share one are two accounts with one inbox.
    staging.execute(f"""create table incoming.pairs as
        select a.no, a.ref, a.field, a.value, {_ALIKE} as alike, {_EQUAL} as equal
        from incoming.sharing a join incoming.sharing b on b.key = a.key and b.field = a.field and b.no <> a.no
        where a.kind <> 'student' and b.kind <> 'student'""")
    first = "select any_value(ref), min(field), arg_min(value, field) from incoming.pairs"
    report(staging, "person-differs", f"{first} where alike and not equal group by no")
    report(staging, "shared-contact", f"{first} where not alike group by no")
    staging.execute("drop table incoming.pairs")
    staging.execute("drop table incoming.sharing")
