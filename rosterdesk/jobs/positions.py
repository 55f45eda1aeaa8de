"""How far each connection of a job was read when its roster was last pushed, so that the next run may ask only for what
has changed since. Kept for one job as it was: whatever of it, its mapping or its connections is another, all is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from rosterdesk.connections import load
from rosterdesk.connections import named as connection_named
from rosterdesk.errors import RosterDeskError
from rosterdesk.jobs.file import Job, mapping_file, named, written
from rosterdesk.log import log

_SUFFIX = ".positions.json"


def kept(job: Job) -> Mapping[str, str]:
    """The positions by the names of the connections; none where the job has changed since, or nothing is kept."""
    path = named(job.name, _SUFFIX)
    try:
        found = json.loads(path.read_text("utf-8"))
        positions = {str(name): str(position) for name, position in found["positions"].items()}
        of = str(found["of"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("the positions of a job could not be read: %s", type(error).__name__)
        return {}
    return positions if of == _of(job) else {}


def keep(job: Job, positions: Mapping[str, str]) -> None:
    """Keep the positions of what has just been pushed. Raises `FileError`."""
    path = named(job.name, _SUFFIX)
    if positions:
        written(path, json.dumps({"of": _of(job), "positions": dict(positions)}, indent=1) + "\n")
    else:
        path.unlink(missing_ok=True)


def _of(job: Job) -> str:
    """A digest of all that decides what a read of this job gives, and where it goes."""
    parts = [job.directory, job.outlet, job.layout, *job.sources]
    for source in job.sources:
        if (name := connection_named(source)) is not None:
            try:
                connection = load(name)
            except RosterDeskError:  # the run itself will say so
                continue
            parts += [connection.kind.value, connection.address, *map(str, sorted(connection.options.items()))]
            parts.append(connection.created.isoformat())
    if (path := mapping_file(job.name)).exists():
        parts.append(path.read_text("utf-8"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
