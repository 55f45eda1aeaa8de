"""Writes a roster as files for an outlet: a folder or a ZIP, wholly or not at all, and the same bytes for the same
roster.

The files are UTF-8 without a byte order mark, RFC 4180 with CRLF, quoted only where they must be, sorted by ID (byte by
byte). They go from the database straight to the disk, so that memory stays bounded. A ZIP holds them at its root with a
fixed date; its bytes are the same as long as the compressor (zlib) is the same.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rosterdesk.errors import FileError, UsageError
from rosterdesk.push import classtag, deletions, oneroster, replacement
from rosterdesk.push.deletions import Earlier
from rosterdesk.push.layouts import Facts, File, Layout
from rosterdesk.push.roster import DIRECTORY, INCOMING, Tally, laid_out
from rosterdesk.run import Run
from rosterdesk.staging import Staging, literal

LAYOUTS: Mapping[str, Layout] = {**oneroster.LAYOUTS, **classtag.LAYOUTS}
ZIP_NAME = "roster.zip"
# All is said, so that another version's defaults change no byte. No comments: what begins with # needs no quotes.
_COPY = """(
    format csv, header, delimiter ',', quote '"', escape '"', nullstr '', new_line '\\r\\n', comment '',
    use_tmp_file false)"""
_CHUNK = 1 << 20
_SOMEBODY = "select exists (from roster.key_students) or exists (from roster.key_staff)"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file that was written. `mended`: cells in which a character had to be replaced; `left_out`: records and
    family links that the layout can't hold, as their IDs have characters that it forbids; `delta`: its rows are what
    the receiver is to delete.
    """

    name: str
    rows: int
    sha256: str
    mended: int = 0
    left_out: int = 0
    delta: bool = False


def takes_deltas(layout: str) -> bool:
    """Whether files of this layout can say which records are to be deleted."""
    return layout in LAYOUTS and bool(LAYOUTS[layout].version)


def write(
    staging: Staging,
    target: Path,
    run: Run,
    *,
    layout: str = "oneroster-1.1",
    zipped: bool = False,
    system_name: str = "RosterDesk",
    school_year: int | None = None,
    id_header: str = "sourcedId",
    earlier: Earlier | None = None,
) -> tuple[WrittenFile, ...]:
    """Write the active synced records and links of `plan.after_*`, and return the files in the order in which to
    deliver them.

    The manifest is the last: whoever waits for it finds all others there. With `zipped`, `target` is the ZIP if it is
    named so, else the folder that gets one, and the ZIP (with all rows) is told last. `id_header` heads ClassTag's
    users (its help spells it `sourceId` too).

    With what the receiver has `earlier`, a file of OneRoster that would have no rows is a delta that marks those which
    it had; and where nobody is left, all files are (see `deletions`).

    Raises `UsageError` for an unknown layout; `FileError` when `target` can't be written, holds what RosterDesk did not
    write, or is being written by another run, and when there is nobody to write; `Cancelled`. All leave `target` as it
    was.
    """
    facts = Facts(system_name, school_year, "", id_header)
    return _write(staging, target, run, DIRECTORY, layout, facts, zipped=zipped, earlier=earlier)


def write_mapped(
    staging: Staging,
    target: Path,
    run: Run,
    *,
    layout: str = "oneroster-1.1",
    zipped: bool = False,
    system_name: str = "RosterDesk",
    school_year: int | None = None,
) -> tuple[WrittenFile, ...]:
    """Write the checked roster of `incoming.*` as `write` does; it may lack people."""
    return _write(
        staging, target, run, INCOMING, layout, Facts(system_name, school_year, "", "sourcedId"), zipped=zipped
    )


def _write(
    staging: Staging,
    target: Path,
    run: Run,
    origin: dict[str, str],
    name: str,
    facts: Facts,
    *,
    zipped: bool,
    earlier: Earlier | None = None,
) -> tuple[WrittenFile, ...]:
    if name not in LAYOUTS:
        raise UsageError(f"There is no layout {name}.", f"Layouts: {', '.join(LAYOUTS)}.")
    layout = LAYOUTS[name]
    target = Path(os.path.realpath(target))  # a link keeps pointing at what is written
    is_zip = target.suffix.lower() == ".zip"
    place = replacement.archive if is_zip else replacement.folder
    with place(target) as new:
        with laid_out(staging, origin, layout.rules) as tally:
            nobody = origin is DIRECTORY and not staging.one(_SOMEBODY)
            files = layout.files(replace(facts, district=_district(staging)))
            written = _files(staging, new, run, files, tally)
        if earlier is not None and takes_deltas(name) and (nobody or len(written) < len(files)):
            with earlier.opened() as had, laid_out(had, origin, layout.rules) as tally:
                known = layout.files(replace(facts, district=_district(had)))
                _mark(had, new, run, known, tally, written, earlier, all_of_it=nobody)
            nobody = not written
        if nobody:
            raise FileError(
                "There is nobody to write.", "An empty roster would empty the receiver's; nothing was written."
            )
        done = tuple(written[file.name] for file in files if file.name in written)
        if layout.version:
            done += (_manifest(new, layout, done, facts.system_name),)
        if zipped or is_zip:
            done += (_zip(new, target.name if is_zip else ZIP_NAME, done, run),)
    return done


