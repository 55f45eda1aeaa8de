"""Manual classrooms that become a sync's: they get their SIS IDs, and the sync takes over who is taught in them.

Teachers whom people put there stay, and so do students whom no sync knows.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from rosterdesk.directory import classrooms
from rosterdesk.directory.edit import Edit, editing
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.permissions import Person
from rosterdesk.directory.schema import enrollments, students
from rosterdesk.run import Run


def adopt_all(
    directory: Directory,
    sis_ids: Mapping[int, str],
    why: str,
    *,
    keep_titles: bool = False,
    acting_as: str | None = None,
    person: Person | None = None,
    run: Run | None = None,
) -> int | None:
    """Give manual classrooms (by number) their SIS IDs, in one run; return its number, None when none was named.

    With `keep_titles` they keep the names that people gave them. Raises `UsageError` for one that is synced already or
    an ID that is taken, `NotAllowed`; then nothing is changed.
    """
    with editing(directory, "adopting classrooms", why, acting_as=acting_as, person=person, run=run) as edit:
        for classroom, sis_id in sis_ids.items():
            classrooms.adopt(edit, classroom, sis_id)
            _hand_over(edit, classroom)
            if keep_titles:
                edit.own(classroom, "title")
    return edit.run if edit.counts else None


def _hand_over(edit: Edit, classroom: int) -> None:
    """Leave the synced students' places in a classroom to the sync, which takes out who is not in the class."""
    known = sa.select(students.c.id).where(students.c.district == edit.district, students.c.sis_id.is_not(None))
    here = (
        enrollments.c.district == edit.district,
        enrollments.c.classroom == classroom,
        enrollments.c.role == "student",
        enrollments.c.synced == 0,
        enrollments.c.person.in_(known),
    )
    for row in edit.conn.execute(sa.select(enrollments).where(*here).order_by(enrollments.c.person)).all():
        before = {name: value for name, value in row._mapping.items() if name != "district"}
        edit.note("enrollments", classroom, "update", before, {**before, "synced": 1})
    edit.conn.execute(enrollments.update().where(*here).values(synced=1))
    edit.stale |= {"enrollments", "manual_enrollments"}
