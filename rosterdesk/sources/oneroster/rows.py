"""OneRoster's JSON records as rows of the CSV binding, so that they go the way of files.

Reads what servers really send: references as objects, as links alone, as plain text, as null; lists that are single
values; true as "true", true and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from rosterdesk.sources.tablefile import items, text

Record = Mapping[str, Any]
_BASE = ("sourcedId", "status", "dateLastModified")
# What nearly every cell of its column is: looked up before anything is worked out.
_TRUTH = {"true": "true", "false": "false"}
_PLAIN_STATUS = frozenset({"active", "tobedeleted"})


def ref(value: Any) -> str:
    """The sourcedId that a reference means, or nothing."""
    if isinstance(value, list):
        return next((found for item in value if (found := ref(item))), "")
    if isinstance(value, dict):
        if found := text(value.get("sourcedId")):
            return found
        href = value.get("href")
        return unquote(href.split("?")[0].rstrip("/").rsplit("/", 1)[-1]) if isinstance(href, str) else ""
    return text(value)


def refs(value: Any) -> str:
    """The sourcedIds that references mean, as a list in one cell."""
    if value.__class__ is list:
        if not value:
            return ""
        if len(value) == 1:
            one = value[0]
            if one.__class__ is dict and (own := one.get("sourcedId")).__class__ is str and own:
                return str(own)
            return ref(one)
    return ",".join(found for item in items(value) if (found := ref(item)))


def words(value: Any) -> str:
    """A list of texts in one cell."""
    if value.__class__ is list and len(value) == 1 and value[0].__class__ is str:
        return str(value[0])
    return ",".join(text(item) for item in items(value))


def truth(value: Any) -> str:
    """ "true" or "false" where it is one of these in any spelling; else the text as it is."""
    if value.__class__ is str and (known := _TRUTH.get(value)):
        return known
    found = text(value).strip().lower()
    return {"1": "true", "1.0": "true", "yes": "true", "0": "false", "0.0": "false", "no": "false"}.get(found, found)


def ids(value: Any) -> str:
    """userIds as the CSV binding writes them: {type:identifier},{type:identifier}."""
    if value.__class__ is list and len(value) == 1 and value[0].__class__ is dict:
        one = value[0]
        return f"{{{text(one.get('type'))}:{text(one.get('identifier'))}}}"
    return ",".join(
        f"{{{text(item.get('type'))}:{text(item.get('identifier'))}}}" if isinstance(item, dict) else text(item)
        for item in items(value)
    )


@dataclass(frozen=True, slots=True)
class Table:
    """How records become rows: `keys` gives for each column the JSON key and what turns its value, `made` the columns
    that take more than one key. Text is taken as it is but for the columns in `spelt`.
    """

    keys: Mapping[str, tuple[str, Callable[[Any], str]]]
    made: Mapping[str, Callable[[Record], str]] = field(default_factory=dict)
    spelt: frozenset[str] = frozenset({"status", "enabledUser", "primary"})

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.keys, *self.made)

    def rows(self, records: Iterable[Record]) -> list[list[str]]:
        """A row for each record. The inner loop: a district has millions of cells, nearly all of them plain text."""
        cells = [(key, turn, column not in self.spelt) for column, (key, turn) in self.keys.items()]
        made = tuple(self.made.values())
        found = []
        for record in records:
            get = record.get
            row = [
                value if (value := get(key)).__class__ is str and plain else "" if value is None else turn(value)
                for key, turn, plain in cells
            ]
            found.append([*row, *(turn(record) for turn in made)] if made else row)
        return found


def _status(value: Any) -> str:
    if value.__class__ is str and value in _PLAIN_STATUS:
        return str(value)
    return text(value).strip().lower()


def _language(record: Record) -> str:
    if not (extra := record.get("metadata")):
        return text(record.get("language"))
    extra = extra if isinstance(extra, dict) else {}
    return text(extra.get("language") or extra.get("homeLanguage") or record.get("language"))


def role_of(record: Record) -> str:
    """The role of a 1.1 user; of a 1.2 user who strayed in, the primary one."""
    if role := text(record.get("role")):
        return role
    several = [r for r in items(record.get("roles")) if isinstance(r, dict)]
    several.sort(key=lambda r: text(r.get("roleType")) != "primary")
    return text(several[0].get("role")) if several else ""


def orgs_of(record: Record) -> str:
    """The schools of a 1.1 user, or those of a 1.2 user's roles."""
    if found := refs(record.get("orgs")):
        return found
    several = [
        ref(record.get("primaryOrg")),
        *(ref(r.get("org")) for r in items(record.get("roles")) if isinstance(r, dict)),
    ]
    return ",".join(dict.fromkeys(org for org in several if org))