def _district(staging: Staging) -> str:
    """An ID for the district's organization that is no school's."""
    taken = {row[0] for row in staging.rows("select sis_id from roster.schools where starts_with(sis_id, 'district')")}
    return next(name for n in range(len(taken) + 1) if (name := f"district-{n}" if n else "district") not in taken)


def _files(staging: Staging, new: Path, run: Run, files: tuple[File, ...], tally: Tally) -> dict[str, WrittenFile]:
    """Write the files that have rows or are required, and tell of each by its name."""
    written = {}
    for n, file in enumerate(files):
        run.report(f"Writing {file.name}.csv", n, len(files))
        path = new / f"{file.name}.csv"
        rows = int(staging.one(f"copy ({file.sql}) to {literal(str(path))} {_COPY}"))
        if rows or file.required:
            written[file.name] = _written(path, rows, file, tally, run)
        else:  # the OneRoster binding allows no file without rows
            path.unlink()
    return written


def _mark(
    had: Staging,
    new: Path,
    run: Run,
    files: tuple[File, ...],
    tally: Tally,
    written: dict[str, WrittenFile],
    earlier: Earlier,
    *,
    all_of_it: bool,
) -> None:
    """Write as deltas the files of which nothing is `written`, or `all_of_it`: then no file says what stays."""
    for n, file in enumerate(files):
        if file.name in written and not all_of_it:
            continue
        run.report(f"Writing {file.name}.csv", n, len(files))
        path, part = new / f"{file.name}.csv", new / f"{file.name}.part"
        stays = path if written.pop(file.name, None) is not None else None
        rows = 0
        if file.name not in deletions.STAYING:
            if earlier.require is not None:
                whole = int(had.one(f"copy ({file.sql}) to {literal(str(part))} {_COPY}"))
                digest = _written(part, whole, file, tally, run).sha256 if whole else ""
                earlier.require(path.name, whole, digest)
            sql = deletions.marked(file, earlier.moment, stays).sql
            rows = int(had.one(f"copy ({sql}) to {literal(str(part))} {_COPY}"))
        if stays is not None:
            path.unlink()
        if rows:
            part.rename(path)
            written[file.name] = replace(_written(path, rows, file, tally, run), delta=True)
        else:
            part.unlink(missing_ok=True)


def _written(path: Path, rows: int, file: File, tally: Tally, run: Run) -> WrittenFile:
    mended, left_out = (sum(counts.get(e, 0) for e in file.entities) for counts in (tally.mended, tally.left_out))
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            run.check()
            digest.update(chunk)
    return WrittenFile(path.name, rows, digest.hexdigest(), mended, left_out)


def _manifest(new: Path, layout: Layout, written: tuple[WrittenFile, ...], system_name: str) -> WrittenFile:
    name = " ".join(system_name.split())
    modes = {Path(file.name).stem: "delta" if file.delta else "bulk" for file in written}
    rows = [
        ("propertyName", "value"),
        ("manifest.version", "1.0"),
        ("oneroster.version", layout.version),
        *((f"file.{file}", modes.get(file, "absent")) for file in layout.all_files),
        ("source.systemName", name),
        ("source.systemCode", re.sub(r"\W+", "-", name).strip("-").lower()),
    ]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    content = text.getvalue().encode()
    (new / "manifest.csv").write_bytes(content)
    return WrittenFile("manifest.csv", len(rows) - 1, hashlib.sha256(content).hexdigest())


def _zip(new: Path, name: str, files: tuple[WrittenFile, ...], run: Run) -> WrittenFile:
    """Pack the files in their order, and remove each as soon as it is packed, so that they need no room twice."""
    with zipfile.ZipFile(new / name, "x") as archive:
        archive.comment = replacement.COMMENT
        for n, file in enumerate(files):
            run.report(f"Packing {file.name}", n, len(files))
            path = new / file.name
            info = zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o600) << 16
            info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, path.stat().st_size  # at the default level, 6
            with path.open("rb") as source, archive.open(info, "w") as entry:
                while chunk := source.read(_CHUNK):
                    run.check()
                    entry.write(chunk)
            path.unlink()
    rows = sum(file.rows for file in files)
    return _written(new / name, rows, File(name, {}, "", ""), Tally(), run)
