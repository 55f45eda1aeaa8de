"""The rules of the house, checked: imports go down only, no Qt outside the window, lint, types, names, sizes, pins."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "rosterdesk"
LONGEST = 300

# From the ground up. What stands on one line may use its neighbours only where that is said below.
LAYERS = (
    {"model", "targets", "errors", "run", "paths", "log"},
    {"directory", "staging", "net", "formats", "credentials", "connections", "expiring"},
    {"sources", "mapping", "checks", "matching", "planning", "push"},
    {"pipeline"},
    {"jobs"},
    {"draft", "doctor", "guided"},
    {"cli", "gui"},
    {"__main__"},
)
NEIGHBOURS_MAY = LAYERS[:2]
LEVEL = {subject: level for level, layer in enumerate(LAYERS) for subject in layer}

# One door for each foreign library.
DOORS = {
    "PySide6": "gui/",
    "shiboken6": "gui/",
    "pyqtgraph": "gui/",
    "requests": "net/https.py",
    "requests_oauthlib": "net/https.py",
    "oauthlib": "net/https.py",
    "paramiko": "net/sftp.py",
    "keyring": "credentials.py",
    "fpdf": "directory/letterfile.py",
}
# Each of these costs more than the whole command line's start, so nothing of them is imported before it is needed.
HEAVY = {
    "PySide6",
    "fpdf",
    "keyring",
    "pandas",
    "paramiko",
    "polars",
    "pyarrow",
    "pyqtgraph",
    "requests",
    "splink",
    "sqlalchemy",
    "xlsxwriter",
}
DRAWERS = re.compile(r"^(utils?|common|helpers?|misc|core|services?|managers?)$")

SOURCES = sorted(PACKAGE.rglob("*.py"))


def tracked() -> list[Path]:
    """The files of the project: what version control holds or would hold; in an unpacked archive, what came with it."""
    if shutil.which("git"):
        command = ["git", "ls-files", "-co", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if listed.returncode == 0:
            return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]
    made_here = re.compile(r"^(\.(?!ci$|git)|__pycache__$|build$|dist$)")
    return [p for p in ROOT.rglob("*") if p.is_file() and not any(map(made_here.match, p.relative_to(ROOT).parts))]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, wherever in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            module = node.module or ""
            if module == "rosterdesk":
                yield from ((node.lineno, f"rosterdesk.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def subject(module: str) -> str:
    """The part of the house that a module belongs to: `rosterdesk.net.https` is of `net`."""
    return module.split(".")[1] if "." in module else ""


def home_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def may_use(own: str, other: str) -> bool:
    """Whether one part of the house may import another."""
    level, below = LEVEL[own], LEVEL[other]
    return below < level or (below == level and LAYERS[level] in NEIGHBOURS_MAY)


def upward(path: Path) -> Iterator[str]:
    """The imports of a file that the layering forbids, as sentences."""
    own = home_of(path)
    if own == "__init__":
        return
    for line, module in imports(path):
        other = subject(module) if module.split(".")[0] == "rosterdesk" else ""
        if other in {"", own, "__version__"}:
            continue
        if not may_use(own, other):
            yield f"{path.relative_to(ROOT)}:{line} imports {module}"


def test_every_part_has_its_place() -> None:
    assert {home_of(path) for path in SOURCES} - {"__init__"} <= set(LEVEL)


@pytest.mark.parametrize(
    ("own", "other", "may"),
    [
        ("sources", "staging", True),
        ("gui", "draft", True),
        ("run", "errors", True),
        ("sources", "mapping", False),
        ("directory", "planning", False),
        ("gui", "cli", False),
        ("errors", "staging", False),
    ],
)
def test_the_rule_itself(own: str, other: str, may: bool) -> None:
    assert may_use(own, other) is may


def test_imports_go_down_only() -> None:
    assert [fault for path in SOURCES for fault in upward(path)] == []


def test_neighbours_never_import_each_other_in_a_circle() -> None:
    uses: dict[str, set[str]] = {}
    for path in SOURCES:
        named = {subject(module) for _, module in imports(path) if module.startswith("rosterdesk.")}
        uses.setdefault(home_of(path), set()).update(named & set(LEVEL) - {home_of(path)})

    def reach(start: str) -> set[str]:
        found: set[str] = set()
        todo = list(uses.get(start, ()))
        while todo:
            if (part := todo.pop()) not in found:
                found.add(part)
                todo.extend(uses.get(part, ()))
        return found

    assert [part for part in uses if part in reach(part)] == []


def test_foreign_libraries_come_in_by_their_door() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in SOURCES
        for line, module in imports(path)
        if (door := DOORS.get(module.split(".")[0])) and not str(path.relative_to(PACKAGE).as_posix()).startswith(door)
    ]
    assert faults == []


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    provided = metadata.packages_distributions()
    used = {module.split(".")[0] for path in SOURCES for _, module in imports(path)} - sys.stdlib_module_names
    missing = {
        name
        for name in used - {"rosterdesk", "shiboken6"}  # shiboken6 is a part of PySide6
        # What is only for another system is not installed here; then its name stands for itself.
        if not {canonicalize_name(dist) for dist in provided.get(name, [name])} & declared
    }
    assert missing == set()


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_all_but_the_window_works_without_qt() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in SOURCES
        # Alembic runs what is under migrations, inside a context of its own.
        if home_of(path) != "gui" and "migrations" not in path.parts
    ]
    done = python(f"""
