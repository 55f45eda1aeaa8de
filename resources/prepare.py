"""Set-up that the start and test scripts share, and what they run then. Needs nothing but Python 3.11 or newer.

It makes the virtual environment `.venv` in the checkout with the pinned packages, and on Debian and its kin installs
the few system libraries that are missing. What is done already is skipped, so that a second start costs nothing.
All it says goes to standard error: standard output belongs to the program that it starts.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
CONSTRAINTS = ROOT / "resources" / "constraints.txt"
BUILD_TOOLS = ("hatchling", "editables")

# What the Qt wheels expect of the system, by Debian's packages: always, and only where there is a screen.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
SCREEN_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# Servers that tests start for themselves, by a file that shows they are there. Where there is no apt-get these skip.
TEST_SERVERS = {
    "/usr/lib/postgresql/*/bin/initdb": "postgresql",
    "/usr/sbin/sshd": "openssh-server",
    "/usr/bin/sftp": "openssh-client",
    "/usr/lib/*/libnss_wrapper.so": "libnss-wrapper",
    "/usr/bin/Xvfb": "xvfb",
    "/usr/bin/xdotool": "xdotool",
    "/usr/sbin/cron": "cron",
    "/usr/bin/systemd-analyze": "systemd",
}
# The mock server of published schemas, for tests only; an npm package, the last that older releases of Node.js run.
PRISM = "@stoplight/prism-cli@5.14.2"


def main(arguments: list[str]) -> int:
    """Prepare for `start` or `test` and run it with the remaining arguments; return its exit code."""
    what, rest = arguments[0], arguments[1:]
    if what == "test":
        packages = [*_missing_libraries(QT_LIBRARIES | SCREEN_LIBRARIES), *_missing_servers()]
        _prepare("tests", packages, extras="[test,installer]")
        return _run("-m", "pytest", "-n", "auto", "--maxprocesses", "4", *rest, folder=ROOT)
    screen = has_screen()
    part = "window" if screen else "program"
    _prepare(part, _missing_libraries(QT_LIBRARIES | SCREEN_LIBRARIES) if screen else [])
    return _run("-P", "-m", "rosterdesk", *(rest or ["demo"] if screen else rest or ["demo", "--headless"]))


def has_screen() -> bool:
    """Whether a window can be shown here."""
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _prepare(part: str, packages: list[str], extras: str = "") -> None:
    stamp, wanted = VENV / f"prepared-{part}", _wanted()
    if PYTHON.exists() and stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    _say("Setting up, once. This takes a few minutes.")
    if packages:
        _install_system(packages)
    if not PYTHON.exists() or _call([str(PYTHON), "-m", "pip", "--version"], quiet=True) != 0:
        _make_venv()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(CONSTRAINTS)]
    for step in ([*BUILD_TOOLS], ["--no-build-isolation", "-e", f"{ROOT}{extras}"]):
        if _call([*pip, *step]) != 0:
            raise SystemExit("The packages could not be installed; the lines above say why. Is there a connection?")
    if part == "tests":
        _install_prism()
    stamp.write_text(wanted, "utf-8")
    _say("Set-up is done.")


def _install_prism() -> None:
    """Put Prism into the environment's folder where there is npm. Without it, its tests skip."""
    npm = shutil.which("npm")
    if npm is None:
        _say("There is no npm here: tests against the published schemas will skip.")
        return
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if _call([npm, "install", "--prefix", str(VENV / "prism"), *quiet, PRISM]) != 0:
        _say("Prism could not be installed; the lines above say why. Tests against the published schemas will skip.")


def _wanted() -> str:
    files = (ROOT / "pyproject.toml", CONSTRAINTS, Path(__file__))
    return "".join(file.read_text("utf-8") for file in files)


def _make_venv() -> None:
    try:
        import ensurepip  # noqa: F401 -- Debian keeps it in a package of its own
    except ImportError:
        _install_system([f"python{sys.version_info.major}.{sys.version_info.minor}-venv"])
    # The interpreter behind this one: this may be the very environment that is made anew.
    base = getattr(sys, "_base_executable", sys.executable)
    if _call([base, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise SystemExit(f"The virtual environment {VENV} could not be made; the lines above say why.")


def _missing_libraries(libraries: dict[str, str]) -> list[str]:
    if sys.platform != "linux":
        return []
    return [package for library, package in libraries.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _missing_servers() -> list[str]:
    if shutil.which("apt-get") is None:
        return []
    return [package for path, package in TEST_SERVERS.items() if not any(Path("/").glob(path.lstrip("/")))]


def _install_system(packages: list[str]) -> None:
    """Install Debian packages, with sudo only where this is not root. Elsewhere, say what is missing and go on."""
    command = f"apt-get install {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        _say(f"This system may lack libraries; Debian calls their packages {', '.join(packages)}.")
        return
    _say(f"Installing what the system lacks: {' '.join(packages)}")
    root = [] if os.geteuid() == 0 else ["sudo"] if sys.stdin and sys.stdin.isatty() else ["sudo", "-n"]
    if root and shutil.which("sudo") is None:
        raise SystemExit(f"Ask an administrator to run: {command}")
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        if _call([*apt, *step]) != 0:
            raise SystemExit(f"That failed; the lines above say why. Ask an administrator to run: {command}")


def _call(command: list[str], *, quiet: bool = False) -> int:
    errors = subprocess.DEVNULL if quiet else sys.stderr
    return subprocess.run(command, stdout=errors, stderr=errors, check=False).returncode


def _run(*arguments: str, folder: Path | None = None) -> int:  # noqa: RET503 -- exec does not return
    command = [str(PYTHON), *arguments]
    if sys.platform == "win32":  # there, exec would return to the prompt at once
        return subprocess.run(command, cwd=folder, check=False).returncode
    if folder is not None:
        os.chdir(folder)
    os.execv(command[0], command)


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
