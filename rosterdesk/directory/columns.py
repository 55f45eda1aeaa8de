"""What the tables of the directory are made of: the metadata that holds them, and the columns that many have."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Text

metadata = MetaData()

# Compared and sorted by its bytes on both engines, so that their exports are the same bytes.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def key(*columns: Column[object]) -> list[Column[object]]:
    return [Column("district", Integer, primary_key=True, autoincrement=False), *columns]


def record(*columns: Column[object]) -> list[Column[object]]:
    return key(
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("sis_id", TEXT),
        *columns,
        Column("status", TEXT, nullable=False),  # active | archived
        Column("created_run", Integer, nullable=False),
    )


def text(*names: str) -> list[Column[object]]:
    return [Column(name, TEXT) for name in names]
