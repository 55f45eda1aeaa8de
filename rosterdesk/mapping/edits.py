"""What a person may change in a mapping: a column, a constant, words, steps, what a table holds. All of it pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from rosterdesk.model import Confidence, FieldMap, TableMap, Transform
from rosterdesk.model import Mapping as RosterMapping
from rosterdesk.targets import TARGETS

# The steps with which a column is begun that a person chose.
_USUAL: dict[str, tuple[Transform, ...]] = {
    "grade": (Transform("grade"),),
    "role": (Transform("role"),),
    "status": (Transform("status"),),
    "class_type": (Transform("class_type"),),
    "type": (Transform("org_type"),),
    "primary": (Transform("boolean"),),
    "sms": (Transform("phone"),),
    "phone": (Transform("phone"),),
    "birth_date": (Transform("date", {"birth": True}),),
    "begin_date": (Transform("date"),),
    "end_date": (Transform("date"),),
}
_TRIM = Transform("trim")
KINDS = tuple(TARGETS)


def choose_column(mapping: RosterMapping, place: int, field: str, columns: Iterable[str]) -> RosterMapping:
    """The field from these columns; the steps stay, but for look-ups and constants of the former column."""
    before = mapping.tables[place].fields.get(field)
    usual = _USUAL.get(field, (_TRIM,))
    if TARGETS[mapping.tables[place].target][field].many:
        usual = (Transform("split"),)
    kept = tuple(t for t in before.transforms if t.op not in ("lookup", "constant")) if before else usual
    return _with(mapping, place, field, FieldMap(tuple(columns), kept))


def choose_constant(mapping: RosterMapping, place: int, field: str, value: str) -> RosterMapping:
    """The field the same in every row."""
    return _with(mapping, place, field, FieldMap((), (Transform("constant", {"value": value}),)))


def leave_out(mapping: RosterMapping, place: int, field: str) -> RosterMapping:
    """The field from nowhere."""
    return _with(mapping, place, field, None)


def choose_words(mapping: RosterMapping, place: int, field: str, words: Mapping[str, str]) -> RosterMapping:
    """These cells mean that: a table of whole cells, before every other step; an empty meaning takes the word out."""
    before = mapping.tables[place].fields[field]
    steps = list(before.transforms)
    table: dict[str, object] = {}
    if steps and steps[0].op == "replace" and isinstance(steps[0].args.get("table"), Mapping):
        first = steps.pop(0)
        known = first.args["table"]
        assert isinstance(known, Mapping)
        table = dict(known)
    table = {word: meaning for word, meaning in {**table, **words}.items() if meaning}
    front = (Transform("replace", {"table": table}),) if table else ()
    return _with(mapping, place, field, replace(before, transforms=(*front, *steps), confidence=Confidence.GIVEN))


def add_step(mapping: RosterMapping, place: int, field: str, step: Transform) -> RosterMapping:
    """One more step behind those that the field has; of those that make words of ours, one is enough."""
    before = mapping.tables[place].fields[field]
    others = tuple(t for t in before.transforms if t.op != step.op or step.op in ("replace", "pattern"))
    return _with(mapping, place, field, replace(before, transforms=(*others, step), confidence=Confidence.GIVEN))


def remove_steps(mapping: RosterMapping, place: int, field: str) -> RosterMapping:
    """The field as its column is, without any step."""
    before = mapping.tables[place].fields[field]
    return _with(mapping, place, field, replace(before, transforms=(), confidence=Confidence.GIVEN))


def choose_kind(mapping: RosterMapping, table: str, kind: str, columns: Iterable[str]) -> RosterMapping:
    """The table as records of a kind ("" leaves it out). Fields that both kinds have stay; else names that are the
    field's own are taken.
    """
    before = next((t for t in mapping.tables if t.table == table), None)
    others = tuple(t for t in mapping.tables if t.table != table)
    made: tuple[TableMap, ...] = ()
    if kind:
        kept = {n: f for n, f in before.fields.items() if n in TARGETS[kind]} if before else {}
        named = {c.strip().casefold().replace(" ", "_"): c for c in columns}
        for name, field in TARGETS[kind].items():
            spelled = next((named[s] for s in (name, field.title.casefold().replace(" ", "_")) if s in named), None)
            if name not in kept and spelled is not None:
                kept[name] = FieldMap((spelled,), _USUAL.get(name, (_TRIM,)), Confidence.LIKELY)
        made = (TableMap(table, kind, kept),)
    return _answered(replace(mapping, tables=(*others, *made)), table)


def accepted(mapping: RosterMapping) -> RosterMapping:
    """The mapping as one that a person has looked at: no column is doubtful any more."""

    def given(spec: TableMap) -> TableMap:
        return replace(spec, fields={n: replace(f, confidence=Confidence.GIVEN) for n, f in spec.fields.items()})

    return replace(mapping, tables=tuple(given(spec) for spec in mapping.tables))


def _with(mapping: RosterMapping, place: int, field: str, source: FieldMap | None) -> RosterMapping:
    def changed(fields: Mapping[str, FieldMap]) -> dict[str, FieldMap]:
        kept = {n: f for n, f in fields.items() if n != field or source is not None}
        return {**kept, field: source} if source is not None else kept

    return _answered(
        _at(mapping, place, lambda spec: replace(spec, fields=changed(spec.fields))), mapping.tables[place].table
    )


def _at(mapping: RosterMapping, place: int, change: Callable[[TableMap], TableMap]) -> RosterMapping:
    return replace(mapping, tables=tuple(change(s) if n == place else s for n, s in enumerate(mapping.tables)))


def _answered(mapping: RosterMapping, table: str) -> RosterMapping:
    """The mapping without the questions about a table: whoever changed something there has looked at it."""
    asked = mapping.settings.get("questions")
    if not isinstance(asked, list | tuple):
        return mapping
    left = [question for question in asked if f"“{table}”" not in str(question)]
    others = {name: value for name, value in mapping.settings.items() if name != "questions"}
    return replace(mapping, settings={**others, "questions": left} if left else others)
