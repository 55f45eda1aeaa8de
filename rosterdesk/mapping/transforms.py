"""Every step from a cell to a field, as an expression over the raw table. What a step can't turn stays as it was.

trim                                     without outer blanks
case      to = upper | lower | title
split     by = ","                       a list of its parts
join      by = " "                       several columns, or the items of a list, as one text
pick      n = 1 [by = ","]               the n-th item of a list; -1 is the last
replace   table = {A = "active"} [default = "..."]     whole cells, compared trimmed and without case;
          "" stands for an empty cell
constant  value = "student"
pattern   find = "^s(\\d+)$" [replace = "\\1" | group = 1]     a regular expression (RE2)
date      [birth = true] [order = "mdy" | "dmy"]       ISO 8601
phone     [country = "US"]               E.164
grade     [list = true]                  CEDS entry grade
role, status, boolean, class_type, org_type            our words for these
name      part = given | middle | family               of "Last, First Middle" or "First Last"
lookup    table = "...", key = "...", value = "..." [keep = true]    the value that another table has for this key;
          of an unknown key nothing, or with keep the key itself
ids       types = ["stateID"]            the identifier of one type in a list such as {stateID:123},{sisID:4}
each      [by = ","]                     one row for each item
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rosterdesk.errors import UsageError
from rosterdesk.mapping import dates, naming, phones, words
from rosterdesk.mapping.cells import Cell, choose, each, trimmed
from rosterdesk.model import FieldMap, Reading, SourceTable, Transform
from rosterdesk.staging import Staging, literal, quote

_DEFAULT_COUNTRY = "US"


@dataclass(frozen=True, slots=True)
class Bench:
    """What steps need beside the cell: its table, the source's other tables, and the mapping's settings."""

    staging: Staging
    table: SourceTable
    reading: Reading
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def country(self) -> str:
        return str(self.settings.get("country", _DEFAULT_COUNTRY))


def build(spec: FieldMap, bench: Bench, *, many: bool = False) -> Cell:
    """The expression of a field: a text, or with `many` a list of trimmed, non-empty texts.

    Of several columns without a `join` the first that is not empty counts, or in a list all. Raises `UsageError` for a
    step or a column that doesn't exist.
    """
    for column in spec.columns:
        if column not in bench.table.columns:
            raise UsageError(
                "The mapping does not fit this source.", f"The table {bench.table.name} has no column “{column}”."
            )
    cells = [Cell(f"source.{quote(c)}", blank=True) for c in spec.columns] or [Cell("null::varchar")]
    exploded = False
    for step in spec.transforms:
        exploded = exploded or step.op == "each"
        if step.op == "join" and not (len(cells) == 1 and not cells[0].many):
            cells = [_join(cells, str(step.args.get("by", " ")))]
        elif step.op == "constant":
            cells = [Cell(literal(str(step.args.get("value", ""))))]
        else:
            cells = [_step(step, cell, spec, bench) for cell in cells]
    as_list = many or exploded
    done = _as_list(cells) if as_list else _as_text(cells)
    return Cell(f"unnest({done.sql})") if exploded else done


def is_exploding(spec: FieldMap) -> bool:
    """Whether the field makes several rows of one."""
    return any(t.op == "each" for t in spec.transforms)


def looks_up(spec: FieldMap) -> bool:
    """Whether the field comes from another table."""
    return any(t.op == "lookup" for t in spec.transforms)


def _as_text(cells: Sequence[Cell]) -> Cell:
    texts = [f"{c.sql}[1]" if c.many else c.text for c in cells]
    return Cell(texts[0] if len(texts) == 1 else f"coalesce({', '.join(texts)})")


def _as_list(cells: Sequence[Cell]) -> Cell:
    """The items of all cells, trimmed, without empty ones; NULL when there are none."""
    if len(cells) == 1 and not cells[0].many:
        text = f"nullif({trimmed(cells[0].sql)}, '')"
        return Cell(f"case when {text} is not null then [{text}] end", many=True)
    if len(cells) == 1:
        return cells[0]
    lists = [c.sql if c.many else f"[{trimmed(c.sql)}]" for c in cells]
    items = f"list_filter(list_concat({', '.join(lists)}), lambda x: x <> '')"
    return Cell(f"case when len({items}) > 0 then {items} end", many=True)


def _join(cells: Sequence[Cell], by: str) -> Cell:
    if len(cells) == 1 and cells[0].many:
        return Cell(f"array_to_string({cells[0].sql}, {literal(by)})", blank=True)
    texts = ", ".join(
        f"array_to_string({c.sql}, {literal(by)})" if c.many else f"nullif({trimmed(c.sql)}, '')" for c in cells
    )
    return Cell(f"concat_ws({literal(by)}, {texts})", blank=True)


def _step(step: Transform, cell: Cell, spec: FieldMap, bench: Bench) -> Cell:
    con = bench.staging.con
    if step.op in words.VOCABULARIES:
        return words.vocabulary(step.op, cell, con)
    if step.op == "grade":
        return words.grade(cell, con, all_of_them=bool(step.args.get("list", False)))
    if step.op == "phone":
        return phones.phone(cell, str(step.args.get("country", bench.country)), con)
    if step.op == "name":
        return naming.part(cell, str(step.args.get("part", "")), con)
    if step.op == "date":
        return dates.date(cell, _calendar(step, spec, bench), con)
    if step.op == "lookup":
        return _lookup(step, cell, bench)
    plain = _PLAIN.get(step.op)
    if plain is None:
        raise UsageError("The mapping can't be used.", f"There is no transform called “{step.op}”.")
    try:
        return plain(cell, step.args)
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise UsageError(
            "The mapping can't be used.", f"The transform “{step.op}” lacks an argument, or one is wrong.", str(error)
        ) from error


def _calendar(step: Transform, spec: FieldMap, bench: Bench) -> dates.Calendar:
    birth = bool(step.args.get("birth", False))
    if order := step.args.get("order"):
        return dates.Calendar(dict.fromkeys(dates.SEPARATORS, str(order)), birth)
    if len(spec.columns) != 1:
        return dates.Calendar.usual(bench.country, birth=birth)
    return dates.calendar(bench.staging, bench.table, spec.columns[0], bench.country, birth=birth)


def _lookup(step: Transform, cell: Cell, bench: Bench) -> Cell:
    table = bench.reading.table(str(step.args.get("table", "")))
    key, value = str(step.args.get("key", "")), str(step.args.get("value", ""))
    if table is None or key not in table.columns or value not in table.columns:
        raise UsageError(
            "The mapping does not fit this source.",
            "A lookup names a table or column that is not there.",
            f"{step.args}",
        )
    # A table of its own, so that a key that stands twice gives its first value every time.
    name = f"mapped.{quote(f'lookup {table.name}.{key}.{value}')}"
    bench.staging.execute(f"""create table if not exists {name} as
        select {quote(key)} as key, {quote(value)} as value from (select *, row_number() over () as row from
        {table.relation}) where {quote(key)} <> '' qualify row_number() over (partition by {quote(key)} order by row) =
        1""")
    keep = bool(step.args.get("keep", False))

    def change(x: str) -> str:
        found = f"(select nullif(any_value(l.value), '') from {name} l where l.key = {x})"
        return f"coalesce({found}, {x})" if keep else found

    if cell.many:
        cell = _as_text([cell])
    return Cell(change(cell.text))


def _case(cell: Cell, args: Mapping[str, object]) -> Cell:
    to = args["to"]
    if to in ("upper", "lower"):
        return each(cell, lambda x: f"{to}({x})")
    if to != "title":
        raise ValueError(to)

    def title(x: str) -> str:
        out = f"lower({x})"
        for separator in (" ", "-", "'", "’"):
            by = literal(separator)
            out = f"array_to_string(list_transform(string_split({out}, {by}), lambda w: upper(w[1]) || w[2:]), {by})"
        return out

    return each(cell, title)


def _split(cell: Cell, args: Mapping[str, object]) -> Cell:
    if cell.many:
        return cell
    x, by = cell.sql, str(args.get("by", ","))
    # A writer that quoted the list itself, and was then quoted once more, leaves one layer of quotation marks around
    # it.
    bare = f"""case when {x} like '"%"' then {x}[2:-2] else {x} end"""
    careful = (
        f"list_filter(list_transform(string_split({bare}, {literal(by)}), lambda x: {trimmed('x')}), lambda x: x <> '')"
    )
    mark = re.escape(by)
    untidy = literal(f"[^!#-~]|{mark}{mark}|^{mark}|{mark}$")  # anything but visible ASCII, or an empty item
    items = f"case when regexp_matches({x}, {untidy}) then {careful} else string_split({x}, {literal(by)}) end"
    return Cell(f"case when {x} <> '' then {items} end", many=True)


def _pick(cell: Cell, args: Mapping[str, object]) -> Cell:
    return Cell(f"{_split(cell, args).sql}[{int(str(args.get('n', 1)))}]")


def _replace(cell: Cell, args: Mapping[str, object]) -> Cell:
    table = args["table"]
    if not isinstance(table, Mapping):
        raise TypeError("table")
    pairs = {str(a).strip().casefold(): str(b) for a, b in table.items()}
    default = args.get("default")

    def change(x: str) -> str:
        other = x if default is None else f"case when {x} is not null then {literal(str(default))} end"
        return choose(f"lower(coalesce({trimmed(x)}, ''))", pairs, other, blank="" not in pairs)

    return each(Cell(cell.text, cell.many), lambda x: f"nullif({change(x)}, '')")


def _pad(cell: Cell, args: Mapping[str, object]) -> Cell:
    """Zeros before an ID of digits that is shorter than `width`: what a spreadsheet took away."""
    width = int(str(args["width"]))

    def change(x: str) -> str:
        return f"case when {x} similar to '[0-9]{{1,{width - 1}}}' then lpad({x}, {width}, '0') else {x} end"

    return each(cell, change)


def _pattern(cell: Cell, args: Mapping[str, object]) -> Cell:
    find = str(args["find"])
    re.compile(find)  # RE2 is stricter, but a pattern that is no pattern anywhere should say so before the run
    pattern = literal(find)
    if "replace" in args:
        return each(cell, lambda x: f"regexp_replace({x}, {pattern}, {literal(str(args['replace']))}, 'g')")
    group = int(str(args.get("group", 0)))
    return each(
        cell,
        lambda x: f"case when regexp_matches({x}, {pattern}) then regexp_extract({x}, {pattern}, {group}) else {x} end",
    )


def _ids(cell: Cell, args: Mapping[str, object]) -> Cell:
    types = args["types"]
    if not isinstance(types, Sequence):
        raise TypeError("types")
    kinds = "|".join(re.escape(str(t)) for t in types)
    brace = literal(rf"(?i)\{{\s*(?:{kinds})\s*:\s*([^{{}},]*?)\s*\}}")
    json = literal(rf'(?i)"type"\s*:\s*"(?:{kinds})"\s*,\s*"identifier"\s*:\s*"([^"]*)"')
    return each(
        cell,
        lambda x: f"coalesce(nullif(regexp_extract({x}, {brace}, 1), ''), nullif(regexp_extract({x}, {json}, 1), ''))",
    )


_PLAIN: dict[str, Callable[[Cell, Mapping[str, object]], Cell]] = {
    "trim": lambda cell, _: Cell(each(cell, trimmed).sql, cell.many, blank=True),
    "case": _case,
    "split": _split,
    "join": lambda cell, _: cell,
    "pick": _pick,
    "replace": _replace,
    "pattern": _pattern,
    "pad": _pad,
    "ids": _ids,
    "each": lambda cell, args: _split(cell, args) if "by" in args else cell,
}
OPERATIONS = (*words.VOCABULARIES, "grade", "phone", "name", "date", "lookup", "constant", *_PLAIN)
