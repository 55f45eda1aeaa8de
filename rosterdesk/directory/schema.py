"""The tables of the directory, once for both engines (SQLCipher and PostgreSQL). Migrations create and change them.

Every key begins with the district, so that one database can hold many districts and be distributed by it. `id` numbers
are unique within a district across all entities and never reused; a record with a `sis_id` is synced, one without is
manual. Archived records keep their enrollments and guardianships, so that restoring one loses nothing. There are no
foreign keys: each would be a look-up a row, twelve million in the first push of a large district, and the plan has
already proved them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table

from rosterdesk.directory.columns import TEXT, key, metadata, record, text
from rosterdesk.directory.runtables import changes, deliveries, run_schools, runs, snapshot

__all__ = [
    "LINKS",
    "PEOPLE",
    "RECORDS",
    "accounts",
    "attributes",
    "changes",
    "classrooms",
    "decisions",
    "deliveries",
    "districts",
    "enrollments",
    "grants",
    "guardians",
    "guardianships",
    "hand_edits",
    "join_codes",
    "merges",
    "metadata",
    "other_schools",
    "run_schools",
    "runs",
    "schools",
    "settings",
    "snapshot",
    "staff",
    "students",
]

districts = Table(
    "districts",
    metadata,
    Column("district", Integer, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False),
    Column("generation", BigInteger, nullable=False),  # grows with every change of the district's records
    Column("next_id", BigInteger, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    *key(
        Column("school", BigInteger, primary_key=True, autoincrement=False),  # 0: the whole district
        Column("name", TEXT, primary_key=True),
        Column("value", TEXT, nullable=False),
    ),
    sqlite_with_rowid=False,
)

schools = Table("schools", metadata, *record(*text("name", "type", "identifier")), sqlite_with_rowid=False)

classrooms = Table(
    "classrooms",
    metadata,
    *record(*text("title", "grade", "location", "period"), Column("school", BigInteger)),
    sqlite_with_rowid=False,
)

students = Table(
    "students",
    metadata,
    *record(
        *text(
            "given_name", "family_name", "middle_name", "preferred_name", "email", "grade", "student_number", "state_id"
        ),
        *text("birth_date", "gender", "language"),
        Column("school", BigInteger),
        Column("account", BigInteger),
    ),
    sqlite_with_rowid=False,
)

staff = Table(
    "staff",
    metadata,
    *record(
        *text("given_name", "family_name", "middle_name", "email", "sms", "phone", "language", "role"),
        Column("school", BigInteger),
        Column("account", BigInteger),
    ),
    sqlite_with_rowid=False,
)

guardians = Table(
    "guardians",
    metadata,
    *record(*text("given_name", "family_name", "email", "sms", "phone", "language"), Column("account", BigInteger)),
    sqlite_with_rowid=False,
)

# A person's schools beside the first one, which stands in the record itself: nearly everybody has only that.
other_schools = Table(
    "other_schools",
    metadata,
    *key(
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
    *key(Column("id", BigInteger, primary_key=True, autoincrement=False)),
    Column("state", TEXT, nullable=False),  # invitee | active
    Column("created_run", Integer, nullable=False),
)

enrollments = Table(
    "enrollments",
    metadata,
    *key(
        Column("classroom", BigInteger, primary_key=True, autoincrement=False),
        Column("person", BigInteger, primary_key=True, autoincrement=False),
        Column("role", TEXT, primary_key=True),  # student | teacher
        Column("is_primary", SmallInteger, nullable=False),
        Column("synced", SmallInteger, nullable=False),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

guardianships = Table(
    "guardianships",
    metadata,
    *key(
        Column("student", BigInteger, primary_key=True, autoincrement=False),
        Column("guardian", BigInteger, primary_key=True, autoincrement=False),
        Column("relationship", TEXT),
        Column("synced", SmallInteger, nullable=False),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

attributes = Table(
    "attributes",
    metadata,
    *key(
        Column("student", BigInteger, primary_key=True, autoincrement=False),
        Column("name", TEXT, primary_key=True),
        Column("value", TEXT),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

# Fields of synced records that a person has set by hand: a sync keeps them or tells that it does not. The field
# `status` stands for a classroom that a person archived.
hand_edits = Table(
    "hand_edits",
    metadata,
    *key(
        Column("subject", BigInteger, primary_key=True, autoincrement=False),
        Column("field", TEXT, primary_key=True),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

# With a student's code a family joins by itself.
join_codes = Table(
    "join_codes",
    metadata,
    *key(
        Column("student", BigInteger, primary_key=True, autoincrement=False),
        Column("code", TEXT, nullable=False),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

# What a person at the keyboard may do, and where. `person` is their own record in the directory, if they have one.
grants = Table(
    "grants",
    metadata,
    *key(
        Column("who", TEXT, primary_key=True),
        Column("permission", TEXT, primary_key=True),
        Column("school", BigInteger, primary_key=True, autoincrement=False),  # 0: the whole district
        Column("person", BigInteger),
        Column("created_run", Integer, nullable=False),
    ),
    sqlite_with_rowid=False,
)

# Two records that are one: what the absorbed one had has moved to the survivor, and stands in `moved` (JSON; None where
# it isn't known, after an import), so that it can be taken back at any time.
merges = Table(
    "merges",
    metadata,
    *key(Column("absorbed", BigInteger, primary_key=True, autoincrement=False)),
    Column("survivor", BigInteger, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("moved", TEXT),
    Column("created_run", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What people have said of a pair that was proposed, for ever: same | different | later. The one of the SIS is named by
# its ID, since it may not be in the directory yet.
decisions = Table(
    "decisions",
    metadata,
    *key(
        Column("candidate", BigInteger, primary_key=True, autoincrement=False),
        Column("incoming", TEXT, primary_key=True),
    ),
    Column("entity", TEXT, nullable=False),
    Column("decision", TEXT, nullable=False),
    Column("decided", TEXT),  # ISO 8601, UTC
    Column("who", TEXT),
    Column("created_run", Integer, nullable=False),  # 0, but for those that an import brought
    Column("choices", TEXT),  # JSON object: field -> survivor or absorbed, where a person chose
    sqlite_with_rowid=False,
)

RECORDS: dict[str, Table] = {
    "schools": schools,
    "classrooms": classrooms,
    "students": students,
    "staff": staff,
    "guardians": guardians,
}

PEOPLE = ("students", "staff", "guardians")

# Every link: its columns that name records, and the tables in one of which each is.
LINKS: dict[str, dict[str, tuple[str, ...]]] = {
    "enrollments": {"classroom": ("classrooms",), "person": ("students", "staff")},
    "guardianships": {"student": ("students",), "guardian": ("guardians",)},
    "other_schools": {"person": ("students", "staff"), "school": ("schools",)},
    "attributes": {"student": ("students",)},
    "join_codes": {"student": ("students",)},
    "hand_edits": {"subject": tuple(RECORDS)},
    "merges": {"absorbed": PEOPLE, "survivor": PEOPLE},
    "decisions": {"candidate": PEOPLE},
}

for _name, _table in RECORDS.items():
    Index(f"{_name}_sis_id", _table.c.district, _table.c.sis_id, unique=True)
Index("enrollments_person", enrollments.c.district, enrollments.c.person)
Index("guardianships_guardian", guardianships.c.district, guardianships.c.guardian)
Index("join_codes_code", join_codes.c.district, join_codes.c.code, unique=True)
Index("merges_survivor", merges.c.district, merges.c.survivor)
