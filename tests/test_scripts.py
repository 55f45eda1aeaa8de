"""The start and test scripts: set-up is done once, in full or not at all, and who has no Python is told so."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


@pytest.fixture
def calls() -> list[list[str]]:
    """The commands that set-up ran."""
    return []


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[list[str]]) -> ModuleType:
    """resources/prepare.py, whose environment is an empty folder and whose commands are only written down."""
    spec = importlib.util.spec_from_file_location("prepare", RESOURCES / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec.loader.exec_module(module)

    def call(command: list[str], *, quiet: bool = False) -> int:
        calls.append(command)
        if "venv" in command:
            module.PYTHON.parent.mkdir(parents=True)
            module.PYTHON.touch()
        return 0

    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "_call", call)
    monkeypatch.setattr(module, "_run", lambda *arguments, **_: list(arguments))
    monkeypatch.setattr(module, "_missing_libraries", lambda libraries: [])
    monkeypatch.setattr(module, "_missing_servers", list)
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    return module


def test_set_up_is_done_once(prepare: ModuleType, calls: list[list[str]]) -> None:
    prepare.main(["test"])
    assert [command[2] for command in calls] == ["venv", "pip", "pip"]
    assert all(str(prepare.CONSTRAINTS) in command for command in calls[1:])
    assert calls[-1][-1].endswith("[test,installer]")
    prepare.main(["test", "-k", "house"])
    assert len(calls) == 3


def test_prism_comes_with_npm_into_the_environment_once_and_its_lack_stops_nothing(
    prepare: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = prepare._call
    monkeypatch.setattr(prepare.shutil, "which", lambda name: "/usr/bin/npm" if name == "npm" else None)
    monkeypatch.setattr(prepare, "_call", lambda command, **_: works(command) or command[0] == "/usr/bin/npm")
    for _ in range(2):
        prepare.main(["test"])
    (asked,) = [command for command in calls if command[0] == "/usr/bin/npm"]
    assert asked[:4] == ["/usr/bin/npm", "install", "--prefix", str(prepare.VENV / "prism")]
    assert asked[-1] == "@stoplight/prism-cli@5.14.2"


def test_set_up_that_failed_is_done_again(
    prepare: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = prepare._call
    monkeypatch.setattr(prepare, "_call", lambda command, **_: works(command) or "pip" in command)
    with pytest.raises(SystemExit, match="could not be installed"):
        prepare.main(["start"])
    calls.clear()
    monkeypatch.setattr(prepare, "_call", works)
    prepare.main(["start"])
    assert "install" in calls[-1]


def test_new_pins_are_installed(
    prepare: ModuleType, calls: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare.main(["start"])
    calls.clear()
    monkeypatch.setattr(prepare, "CONSTRAINTS", tmp_path / "constraints.txt")
    prepare.CONSTRAINTS.write_text("duckdb==9.9\n", "utf-8")
    prepare.main(["start"])
    assert "install" in calls[-1]


@pytest.mark.parametrize(
    ("screen", "given", "runs"),
    [
        (True, [], ["demo"]),
        (False, [], ["demo", "--headless"]),
        (False, ["read", "x.csv"], ["read", "x.csv"]),
    ],
)
def test_what_start_runs(
    prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, screen: bool, given: list[str], runs: list[str]
) -> None:
    monkeypatch.setattr(prepare, "has_screen", lambda: screen)
    assert prepare.main(["start", *given]) == ["-P", "-m", "rosterdesk", *runs]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has scripts of its own")
@pytest.mark.parametrize("script", ["start.sh", "test.sh"])
def test_who_has_no_python_is_told(script: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "dirname").symlink_to(shutil.which("dirname") or "")
    (tmp_path / "resources").mkdir()
    shutil.copy(RESOURCES / script, tmp_path / "resources")
    done = subprocess.run(
        ["/bin/sh", str(tmp_path / "resources" / script)],
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr
