"""Carries out a plan on the directory, in one transaction: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import sqlalchemy as sa

from rosterdesk.directory import ages, deliveries, sight, snapshot
from rosterdesk.directory.deliveries import Delivered
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, PastRun, State, list_runs, next_run, now, record_run
from rosterdesk.directory.usual import record_schools
from rosterdesk.errors import DirectoryChanged
from rosterdesk.model import ENTITIES, FIELDS, LINKS, PEOPLE, Plan
from rosterdesk.push import sharing
from rosterdesk.push.bulk import Writer
from rosterdesk.run import Run
from rosterdesk.staging import Staging

# What a plan does at each school, by SIS ID: of each kind of record, how many of each action.
BySchool = Mapping[str, Mapping[str, Mapping[str, int]]]

_ROLE = "case when is_student then 'student' else 'teacher' end"
_REFERENCES = ("school_sis_id", "other_school_sis_ids")


def _nothing() -> None:
    return None


def push(
    directory: Directory,
    plan: Plan,
    staging: Staging,
    run: Run,
    *,
    source: str,
    problems: Mapping[str, int],
    deliver: Callable[[], Delivered | None] = _nothing,
    job: str = "",
    by_school: BySchool | None = None,
) -> int:
    """Apply `plan.*` and return the run's number. `deliver` is called when all is written and nothing committed; what
    it delivered is written down with the run, and so is what it did `by_school` if that is given.

    Raises `DirectoryChanged` when the directory is no longer the one that the plan was made for, `Cancelled`, and what
    `deliver` raises; all leave it as it was.
    """
    started = now()
    with directory.transaction("pushing a roster", run) as connection:
        who = sight.require_to_sync(connection, directory.district).who
        if directory.generation_in(connection) != plan.generation:
            raise DirectoryChanged(
                "The directory has changed since the preview.", "Make the preview again: nothing was pushed."
            )
        held = _held(connection, directory.district, plan)
        number = held.number if held else next_run(connection, directory.district)
        moved = not plan.empty and sharing.prepare(connection, directory, staging)
        _after(staging, number, sharing.MOVES if moved else None)
        if not plan.empty:
            with snapshot.drawn(staging) as drawing:
                writer = Writer(directory, connection, staging, run)
                _write(writer, number, plan)
                if moved:
                    sharing.write(writer, number)
                run.report("Remembering the new state")
                snapshot.save(connection, directory.district, directory.bump(connection), drawing(), run)
        past = _past(number, State.DONE, started, who, source, plan, problems, job)
        record_run(connection, directory.district, replace(past, why=held.why if held else ""))
        if by_school is not None:
            record_schools(connection, directory.district, number, by_school)
        run.report("Finishing")
        if (delivered := deliver()) is not None:
            deliveries.record(connection, directory.district, number, delivered)
        run.decide()  # the files are where others see them: the directory follows, whoever wants to stop now
    return number


def hold(
    directory: Directory,
    plan: Plan,
    run: Run,
    *,
    source: str,
    problems: Mapping[str, int],
    by_school: BySchool,
    job: str = "",
) -> int:
    """Write down that this plan waits for a person, and what it would do at each school; return the run's number. The
    same plan is held only once.
    """
    with directory.transaction("holding a run", run) as connection:
        who = sight.require_to_sync(connection, directory.district).who
        held = _held(connection, directory.district, plan)
        number = held.number if held else next_run(connection, directory.district)
        past = _past(number, State.HELD, now(), who, source, plan, problems, job)
        why = "\n".join(tripped.message for tripped in plan.tripped)
        record_run(connection, directory.district, replace(past, why=why))
        record_schools(connection, directory.district, number, by_school)
    return number


def _held(connection: sa.Connection, district: int, plan: Plan) -> PastRun | None:
    """The run that holds exactly this plan, if it is the latest; cleaning up is none that comes between."""
    latest = list_runs(connection, district, limit=1, before=ages.latest_but_purges(connection, district) + 1)
    return latest[0] if latest and latest[0].state is State.HELD and latest[0].digest == plan.digest else None


def _past(
    number: int, state: State, started: str, who: str, source: str, plan: Plan, problems: Mapping[str, int], job: str
) -> PastRun:
    return PastRun(
        number,
        Kind.PUSH,
        state,
        started,
        now(),
        who,
        source,
        plan.digest,
        {name: dict(counts) for name, counts in plan.counts.items()},
        dict(problems),
        job=job,
    )


def _write(writer: Writer, number: int, plan: Plan) -> None:
    for entity in ENTITIES:
        _records(writer, entity, number, plan)
    for link in LINKS:
        _links(writer, link, number, plan)
    writer.delete("hand_edits", ("subject", "field"), "select id, field from plan.overwritten")
    _history(writer, number)
    writer.directory.take_ids(writer.connection, sum(plan.counts[e]["created"] for e in ENTITIES))


def _own(entity: str) -> tuple[str, ...]:
    fields = tuple(f for f in FIELDS[entity] if f not in _REFERENCES)
    return (*fields, *(("language",) if entity in PEOPLE else ()))


def _records(writer: Writer, entity: str, number: int, plan: Plan) -> None:
    own = _own(entity)
    at_school = "school_sis_id" in FIELDS[entity]
    school = ", (select s.id from plan.school_ids s where s.sis_id = {0}.school_sis_id)" if at_school else ""
    columns = (*own, *(("school",) if at_school else ()))
    no = "i.no" if entity in PEOPLE else "i.rowid"
    writer.insert(
        entity,
        ("id", "sis_id", *columns),
        f"""select p.id, i.sis_id, {", ".join(f"i.{f}" for f in own)}{school.format("i")}
            from plan.{entity} p join incoming.{entity} i on {no} = p.no where p.created order by p.id""",
        {"status": "active", "created_run": number},
        f"Adding {entity}",
        plan.counts[entity]["created"],
    )
    fields = ", ".join(f"a.{f}" for f in own)
    after = f"select {fields}{school.format('a')}, 'active', a.id from plan.{entity}_after a order by a.id"
    writer.update(entity, (*columns, "status"), after)
    writer.update(entity, ("status",), f"select 'archived', id from plan.{entity}_gone order by id")
    if "other_school_sis_ids" in FIELDS[entity]:
        moved = f"select id from plan.fields where entity = '{entity}' and field = 'other_school_sis_ids'"
        writer.delete(
            "other_schools",
            ("person", "school"),
            f"""select d.id, s.id from plan.school_ids s join (
                    select id, unnest(string_split(other_school_sis_ids, chr(31))) as sis_id from directory.{entity}
                    where id in ({moved})) d using (sis_id)""",
        )
        states = f"""select id, other_school_sis_ids from plan.{entity}_after where id in ({moved}) union all
            select p.id, i.other_school_sis_ids from plan.{entity} p
            join incoming.{entity} i on {no} = p.no where p.created"""
        writer.insert(
            "other_schools",
            ("person", "school"),
            f"""select x.id, s.id from (
                select id, unnest(string_split(other_school_sis_ids, chr(31))) as sis_id
                from ({states}) where other_school_sis_ids is not null) x join plan.school_ids s using (sis_id)""",
            {"created_run": number},
        )


def _links(writer: Writer, link: str, number: int, plan: Plan) -> None:
    if link == "enrollments":
        writer.delete(
            link, ("classroom", "person", "role"), f"select classroom, person, {_ROLE} from plan.enrollments_removed"
        )
        columns: tuple[str, ...] = ("classroom", "role", "is_primary", "person")
        sql = f"select classroom, {_ROLE}, is_primary::int, person from plan.enrollments_added"
    else:
        writer.delete(link, ("student", "guardian"), "select student, guardian from plan.guardianships_removed")
        columns = ("student", "guardian", "relationship")
        sql = """select student, guardian, relationship from plan.guardianships_added
            order by student, guardian"""
    writer.insert(
        link,
        columns,
        sql,
        {"synced": 1, "created_run": number},
        f"Adding {'family links' if link == 'guardianships' else link}",
        plan.counts[link]["created"],
        listed=link == "enrollments",
    )


def _history(writer: Writer, number: int) -> None:
    """Write what changed and what was removed; what was created says so itself."""
    parts = [
        """select f.entity, f.id, case when a.archived then 'restore' else 'update' end,
               json_group_object(f.field, f.before), json_group_object(f.field, f.after)
           from plan.fields f join (select id, archived from ({})) a using (id) group by all""".format(
            " union all ".join(f"select id, archived from plan.{e}_after" for e in ENTITIES)
        ),
    ]
    for entity in ENTITIES:
        parts.append(f"""select '{entity}', id, 'restore', '{{}}', '{{}}' from plan.{entity}_after
            where archived and id not in (select id from plan.fields)""")
        parts.append(f"select '{entity}', id, 'archive', '{{}}', '{{}}' from plan.{entity}_gone")
    parts.append(f"""select 'enrollments', classroom, 'remove', json_object('classroom', classroom, 'person', person,
        'role', {_ROLE}, 'is_primary', is_primary::int, 'synced', 1, 'created_run', created_run), null
        from plan.enrollments_removed""")
    parts.append("""select 'guardianships', student, 'remove', json_object('student', student, 'guardian', guardian,
        'relationship', relationship, 'synced', 1, 'created_run', created_run), null
        from plan.guardianships_removed""")
    parts.append("""select 'hand_edits', id, 'remove',
        json_object('subject', id, 'field', field, 'created_run', created_run), null from plan.overwritten""")
    rows = " union all ".join(f"({part})" for part in parts)
    writer.insert(
        "changes",
        ("number", "entity", "record", "action", "before", "after"),
        f"select row_number() over (), q.* from ({rows}) q",
        {"run": number},
    )


def _after(staging: Staging, number: int, moved: str | None) -> None:
    """Make `plan.after_*`, the synced records and all links as they are once the plan is carried out.

    `moved` is the table of those who join an account that was signed in to.
    """
    joins = f"in (select id from {moved})" if moved else "is null"
    for entity in ENTITIES:
        names = [c for c in snapshot.columns(entity) if c not in ("status", "fingerprint")]
        no = "i.no" if entity in PEOPLE else "i.rowid"
        made = {"active": f"p.id {joins} as active", "id": "p.id"}
        spec = ", ".join(made.get(c, f"i.{c}") for c in names)
        kept = ", ".join(f"d.{c}" for c in names)
        known = {"active": f"d.active or d.id {joins} as active", "id": "d.id", "sis_id": "d.sis_id"}
        changed = ", ".join(known.get(c, f"a.{c}") for c in names)
        fingerprint = "hash({})".format(", ".join(f"a.{f}" for f in FIELDS[entity]))
        staging.execute(f"""create or replace view plan.after_{entity} as
            select {kept}, case when g.id is null then d.status else 'archived' end as status, d.fingerprint
            from directory.{entity} d
            anti join plan.{entity}_after a on a.id = d.id left join plan.{entity}_gone g on g.id = d.id
            union all
            select {changed}, 'active', {fingerprint}
            from plan.{entity}_after a join directory.{entity} d on d.id = a.id
            union all
            select {spec}, 'active', i.fingerprint
            from plan.{entity} p join incoming.{entity} i on {no} = p.no where p.created""")
    for link in LINKS:
        columns = tuple(snapshot.columns(link))
        same = " and ".join(f"r.{c} is not distinct from d.{c}" for c in columns[:-1])
        staging.execute(f"""create or replace view plan.after_{link} as
            select {", ".join(f"d.{c}" for c in columns)}
            from directory.{link} d anti join plan.{link}_removed r on {same}
            union all select {", ".join(columns[:-1])}, {number} from plan.{link}_added""")
    for link in snapshot.MANUAL:
        staging.execute(f"create or replace view plan.after_{link} as select * from directory.{link}")
