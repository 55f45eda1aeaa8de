"""The tables of the directory, once for both engines (SQLCipher and PostgreSQL). Migrations create and change them.

Every key begins with the district, so that one database can hold many districts and be distributed by it. `id` numbers
are unique within a district across all entities and never reused; a record with a `sis_id` is synced, one without is
manual. Archived records keep their enrollments and guardianships, so that restoring one loses nothing. There are no
foreign keys: each would be a look-up a row, twelve million in the first push of a large district, and the plan has
already proved them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

metadata = MetaData()

# Compared and sorted by its bytes on both engines, so that their exports are the same bytes.
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _key(*columns: Column[object]) -> list[Column[object]]:
    return [Column("district", Integer, primary_key=True, autoincrement=False), *columns]


def _record(*columns: Column[object]) -> list[Column[object]]:
    return _key(
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("sis_id", _TEXT),
        *columns,
        Column("status", _TEXT, nullable=False),  # active | archived
        Column("created_run", Integer, nullable=False),
    )


def _text(*names: str) -> list[Column[object]]:
    return [Column(name, _TEXT) for name in names]


districts = Table(
    "districts",
    metadata,
    Column("district", Integer, primary_key=True, autoincrement=False),
    Column("name", _TEXT, nullable=False),
    Column("generation", BigInteger, nullable=False),  # grows with every change of the district's records
    Column("next_id", BigInteger, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    *_key(
        Column("school", BigInteger, primary_key=True, autoincrement=False),  # 0: the whole district
        Column("name", _TEXT, primary_key=True),
        Column("value", _TEXT, nullable=False),
    ),
    sqlite_with_rowid=False,
)

schools = Table("schools", metadata, *_record(*_text("name", "type", "identifier")), sqlite_with_rowid=False)

classrooms = Table(
    "classrooms",
    metadata,
    *_record(*_text("title", "grade", "location", "period"), Column("school", BigInteger)),
    sqlite_with_rowid=False,
)

students = Table(
    "students",
    metadata,
    *_record(
        *_text(
            "given_name", "family_name", "middle_name", "preferred_name", "email", "grade", "student_number", "state_id"
        ),
        *_text("birth_date", "gender", "language"),
        Column("school", BigInteger),
        Column("account", BigInteger),
    ),
    sqlite_with_rowid=False,
)

staff = Table(
    "staff",
    metadata,
    *_record(
        *_text("given_name", "family_name", "middle_name", "email", "sms", "phone", "language", "role"),
        Column("school", BigInteger),
        Column("account", BigInteger),
    ),
    sqlite_with_rowid=False,
)

guardians = Table(
    "guardians",
    metadata,
    *_record(*_text("given_name", "family_name", "email", "sms", "phone", "language"), Column("account", BigInteger)),
    sqlite_with_rowid=False,
)

# A person's schools beside the first one, which stands in the record itself: nearly everybody has only that.
other_schools = Table(
    "other_schools",
    metadata,
    *_key(
        Column("person", BigInteger, primary_key=True, autoincrement=False),
        Column("school", BigInteger, primary_key=True, autoincrement=False),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

# Who can sign in. An account is made when its person becomes active or shares it with another of their roles; a person
# without one is an invitee.
accounts = Table(
    "accounts",
    metadata,
    *_key(Column("id", BigInteger, primary_key=True, autoincrement=False)),
    Column("state", _TEXT, nullable=False),  # invitee | active
    Column("created_run", Integer, nullable=False),
)

enrollments = Table(
    "enrollments",
    metadata,
    *_key(
        Column("classroom", BigInteger, primary_key=True, autoincrement=False),
        Column("person", BigInteger, primary_key=True, autoincrement=False),
        Column("role", _TEXT, primary_key=True),  # student | teacher
        Column("is_primary", SmallInteger, nullable=False),
        Column("synced", SmallInteger, nullable=False),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

guardianships = Table(
    "guardianships",
    metadata,
    *_key(
        Column("student", BigInteger, primary_key=True, autoincrement=False),
        Column("guardian", BigInteger, primary_key=True, autoincrement=False),
        Column("relationship", _TEXT),
        Column("synced", SmallInteger, nullable=False),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

attributes = Table(
    "attributes",
    metadata,
    *_key(
        Column("student", BigInteger, primary_key=True, autoincrement=False),
        Column("name", _TEXT, primary_key=True),
        Column("value", _TEXT),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

# Fields of synced records that a person has set by hand: a sync keeps them or tells that it does not. The field
# `status` stands for a classroom that a person archived.
hand_edits = Table(
    "hand_edits",
    metadata,
    *_key(
        Column("subject", BigInteger, primary_key=True, autoincrement=False),
        Column("field", _TEXT, primary_key=True),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

# With a student's code a family joins by itself.
join_codes = Table(
    "join_codes",
    metadata,
    *_key(
        Column("student", BigInteger, primary_key=True, autoincrement=False),
        Column("code", _TEXT, nullable=False),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

# What a person at the keyboard may do, and where. `person` is their own record in the directory, if they have one.
grants = Table(
    "grants",
    metadata,
    *_key(
        Column("who", _TEXT, primary_key=True),
        Column("permission", _TEXT, primary_key=True),
        Column("school", BigInteger, primary_key=True, autoincrement=False),  # 0: the whole district
        Column("person", BigInteger),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

runs = Table(
    "runs",
    metadata,
    *_key(Column("run", Integer, primary_key=True, autoincrement=False)),
    Column("kind", _TEXT, nullable=False),  # push | undo | import | edit
    Column("state", _TEXT, nullable=False),  # done | held | undone
    Column("started", _TEXT, nullable=False),  # ISO 8601, UTC
    Column("finished", _TEXT),
    Column("who", _TEXT, nullable=False),
    Column("source", _TEXT, nullable=False),
    Column("digest", _TEXT, nullable=False),
    Column("counts", _TEXT, nullable=False),  # JSON
    Column("problems", _TEXT, nullable=False),  # JSON
    Column("undoes", Integer),
    Column("why", _TEXT),
)

# What a run changed or removed, as it was before and is after (JSON). What a run created says so itself in
# `created_run`.
changes = Table(
    "changes",
    metadata,
    *_key(
        Column("run", Integer, primary_key=True, autoincrement=False),
        Column("number", Integer, primary_key=True, autoincrement=False),
    ),
    Column("entity", _TEXT, nullable=False),
    Column("record", BigInteger, nullable=False),  # the record's id; of a link, the classroom's or student's
    Column("action", _TEXT, nullable=False),  # update | archive | restore | remove
    Column("before", _TEXT),
    Column("after", _TEXT),
    sqlite_with_rowid=False,
)

# The synced records once more, by columns (Parquet), for planning; written in the transaction that changes the records.
# `generation` says of which state it is the image; every other writer deletes it, and the next plan makes it anew.
snapshot = Table(
    "snapshot",
    metadata,
    *_key(
        Column("name", _TEXT, primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
    ),
    Column("generation", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

RECORDS: dict[str, Table] = {
    "schools": schools,
    "classrooms": classrooms,
    "students": students,
    "staff": staff,
    "guardians": guardians,
}

# Every link: its columns that name records, and the tables in one of which each is.
LINKS: dict[str, dict[str, tuple[str, ...]]] = {
    "enrollments": {"classroom": ("classrooms",), "person": ("students", "staff")},
    "guardianships": {"student": ("students",), "guardian": ("guardians",)},
    "other_schools": {"person": ("students", "staff"), "school": ("schools",)},
    "attributes": {"student": ("students",)},
    "join_codes": {"student": ("students",)},
    "hand_edits": {"subject": tuple(RECORDS)},
}

for _name, _table in RECORDS.items():
    Index(f"{_name}_sis_id", _table.c.district, _table.c.sis_id, unique=True)
Index("enrollments_person", enrollments.c.district, enrollments.c.person)
Index("guardianships_guardian", guardianships.c.district, guardianships.c.guardian)
Index("join_codes_code", join_codes.c.district, join_codes.c.code, unique=True)
Index("changes_record", changes.c.district, changes.c.record)
