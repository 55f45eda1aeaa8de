"""Bytes to encodings: marks, proofs, and likelihood between code pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk.sources.encoding import ERRORS, MARK, Encoding, detect

NAMES = "id,name\r\n1,José Muñoz\r\n2,Zoë Ångström\r\n"


@pytest.mark.parametrize(
    ("codec", "expected"),
    [
        ("utf-8", Encoding("utf-8")),
        ("utf-8-sig", Encoding("utf-8-sig")),
        ("utf-16", Encoding("utf-16")),
        ("utf-16-le", Encoding("utf-16-le", guessed=True)),
        ("utf-16-be", Encoding("utf-16-be", guessed=True)),
        ("utf-32", Encoding("utf-32")),
        ("cp1252", Encoding("cp1252", guessed=True)),
        ("latin-1", Encoding("cp1252", guessed=True)),
        ("mac_roman", Encoding("mac_roman", guessed=True)),
        ("cp850", Encoding("cp850", guessed=True)),
    ],
)
def test_what_was_written_is_found_again(codec: str, expected: Encoding) -> None:
    data = NAMES.encode(codec)
    found = detect(data)
    assert found == expected
    assert data.decode(found.name) == NAMES


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"O\x92Malley", "O’Malley"),  # the apostrophe that Latin-1 would turn into a control character
        (b"she said \x93hi\x94", "she said “hi”"),
        (b"Mary\x97Ann \x80 5", "Mary—Ann € 5"),
    ],
)
def test_windows_1252_wins_over_latin_1(data: bytes, name: str) -> None:
    found = detect(b"id,name\n1," + data + b"\n")
    assert found == Encoding("cp1252", guessed=True)
    assert data.decode(found.name) == name


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"O\xd5Malley", "O’Malley"), (b"Jos\x8e", "José"), (b"Mu\x96oz", "Muñoz"), (b"Fran\x8dois", "François")],
)
def test_excel_for_mac_is_told_from_windows(data: bytes, name: str) -> None:
    assert data.decode(detect(b"id,name\n1," + data + b"\n").name) == name


def test_other_alphabets() -> None:
    text = "номер,имя\n1,Анна Петрова\n2,Мария Иванова\n3,Сергей Кузнецов\n4,Ольга Смирнова\n"
    data = text.encode("cp1251")
    assert data.decode(detect(data).name) == text


def test_a_few_strange_bytes_do_not_turn_utf8_into_another_page() -> None:
    data = "1,José\n2,Muñoz\n".encode() + b"3,O\x92Malley\n4,\x81\n"
    assert detect(data) == Encoding("utf-8", mixed=True)
    assert data.decode("utf-8", ERRORS) == f"1,José\n2,Muñoz\n3,O{MARK}’Malley\n4,{MARK}\x81\n"


def test_a_strange_byte_late_in_a_large_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes(b"1,Anna\n" * 400_000 + b"2,Jos\xe9\n")
    assert detect(path) == Encoding("cp1252", guessed=True)


def test_a_letter_cut_by_the_end_of_a_piece_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"x" * ((1 << 20) - 1) + "é".encode() + b"\n")
    assert detect(path) == Encoding("utf-8")


@pytest.mark.parametrize("data", [b"", b"\n", b"id,na\0me\n1,\0\0\n"])
def test_nothing_and_a_few_nuls_are_utf8(data: bytes) -> None:
    assert detect(data) == Encoding("utf-8", nuls=b"\0" in data)


def test_every_byte_has_a_reading() -> None:
    data = bytes(range(256))
    assert data.decode(detect(data).name, ERRORS)
