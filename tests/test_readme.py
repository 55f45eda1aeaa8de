"""The README keeps its word: its first two commands, and a line for every command there is and for none that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def lines(block: str) -> list[str]:
    return [line.split(" #")[0].strip() for line in block.splitlines() if line.strip()]


def commands(group: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
    """The full name of every command of the program, without those that are hidden."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*before, name))
        elif not command.hidden:
            yield " ".join((*before, name))


@pytest.fixture(scope="module")
def known() -> set[str]:
    from rosterdesk.cli import program

    return set(commands(typer.main.get_command(program())))


@pytest.fixture(scope="module")
def told() -> list[str]:
    return [line for block in BLOCKS for line in lines(block) if line.startswith("rosterdesk ")]


def test_the_first_two_commands_start_and_test() -> None:
    assert lines(BLOCKS[0]) == ["resources/start.sh", "resources/test.sh"]
    assert README.index(BLOCKS[0]) < 40, "they come before everything else"


def test_every_command_has_a_line(known: set[str], told: list[str]) -> None:
    """Of a large group, a line that leads to the group's own help is enough."""
    groups = {line.removeprefix("rosterdesk ").partition(" --help")[0] for line in told if " --help" in line}
    assert [
        name
        for name in sorted(known)
        if not any(f"{line} ".startswith(f"rosterdesk {name} ") for line in told)
        and name.rpartition(" ")[0] not in groups
    ] == []


def test_no_line_promises_a_command_that_is_not_there(known: set[str], told: list[str]) -> None:
    groups = {f"{name.rpartition(' ')[0]} --help" for name in known}
    assert [
        line for line in told if not any(f"{line} ".startswith(f"rosterdesk {name} ") for name in known | groups)
    ] == []


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
