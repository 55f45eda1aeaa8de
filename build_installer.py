"""Build RosterDesk for people who have no Python: a folder with the program, and on Linux a Debian package of it.

    python build_installer.py [FOLDER]

Needs the extra `.[installer]`, and builds for the system that it runs on: FOLDER/RosterDesk with the program, and
FOLDER/rosterdesk_VERSION_ARCHITECTURE.deb. The program is tried on the sample district before it is packed, and the
size of each part is told. Signing and update archives are not made here.
"""

from __future__ import annotations

import os
import platform
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NAME = "RosterDesk"
# In the package, next to `paths.py`: where a wheel has them too.
DATA = {"resources": "rosterdesk/resources", "rosterdesk/directory/migrations": "rosterdesk/directory/migrations"}
# Loaded by name when the program runs, so that no import statement tells of them.
HIDDEN = ("alembic.ddl", "keyring.backends", "psycopg", "rosterdesk", "sqlalchemy.dialects", "sqlcipher3")
# Tools of developers that happen to be installed beside it, and parts of Qt that only a library's samples use.
EXCLUDED = (
    "IPython",
    "hypothesis",
    "matplotlib",
    "mypy",
    "polars",
    "pyarrow",
    "pyqtgraph.examples",
    "pytest",
    "ruff",
    "scipy",
    "tkinter",
    "PySide6.QtNetwork",
    "PySide6.QtTest",
)
# What comes with Qt and is not for a window on a desktop: boards without a window system, remote screens, networks,
# picture formats that nothing here has, GTK's own theme (it wants the GTK of the system, in another version), and the
# libraries that only these need.
UNUSED = (
    "PySide6/Qt/plugins/egldeviceintegrations",
    "PySide6/Qt/plugins/generic",
    "PySide6/Qt/plugins/networkinformation",
    "PySide6/Qt/plugins/tls",
    "PySide6/Qt/plugins/imageformats/*q[gt]i*",
    "PySide6/Qt/plugins/imageformats/*qicns*",
    "PySide6/Qt/plugins/imageformats/*qtga*",
    "PySide6/Qt/plugins/imageformats/*qw*",
    "PySide6/Qt/plugins/platforms/*eglfs*",
    "PySide6/Qt/plugins/platforms/*linuxfb*",
    "PySide6/Qt/plugins/platforms/*qminimal*",
    "PySide6/Qt/plugins/platforms/*vkkhr*",
    "PySide6/Qt/plugins/platforms/*vnc*",
    "PySide6/Qt/plugins/platformthemes/*gtk3*",
    "PySide6/Qt/translations/[!q]*",
    "PySide6/Qt/translations/qt_*",
    "PySide6/Qt/translations/qt[!_b]*",
    "**/libQt6EglF*",
    "**/libQt6Network*",
    "**/libQt6Test*",
    "libatk-*",
    "libcairo*",
    "libdatrie*",
    "libfribidi*",
    "libgdk_pixbuf*",
    "libharfbuzz*",
    "libpango*",
    "libpixman*",
    "libthai*",
)
LAUNCHER = "import sys\n\nfrom rosterdesk.__main__ import main\n\nsys.exit(main())\n"
_LEAST_PART = 2 << 20  # bytes; smaller parts are told together

DESKTOP = """[Desktop Entry]
Type=Application
Name=RosterDesk
GenericName=School rosters
Comment=Bring school rosters into a directory, and see what will change first
Exec=/opt/rosterdesk/RosterDesk
Icon=rosterdesk
Terminal=false
Categories=Office;Education;
StartupWMClass=rosterdesk
"""
# The libraries of the screen and of drawing belong to the system; all others are in the folder.
CONTROL = """Package: rosterdesk
Version: {version}
Architecture: {architecture}
Maintainer: RosterDesk
Installed-Size: {size}
Depends: libc6 (>= {libc}), libegl1, libgl1, libx11-6, libxcb1, fontconfig-config
Section: education
Priority: optional
Description: Bring school rosters into a directory, and see what will change first
 RosterDesk reads what a student information system exports, shows what is wrong
 with it and what it would change, and takes everything back when it was wrong.
"""


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
    program = folder / NAME / (f"{NAME}.exe" if sys.platform == "win32" else NAME)
    leave_out(program.parent / "_internal")
    return program