# In 1.2 the role and the schools of a person stand in a table of their own.


def _plain(*columns: str) -> dict[str, tuple[str, Callable[[Any], str]]]:
    return {column: (column, text) for column in columns}


_COMMON = {**_plain("sourcedId"), "status": ("status", _status), **_plain("dateLastModified")}
_PERSON = {
    **_COMMON,
    "enabledUser": ("enabledUser", truth),
    **_plain("username", "givenName", "familyName", "middleName", "identifier", "email", "sms", "phone"),
    "userIds": ("userIds", ids),
    "agentSourcedIds": ("agents", refs),
    "grades": ("grades", words),
}
_NAMED = {
    "preferredGivenName": lambda r: text(r.get("preferredFirstName") or r.get("preferredGivenName")),
    "language": _language,
}

TABLES: Mapping[str, Table] = {
    "orgs": Table({**_COMMON, **_plain("name", "type", "identifier"), "parentSourcedId": ("parent", ref)}),
    "academicSessions": Table(
        {
            **_COMMON,
            **_plain("title", "type", "startDate", "endDate"),
            "parentSourcedId": ("parent", ref),
            **_plain("schoolYear"),
        }
    ),
    "classes": Table(
        {
            **_COMMON,
            **_plain("title", "classCode", "classType", "location"),
            "grades": ("grades", words),
            "courseSourcedId": ("course", ref),
            "schoolSourcedId": ("school", ref),
            "termSourcedIds": ("terms", refs),
            "subjects": ("subjects", words),
        },
        {"periods": lambda r: words(r.get("periods") if r.get("periods") is not None else r.get("period"))},
    ),
    "users": Table(_PERSON, {**_NAMED, "orgSourcedIds": orgs_of, "role": role_of}),
    "enrollments": Table(
        {
            **_COMMON,
            "classSourcedId": ("class", ref),
            "schoolSourcedId": ("school", ref),
            "userSourcedId": ("user", ref),
            **_plain("role"),
            "primary": ("primary", truth),
            **_plain("beginDate", "endDate"),
        }
    ),
    "demographics": Table(
        {**_COMMON, **_plain("sex")}, {"birthDate": lambda r: text(r.get("birthDate") or r.get("birthdate"))}
    ),
}
# In 1.2 the role and the schools of a person stand in a table of their own.
USERS_12 = Table(
    {**_PERSON, **_plain("userMasterIdentifier"), "primaryOrgSourcedId": ("primaryOrg", ref)},
    _NAMED,
)
ROLES = (*_BASE, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId")


def roles_of(record: Record) -> Iterator[list[str]]:
    """The rows of roles.csv that a 1.2 user makes; those of a 1.1 user come from its role and orgs."""
    who = text(record.get("sourcedId"))
    status, changed = _status(record.get("status")), text(record.get("dateLastModified"))
    several = [r for r in items(record.get("roles")) if isinstance(r, dict)]
    if not several and record.get("role"):
        several = [
            {"role": record["role"], "roleType": "primary" if not n else "secondary", "org": org}
            for n, org in enumerate(items(record.get("orgs")) or [None])
        ]
    for number, role in enumerate(several):
        yield [
            f"{who}:{number}",
            status,
            changed,
            who,
            text(role.get("roleType")),
            text(role.get("role")),
            text(role.get("beginDate")),
            text(role.get("endDate")),
            ref(role.get("org")),
        ]