import importlib, sys
for name in ("PySide6", "shiboken6", "pyqtgraph"):
    sys.modules[name] = None  # importing it raises ImportError from now on
for name in {names!r}:
    importlib.import_module(name)
""")
    assert done.returncode == 0, done.stderr


def test_the_command_line_starts_light() -> None:
    done = python(f"import rosterdesk.__main__, rosterdesk.cli, sys; print(*sorted({HEAVY!r} & set(sys.modules)))")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_what_the_directory_stands_on_is_loaded_while_the_files_are_read() -> None:
    done = python("import rosterdesk.cli.commands, sys; print(*sorted({'sqlalchemy', 'pandas'} & set(sys.modules)))")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--quiet", "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_types() -> None:
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_have_one_subject() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    long = {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > LONGEST}
    assert long == {}, f"over {LONGEST} lines: a second subject has moved in"


def test_names_say_what_is_inside() -> None:
    parts = {(path, part) for path in SOURCES for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert [str(path.relative_to(ROOT)) for path, part in parts if DRAWERS.match(part)] == []


def test_nothing_names_an_index_or_a_machine() -> None:
    # In pieces, so that this file does not name them itself.
    places = "|".join(
        ["files." + "pythonhosted", "pypi" + r"\.org/simple", "--(extra-)?index" + "-url", "--find" + "-links"]
    )
    folders = "|".join(["/" + "home/", "/" + "Users/", "/" + "root/", "/" + "work/"])
    forbidden = re.compile(f"({places})|(?<![\\w.~-])({folders})\\w".encode())
    faults = [
        f"{path.relative_to(ROOT)}: {found.group().decode()}"
        for path in tracked()
        for found in forbidden.finditer(path.read_bytes())
    ]
    assert faults == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such bit")
@pytest.mark.parametrize("script", ["resources/start.sh", "resources/test.sh", ".ci/run"])
def test_scripts_can_be_run(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert path.read_bytes().startswith(b"#!/bin/sh\n")


def test_windows_has_the_same_scripts() -> None:
    folder = ROOT / "resources"
    assert {path.stem for path in folder.glob("*.sh")} == {path.stem for path in folder.glob("*.cmd")}


def test_ci_runs_the_readme_test_command_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ['cd "$(dirname "$0")/.." && exec resources/test.sh']


def pins() -> dict[str, str]:
    lines = (ROOT / "resources" / "constraints.txt").read_text("utf-8").splitlines()
    found = [re.fullmatch(r"([\w.-]+)==([\w.!+-]+)", line) for line in lines if not line.startswith("#")]
    assert all(found), "every line pins one version and says nothing else"
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def test_every_version_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    wanted = [
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
        *(r for e in extras for r in e),
    ]
    pinned, seen = pins(), set()
    todo = [Requirement(line) for line in wanted]
    while todo:  # and all that these need in turn, as far as it is installed here
        need = todo.pop()
        name = canonicalize_name(need.name)
        if (name, *sorted(need.extras)) in seen:
            continue
        seen.add((name, *sorted(need.extras)))
        assert name in pinned, f"{name} is not in resources/constraints.txt"
        assert need.specifier.contains(pinned[name], prereleases=True), f"{name} {pinned[name]} does not meet {need}"
        try:
            further = [Requirement(line) for line in metadata.requires(need.name) or []]
        except metadata.PackageNotFoundError:
            continue
        for requirement in further:
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in [*need.extras, ""]):
                todo.append(requirement)


def test_what_runs_here_is_what_is_pinned() -> None:
    here = {name: dist.version for dist in metadata.distributions() if (name := canonicalize_name(dist.name)) in pins()}
    pinned = pins()
    assert {name: version for name, version in here.items() if pinned[name] != version} == {}