def leave_out(folder: Path) -> None:
    """Remove what is not used, and on Linux the names of Python's own functions, which only a debugger reads."""
    for pattern in UNUSED:
        for path in [*folder.glob(pattern)]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    if sys.platform == "linux" and shutil.which("strip"):
        for library in folder.glob("libpython3*.so*"):
            subprocess.run(["strip", "--strip-unneeded", library], check=True)


def try_out(program: Path) -> None:
    """Run the whole path on the sample district, with nothing of this checkout or of the user's home within reach."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [str(program), "demo", "--headless", "--at", str(Path(scratch) / "demo")]
        if subprocess.run(command, env=bare(Path(scratch)), cwd=scratch, check=False).returncode != 0:
            raise SystemExit("The program was built, but does not work; the lines above say why.")


def bare(folder: Path) -> dict[str, str]:
    """An environment without Python, the checkout and its tools, and with a home in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "QT_"))}
    if sys.platform != "win32":
        kept["PATH"] = "/usr/bin:/bin"
    return {**kept, "ROSTERDESK_HOME": str(folder / "home")}


def debian(program: Path, folder: Path) -> Path:
    """Pack the program for Debian 12, Ubuntu 22.04 and newer, and return the package."""
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    name = runpy.run_path(str(ROOT / "rosterdesk" / "__init__.py"))["__version__"]
    told = {"version": name, "architecture": architecture.stdout.strip(), "libc": platform.libc_ver()[1]}
    target = folder / f"rosterdesk_{told['version']}_{told['architecture']}.deb"
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "package"
        shutil.copytree(program.parent, root / "opt" / "rosterdesk", symlinks=True)
        put(root / "usr/share/applications/rosterdesk.desktop", DESKTOP)
        put(root / "usr/share/doc/rosterdesk/copyright", (ROOT / "LICENSE").read_text("utf-8"))
        icon = (ROOT / "resources" / "icons" / "rosterdesk.svg").read_text("utf-8")
        put(root / "usr/share/icons/hicolor/scalable/apps/rosterdesk.svg", icon)
        (root / "usr/bin").mkdir()
        (root / "usr/bin/rosterdesk").symlink_to("/opt/rosterdesk/RosterDesk")
        put(root / "DEBIAN/control", CONTROL.format(size=total(root) >> 10, **told))
        for path in root.rglob("*"):  # whatever the builder's umask is, everybody may start it
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        root.chmod(0o755)
        # Packs in seconds what xz packs in minutes, and every dpkg that has this C library unpacks it.
        command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "--build", str(root), str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return target


def put(path: Path, text: str) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


# What is made of the program's folder, by system. Other systems' packages take their place here.
PACKAGES: dict[str, Callable[[Path, Path], Path]] = {"linux": debian}


def package(program: Path, folder: Path) -> Path | None:
    """Pack the program as this system's people install it; None where the folder is all there is."""
    make = PACKAGES.get(sys.platform)
    if make is debian and shutil.which("dpkg-deb") is None:
        return None
    return make(program, folder) if make is not None else None


def total(folder: Path) -> int:
    """How many bytes the files in a folder have."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def parts(folder: Path) -> list[tuple[str, int]]:
    """What the program consists of, the largest part first, in bytes. What is small is told together."""
    sizes: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            inside = path.relative_to(folder).parts
            sizes[inside[1] if inside[0] == "_internal" and len(inside) > 1 else inside[0]] += path.stat().st_size
    told = [(name, size) for name, size in sizes.most_common() if size >= _LEAST_PART]
    rest = [size for size in sizes.values() if size < _LEAST_PART]
    return [*told, (f"{len(rest)} smaller parts", sum(rest))]


def main(folder: Path) -> None:
    """Build, try, pack, and tell how large everything is."""
    program = build(folder)
    try_out(program)
    made = package(program, folder)
    for name, size in parts(program.parent):
        print(f"{size / 2**20:8.1f} MiB  {name}")
    print(f"{total(program.parent) / 2**20:8.1f} MiB  {program.parent}")
    if made is not None:
        print(f"{made.stat().st_size / 2**20:8.1f} MiB  {made}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "dist")
