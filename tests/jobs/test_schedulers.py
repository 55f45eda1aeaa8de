"""What the systems' schedulers are told, compared with their documented forms."""

from __future__ import annotations

import os
import plistlib
import shutil
import stat
import subprocess
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from rosterdesk.errors import UsageError
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.schedulers import Command, cron, launchd, systemd, windows

JOB = Job("nightly", ("/srv/export",), minutes=50, schedule=schedule("02:00,14:30", "mon-fri", wake=True))
DAILY = Job("daily", ("/srv/export",), schedule=schedule("23:05", catch_up=False))
COMMAND = Command("/opt/Roster Desk/rosterdesk", ("run", "nightly"), {"ROSTERDESK_HOME": "/srv/100%"})


def test_systemd() -> None:
    assert systemd.service(JOB, COMMAND) == (
        "[Unit]\nDescription=RosterDesk upload nightly\n\n"
        '[Service]\nType=oneshot\nEnvironment="ROSTERDESK_HOME=/srv/100%%"\n'
        'ExecStart="/opt/Roster Desk/rosterdesk" "run" "nightly"\n'
        "TimeoutStartSec=60min\nUMask=0077\nSuccessExitStatus=3\n"
    )
    assert systemd.timer(JOB) == (
        "[Unit]\nDescription=RosterDesk upload nightly: Mon, Tue, Wed, Thu, Fri at 02:00, 14:30\n\n"
        "[Timer]\nOnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 02:00:00\nOnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 14:30:00\n"
        "Persistent=true\nAccuracySec=1min\n\n[Install]\nWantedBy=timers.target\n"
    )
    assert "OnCalendar=*-*-* 23:05:00\nPersistent=false\n" in systemd.timer(DAILY)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_itself_understands_the_units(tmp_path: Path) -> None:
    command = Command("/bin/true", ("run", "a b"), {})
    (tmp_path / "rosterdesk-nightly.service").write_text(systemd.service(JOB, command))
    (tmp_path / "rosterdesk-nightly.timer").write_text(systemd.timer(JOB))
    for event in systemd.calendars(JOB.schedule):
        told = subprocess.run(["systemd-analyze", "calendar", event], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
    asked = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "rosterdesk-nightly.timer")]
    told = subprocess.run(
        asked, capture_output=True, text=True, check=False, env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    )
    assert "rosterdesk-nightly" not in told.stderr, told.stderr


def test_cron() -> None:
    start = "env ROSTERDESK_HOME=/srv/100\\% '/opt/Roster Desk/rosterdesk' run nightly >/dev/null 2>&1"
    assert cron.lines(JOB, COMMAND) == [
        "# RosterDesk job nightly",
        f"0 2 * * 1,2,3,4,5 {start}",
        "# RosterDesk job nightly",
        f"30 14 * * 1,2,3,4,5 {start}",
    ]
    sunday = Job("s", ("x",), schedule=schedule("02:00", "sun"))
    assert cron.lines(sunday, Command("rosterdesk", ("run", "s"), {}))[1].startswith("0 2 * * 0 rosterdesk")


def test_cron_leaves_what_is_not_its_own() -> None:
    others = ["# backups", "0 1 * * * backup", "# RosterDesk job nightly2", "0 3 * * * rosterdesk run nightly2"]
    assert cron.without([*others, *cron.lines(JOB, COMMAND)], "nightly") == others


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `crontab` program that keeps its table in a file, in the manner of crontab(1): none yet is exit 1."""
    table, program = tmp_path / "table", tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = -l ]; then [ -f "{table}" ] || {{ echo no crontab >&2; exit 1; }}; cat "{table}"\n'
        f'else cat > "{table}"; fi\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return table


def test_cron_puts_reports_and_takes(crontab: Path) -> None:
    system = cron.Cron()
    assert not system.report("nightly").scheduled
    notes = system.put(JOB, COMMAND)
    assert any("wake" in note for note in notes)
    system.put(JOB, COMMAND)
    assert crontab.read_text().splitlines() == cron.lines(JOB, COMMAND)
    assert system.report("nightly").scheduled
    system.take("nightly")
    assert crontab.read_text() == ""


def test_launchd() -> None:
    told = plistlib.loads(launchd.agent(JOB, COMMAND).encode())
    assert told["ProgramArguments"] == ["/opt/Roster Desk/rosterdesk", "run", "nightly"]
    assert told["Label"] == "org.rosterdesk.job.nightly"
    assert told["EnvironmentVariables"] == {"ROSTERDESK_HOME": "/srv/100%"}
    assert told["StartCalendarInterval"][:2] == [
        {"Hour": 2, "Minute": 0, "Weekday": 1},
        {"Hour": 2, "Minute": 0, "Weekday": 2},
    ]
    assert plistlib.loads(launchd.agent(DAILY, COMMAND).encode())["StartCalendarInterval"] == [
        {"Hour": 23, "Minute": 5}
    ]


def test_windows() -> None:
    told = ET.fromstring(windows.task(JOB, COMMAND, date(2026, 11, 24)).split("\n", 1)[1])
    space = {"t": windows.NAMESPACE}
    assert [e.text for e in told.findall(".//t:StartBoundary", space)] == ["2026-11-24T02:00:00", "2026-11-24T14:30:00"]
    days = told.find(".//t:DaysOfWeek", space)
    assert days is not None
    assert [day.tag.split("}")[1] for day in days] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    settings = told.find("t:Settings", space)
    assert settings is not None
    assert {e.tag.split("}")[1]: e.text for e in settings} == {
        "MultipleInstancesPolicy": "IgnoreNew",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "RunOnlyIfNetworkAvailable": "false",
        "Enabled": "true",
        "WakeToRun": "true",
        "ExecutionTimeLimit": "PT60M",
    }
    assert told.findtext(".//t:Command", None, space) == "/opt/Roster Desk/rosterdesk"
    # The schema prescribes the order of the parts of a task.
    assert [e.tag.split("}")[1] for e in told] == ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]


def test_a_crontab_that_cannot_be_read_is_not_replaced(crontab: Path) -> None:
    crontab.write_text("5 4 * * * theirs\n")
    program = crontab.parent / "bin" / "crontab"
    program.write_text(
        program.read_text().replace('if [ "$1" = -l ]; then', 'if [ "$1" = -l ]; then echo busy >&2; exit 1;')
    )
    with pytest.raises(UsageError, match="can't be read"):
        cron.Cron().put(JOB, COMMAND)
    assert crontab.read_text() == "5 4 * * * theirs\n"
