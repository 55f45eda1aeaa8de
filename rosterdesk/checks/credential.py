"""Which of the two phone columns people sign in and are reached with, where a district says that it is `phone`.

All checks of mobile numbers are about the field `sms`. So the two columns change places before such a roster is checked
once more, and the two fields after it: what is stored is what the source says, and what was checked is what is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rosterdesk.checks.entries.reading import ENTRIES as READING
from rosterdesk.model import Mapping
from rosterdesk.staging import Staging, fingerprint, literal

_OTHER = {"sms": "phone", "phone": "sms"}
_TURNED = "case field when 'sms' then 'phone' when 'phone' then 'sms' else field end"


def exchanged(mapping: Mapping) -> Mapping:
    """The mapping with the columns of the two numbers in each other's place."""
    tables = [
        replace(table, fields={_OTHER.get(name, name): field for name, field in table.fields.items()})
        for table in mapping.tables
    ]
    return replace(mapping, tables=tuple(tables))


def forget(staging: Staging) -> None:
    """Take back what was found by checking; what was found by reading stays."""
    staging.execute("drop schema incoming cascade")
    staging.execute("create schema incoming")
    staging.execute(f"delete from problems where code not in ({_listed(sorted(READING))})")


def put_back(staging: Staging) -> None:
    """Give each number its own field again, once the exchanged roster is checked."""
    staging.execute("update incoming.people set sms = phone, phone = sms where sms is not null or phone is not null")
    for kind, entity in (("staff", "staff"), ("guardian", "guardians")):
        staging.execute(f"update incoming.people set fingerprint = {fingerprint(entity)} where kind = {literal(kind)}")
    for table in ("incoming.emptied", "incoming.told"):
        staging.execute(f"update {table} set field = {_TURNED} where field in ({_listed(list(_OTHER))})")


def _listed(words: Sequence[str]) -> str:
    return ", ".join(literal(word) for word in words)
