"""The tables of what was done: runs, what each of them changed and delivered, and the snapshot that the last one left.

`schema` has them too, beside the records; everybody takes them from there.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table

from rosterdesk.directory.columns import TEXT, key, metadata

runs = Table(
    "runs",
    metadata,
    *key(Column("run", Integer, primary_key=True, autoincrement=False)),
    Column("kind", TEXT, nullable=False),  # push | undo | import | edit | merge | unmerge
    Column("state", TEXT, nullable=False),  # done | held | undone
    Column("started", TEXT, nullable=False),  # ISO 8601, UTC
    Column("finished", TEXT),
    Column("who", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("counts", TEXT, nullable=False),  # JSON
    Column("problems", TEXT, nullable=False),  # JSON
    Column("undoes", Integer),
    Column("why", TEXT),
    Column("job", TEXT),
    Column("machine", TEXT),  # user@host, where the run was made first: its receipt is there
    Column("forgotten", TEXT),  # why its history is no longer whole, so that it can't be taken back
)

# What a run did, or would do, at each school (JSON), for those runs that are asked about it later: those of jobs, from
# which is learned what is usual, and held ones, of which a person may let some schools through.
run_schools = Table(
    "run_schools",
    metadata,
    *key(Column("run", Integer, primary_key=True, autoincrement=False)),
    Column("counts", TEXT, nullable=False),
)

# Which files a run has brought to an outlet (JSON: name, rows, SHA-256 of each).
deliveries = Table(
    "deliveries",
    metadata,
    *key(Column("run", Integer, primary_key=True, autoincrement=False)),
    Column("outlet", TEXT, nullable=False),
    Column("layout", TEXT, nullable=False),
    Column("zipped", SmallInteger, nullable=False),
    Column("files", TEXT, nullable=False),
)

# What a run changed or removed, as it was before and is after (JSON). What a run created says so itself in
# `created_run`.
changes = Table(
    "changes",
    metadata,
    *key(
        Column("run", Integer, primary_key=True, autoincrement=False),
        Column("number", Integer, primary_key=True, autoincrement=False),
    ),
    Column("entity", TEXT, nullable=False),
    Column("record", BigInteger, nullable=False),  # the record's id; of a link, the classroom's or student's
    Column("action", TEXT, nullable=False),  # update | archive | restore | remove
    Column("before", TEXT),
    Column("after", TEXT),
    sqlite_with_rowid=False,
)

# The synced records once more, by columns (Parquet), for planning; written in the transaction that changes the records.
# `generation` says of which state it is the image; every other writer deletes it, and the next plan makes it anew.
snapshot = Table(
    "snapshot",
    metadata,
    *key(
        Column("name", TEXT, primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
    ),
    Column("generation", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

Index("changes_record", changes.c.district, changes.c.record)
Index("runs_job", runs.c.district, runs.c.job, runs.c.run)
