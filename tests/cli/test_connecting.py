"""Testing connections from the command line, on a real SFTP server: as an outlet, and without the user's session."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rosterdesk import connections
from rosterdesk.cli import run as command
from rosterdesk.connections import Part, Said, Verdict
from rosterdesk.errors import Cancelled
from rosterdesk.jobs.alone import alone, line_of, said_in
from rosterdesk.jobs.schedulers import Command
from rosterdesk.run import Run
from tests.servers.openssh import OpenSSH


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = command(["connections", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def sentences(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["verdict"], one["sentence"]) for one in result["said"]]


@pytest.fixture
def agent(openssh: OpenSSH, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real SSH agent that holds the user's key."""
    said = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    told = dict(part.split("=", 1) for part in said.replace("\n", "").split(";") if "=" in part)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    try:
        subprocess.run(["ssh-add", "-q", str(openssh.key)], check=True, capture_output=True)
        yield
    finally:
        os.kill(int(told["SSH_AGENT_PID"]), 15)


def test_an_outlet_is_tried_as_a_delivery_uses_it(capsys: pytest.CaptureFixture[str], openssh: OpenSSH) -> None:
    folder = openssh.new_folder()
    openssh.put(f"{folder.name}/answer.txt", b"theirs")
    connections.save(openssh.connection(folder))
    code, result = call(capsys, "test", "far", "--outlet")
    assert (code, result["good"]) == (0, True)
    assert [sentence for _, sentence in sentences(result)[:4]] == [
        f"127.0.0.1 is reached, and {openssh.user} is signed in.",
        f"The folder {folder} holds 1 file now.",
        f"The folder {folder} takes files, and they can be renamed and replaced.",
        "A new set of files takes the place of the earlier one in one step.",
    ]
    assert sentences(result)[4][1].startswith("There is room for ")
    assert [path.name for path in folder.iterdir()] == ["answer.txt"]
    folder.chmod(0o555)
    code, result = call(capsys, "test", "far", "--outlet")
    assert (code, result["good"]) == (4, False)
    verdict, sentence = sentences(result)[-1]
    assert verdict == "bad"
    assert sentence.startswith(f"The folder {folder} on 127.0.0.1 may not be written to by {openssh.user}. Ask the ")


def test_a_connection_that_was_added_as_an_outlet_is_tried_as_one(
    capsys: pytest.CaptureFixture[str], openssh: OpenSSH
) -> None:
    folder = openssh.new_folder()  # with no file in it, it would be no source
    options = openssh.connection(folder).options.items()
    given = [part for name, value in options for part in ("--option", f"{name}={value}")]
    add = ("add", "out", "--kind", "sftp", "--address", "127.0.0.1", "--no-secret", "--outlet", *given)
    code, result = call(capsys, *add)
    assert (code, result["saved"]) == (0, True)
    assert call(capsys, "test", "out")[0] == 0
    assert connections.load("out").options["use"] == "outlet"
    code, result = call(capsys, "add", "x", "--kind", "clever", "--outlet", "--no-secret", "--no-test")
    assert (code, result["error"]["title"]) == (2, "The connection x is a source: nothing can be delivered there.")


def test_a_key_file_works_without_a_session(capsys: pytest.CaptureFixture[str], openssh: OpenSSH) -> None:
    folder = openssh.new_folder()
    connections.save(openssh.connection(folder))
    code, result = call(capsys, "test", "far", "--outlet", "--unattended")
    assert (code, result["good"], result["unattended"]) == (0, True, True)
    assert sentences(result)[0] == ("good", f"127.0.0.1 is reached, and {openssh.user} is signed in.")


@pytest.mark.usefixtures("agent")
def test_an_agent_works_by_day_and_not_by_night(capsys: pytest.CaptureFixture[str], openssh: OpenSSH) -> None:
    connections.save(openssh.connection(openssh.new_folder(), key_file="", agent="yes"))
    assert call(capsys, "test", "far", "--outlet")[0] == 0
    code, result = call(capsys, "test", "far", "--outlet", "--unattended")
    assert (code, result["good"]) == (4, False)
    assert "The SSH agent belongs to your session" in sentences(result)[-1][1]


def test_a_secret_that_only_this_process_has_is_missed(capsys: pytest.CaptureFixture[str], openssh: OpenSSH) -> None:
    if not openssh.password:
        pytest.skip("signing in with a password needs libnss-wrapper")
    folder = openssh.new_folder()
    connections.save(openssh.connection(folder, key_file=""), {Part.PASSWORD: openssh.password})
    assert call(capsys, "test", "far", "--outlet")[0] == 0
    code, result = call(capsys, "test", "far", "--outlet", "--unattended")
    assert code in (2, 6)  # the keyring of the machine has no such secret, or there is no keyring at all
    assert result["good"] is False


def test_it_can_be_stopped(tmp_path: Path) -> None:
    """A process that would never end, ends with the run."""
    program = tmp_path / "slow"
    program.write_text("#!/bin/sh\nsleep 600\n")
    program.chmod(0o755)
    run = Run()
    run.cancel()
    with pytest.raises(Cancelled):
        alone(Command(str(program), ("run",), {}), (), run)


def test_what_it_says_is_heard_before_it_ends(tmp_path: Path) -> None:
    program = tmp_path / "slow"
    program.write_text("#!/bin/sh\necho 'ok   It is reached.' >&2\necho 'Something else.' >&2\nsleep 600\n")
    program.chmod(0o755)
    run, heard = Run(), list[str]()

    def hears(line: str) -> None:
        heard.append(line)
        if len(heard) == 2:
            run.cancel()

    with pytest.raises(Cancelled):
        alone(Command(str(program), ("run",), {}), (), run, hears)
    assert [said_in(line) for line in heard] == [Said(Verdict.GOOD, "It is reached."), None]
    assert line_of(Said(Verdict.GOOD, "It is reached.")) == heard[0]


def test_each_sentence_is_a_line(capsys: pytest.CaptureFixture[str], openssh: OpenSSH) -> None:
    connections.save(openssh.connection(openssh.new_folder()))
    assert command(["connections", "test", "far", "--outlet"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"ok   127.0.0.1 is reached, and {openssh.user} is signed in."
    assert sum(line.startswith("ok   ") for line in said) >= 3
