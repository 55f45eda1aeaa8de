"""The built program: it is made, is small enough, runs without Python, shows its window, and is packed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.servers.screen import screen

ROOT = Path(__file__).resolve().parent.parent
MOST_MIB = 480  # of the folder; whoever adds a library that makes it larger looks at what came with it


@pytest.fixture(scope="module")
def installer() -> ModuleType:
    """build_installer.py."""
    spec = importlib.util.spec_from_file_location("build_installer", ROOT / "build_installer.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(installer: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The program, built once for these tests."""
    if importlib.util.find_spec("PyInstaller") is None:
        if os.environ.get("CI"):
            pytest.fail("PyInstaller is not installed: resources/prepare.py installs it")
        pytest.skip("PyInstaller is not installed")
    folder = tmp_path_factory.mktemp("built")
    yield installer.build(folder)
    shutil.rmtree(folder)


# One test, so that the program is built once, whichever process runs it.
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_built_program_works_without_python(installer: ModuleType, built: Path, tmp_path: Path) -> None:
    environment = installer.bare(tmp_path)
    assert environment["PATH"] == "/usr/bin:/bin" or sys.platform == "win32"
    assert not [name for name in environment if name.startswith(("PYTHON", "VIRTUAL_ENV"))]
    installer.try_out(built)
    sizes = installer.parts(built.parent)
    assert sum(size for _, size in sizes) == installer.total(built.parent)
    assert installer.total(built.parent) < MOST_MIB << 20, sizes
    assert not [*built.parent.rglob("tests")]
    assert not [path for pattern in installer.UNUSED for path in (built.parent / "_internal").glob(pattern)]
    if sys.platform == "linux":
        looked_at(built, environment, tmp_path)
        packed(installer, built, tmp_path)


def looked_at(program: Path, environment: dict[str, str], folder: Path) -> None:
    """Its window comes up on a screen, with the demo in it, and goes when it is asked to."""
    with screen() as display:
        shown = {**environment, "DISPLAY": display}
        errors = folder / "errors"
        command = [program, "demo", "--at", folder / "window"]
        with errors.open("w") as told, subprocess.Popen(command, env=shown, cwd=folder, stderr=told) as process:
            try:
                # Waits until there is one; the wizard says what it is in the title, once the directory is open.
                found = subprocess.run(
                    ["xdotool", "search", "--sync", "--onlyvisible", "--name", "New upload"],
                    env={**os.environ, "DISPLAY": display},
                    capture_output=True,
                    text=True,
                    timeout=120,
                    check=False,
                )
                assert found.returncode == 0, errors.read_text()
                keys = ["xdotool", "windowfocus", found.stdout.split()[0], "key", "ctrl+q"]
                subprocess.run(keys, env={**os.environ, "DISPLAY": display}, check=True)
                assert process.wait(60) == 0, errors.read_text()
            finally:
                process.kill()
    assert (folder / "window" / "directory.db").stat().st_size > 0


def packed(installer: ModuleType, program: Path, folder: Path) -> None:
    """The Debian package holds the program, for everybody, and says what it needs."""
    if shutil.which("dpkg-deb") is None:
        return
    made = installer.package(program, folder)
    told = subprocess.run(["dpkg-deb", "--info", made], capture_output=True, text=True, check=True).stdout
    assert "Package: rosterdesk" in told
    assert "Depends: libc6" in told
    listed = subprocess.run(["dpkg-deb", "--contents", made], capture_output=True, text=True, check=True).stdout
    lines = {line.split(" ./", 1)[1]: line.split()[:2] for line in listed.splitlines() if " ./" in line}
    assert lines["opt/rosterdesk/RosterDesk"] == ["-rwxr-xr-x", "root/root"]
    assert "usr/share/applications/rosterdesk.desktop" in lines
    assert any(name.startswith("usr/bin/rosterdesk -> ") for name in lines)
    assert all("root/root" in who and mode[7] in "r-" for mode, who in lines.values())


@pytest.mark.parametrize("system", ["win32", "darwin", "linux"])
def test_what_is_told_to_pyinstaller(
    installer: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    told = installer.options(tmp_path / "dist", tmp_path / "launch.py", tmp_path / "work")
    assert ("--hide-console" in told) == (system == "win32")
    assert told[-1].endswith("launch.py")
    for source in installer.DATA:
        assert (ROOT / source).is_dir()


def test_what_is_not_used_is_left_out_and_nothing_else(installer: ModuleType, tmp_path: Path) -> None:
    plugins = tmp_path / "PySide6" / "Qt" / "plugins"
    translations = tmp_path / "PySide6" / "Qt" / "translations"
    kept = [
        plugins / "platforms" / "libqxcb.so",
        plugins / "platforms" / "libqwayland.so",
        plugins / "platforms" / "libqoffscreen.so",
        plugins / "imageformats" / "libqsvg.so",
        plugins / "imageformats" / "libqico.so",
        plugins / "imageformats" / "libqjpeg.so",
        plugins / "platformthemes" / "libqxdgdesktopportal.so",
        translations / "qtbase_de.qm",
    ]
    gone = [
        plugins / "platforms" / "libqvnc.so",
        plugins / "egldeviceintegrations" / "libqeglfs-kms-integration.so",
        plugins / "imageformats" / "libqtiff.so",
        plugins / "imageformats" / "libqwebp.so",
        plugins / "platformthemes" / "libqgtk3.so",
        translations / "qt_help_de.qm",
        translations / "qtmultimedia_de.qm",
        tmp_path / "libQt6Network.so.6",
    ]
    for path in (*kept, *gone):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    installer.leave_out(tmp_path)
    assert [path.name for path in kept if not path.exists()] == []
    assert [path.name for path in gone if path.exists()] == []
