"""Build RosterDesk as one folder that needs no Python: dist/RosterDesk with the program and its resources.

    python build_installer.py [FOLDER]

Needs the extra `.[installer]`, and builds for the system that it runs on. The built program is tried on the sample
district before this ends. Signing and update archives are not made here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NAME = "RosterDesk"
# In the package, next to `paths.py`: where a wheel has them too.
DATA = {"resources": "rosterdesk/resources", "rosterdesk/directory/migrations": "rosterdesk/directory/migrations"}
# Loaded by name when the program runs, so that no import statement tells of them.
HIDDEN = ("alembic.ddl", "keyring.backends", "psycopg", "rosterdesk", "sqlalchemy.dialects", "sqlcipher3")
# Tools of developers that happen to be installed beside it.
EXCLUDED = ("IPython", "hypothesis", "matplotlib", "mypy", "polars", "pyarrow", "pytest", "ruff", "scipy", "tkinter")
LAUNCHER = "import sys\n\nfrom rosterdesk.__main__ import main\n\nsys.exit(main())\n"


def options(folder: Path, launcher: Path, work: Path) -> list[str]:
    """What PyInstaller is told."""
    told = ["--noconfirm", "--clean", "--onedir", "--name", NAME, "--log-level", "WARN", "--paths", str(ROOT)]
    told += ["--distpath", str(folder), "--workpath", str(work), "--specpath", str(work)]
    told += ["--collect-data", "rosterdesk", "--copy-metadata", "keyring"]
    for source, target in DATA.items():
        told += ["--add-data", f"{ROOT / source}{os.pathsep}{target}"]
    for module in HIDDEN:
        told += ["--collect-submodules", module]
    for module in EXCLUDED:
        told += ["--exclude-module", module]
    if sys.platform == "win32":  # a terminal keeps its output, a double click opens no black window
        told += ["--hide-console", "hide-early"]
    return [*told, str(launcher)]


def build(folder: Path) -> Path:
    """Build into a folder and return the program. Ends with a sentence where that fails."""
    with tempfile.TemporaryDirectory() as scratch:
        launcher = Path(scratch) / "launch.py"
        launcher.write_text(LAUNCHER, "utf-8")
        command = [sys.executable, "-m", "PyInstaller", *options(folder, launcher, Path(scratch) / "work")]
        if subprocess.run(command, check=False).returncode != 0:
            raise SystemExit(
                "PyInstaller failed; the lines above say why. Is it installed: pip install '.[installer]'?"
            )
    return folder / NAME / (f"{NAME}.exe" if sys.platform == "win32" else NAME)


def try_out(program: Path) -> None:
    """Run the whole path on the sample district, with nothing of this checkout or of the user's home within reach."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment["ROSTERDESK_HOME"] = str(Path(scratch) / "home")
        command = [str(program), "demo", "--headless", "--at", str(Path(scratch) / "demo")]
        if subprocess.run(command, env=environment, cwd=scratch, check=False).returncode != 0:
            raise SystemExit("The program was built, but does not work; the lines above say why.")


def size(folder: Path) -> int:
    """What a folder takes, in MiB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) >> 20


if __name__ == "__main__":
    built = build(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "dist")
    try_out(built)
    print(f"{built.parent}: {size(built.parent)} MiB")
