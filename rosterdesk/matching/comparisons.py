"""What is compared of two students, level by level from the strongest; the weights of the levels come from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from rosterdesk import paths

WEIGHTS = paths.RESOURCES / "matching" / "weights.json"

# Of each level of each comparison, how often it is seen among pairs that are one student and among pairs that are two.
Weights = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which two values may agree. `frequent` names the column whose commonness lowers its weight; `words` is
    what a person reads, `short` what stands in the plot."""

    name: str
    condition: str
    words: str = ""
    frequent: str | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    name: str
    title: str
    missing: str
    levels: tuple[Level, ...]

    def number(self, level: str) -> int:
        """The number by which Splink tells a level: the last one is 0, what is missing is -1."""
        return len(self.levels) - 1 - next(n for n, known in enumerate(self.levels) if known.name == level)


def _both(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _share(left: str, right: str) -> str:
    """Whether two lists have a value in common; most have no bit in common, which is far quicker to see."""
    return f"case when ({left}_bits_l & {right}_bits_r) = 0 then false else list_has_any({left}_l, {right}_r) end"


def _apart(column: str) -> str:
    """Whether a slip lies between two names: one letter, or two in a long name. Their letters tell most apart."""
    short = f"least(length({column}_l), length({column}_r))"
    most = f"case when {short} >= 7 then 2 else 1 end"
    letters = f"bit_count(xor({column}_letters_l, {column}_letters_r))"
    return (
        f"case when {letters} > 4 or abs(length({column}_l) - length({column}_r)) > 2 then false "
        f"else damerau_levenshtein({column}_l, {column}_r) <= {most} end"
    )


def _long(column: str) -> str:
    return f"least(length({column}_l), length({column}_r)) >= 4"


def _slip(column: str) -> str:
    short = f"least(length({column}_l), length({column}_r))"
    apart = f"damerau_levenshtein({column}_l, {column}_r)"
    return f"({short} >= 4 and {apart} <= case when {short} >= 7 then 2 else 1 end)"


_SWAPPED = (
    "(given_l = family_r and (family_l = given_r or nearly_called([family_l], [given_r])) "
    "or family_l = given_r and nearly_called([given_l], [family_r]))"
)
# A nickname, a part or a middle name that has a slip besides; it is looked at only where nothing simpler holds.
_RELATED = " or ".join(
    f"nearly_called({left}_l, {right}_r)"
    for left, right in (("formals", "called"), ("called", "formals"), ("middles", "called"), ("called", "middles"))
)
_BIRTH_TEXT = "damerau_levenshtein(strftime(birth_l, '%Y%m%d'), strftime(birth_r, '%Y%m%d'))"

COMPARISONS = (
    Comparison(
        "given",
        "First name",
        _both("given"),
        (
            Level("exact", "given_l = given_r", "same first name", "given"),
            Level("swapped", _SWAPPED, "first and last name exchanged"),
            Level("part", _share("called", "called"), "one first name contains the other", "given", 0.7),
            Level(
                "nickname",
                _share("formals", "formals"),
                "one first name is a nickname of the other",
                "given",
                0.7,
            ),
            Level(
                "middle",
                f"({_share('called', 'middles')}) or ({_share('middles', 'called')})",
                "one's first name is the other's middle name",
                "given",
                0.5,
            ),
            Level(
                "neighbour",
                f"(known_l and known_r or few_l and left(given_l, 1) <> left(given_r, 1)) and ({_apart('given')})",
                "first names nearly alike, but both are names",
                "given",
                0.5,
            ),
            Level("slip", f"{_long('given')} and ({_apart('given')})", "first names differ by a slip", "given"),
            Level(
                "short slip",
                _apart("given"),
                "short first names differ by one letter",
                "given",
                0.5,
            ),
            Level(
                "initial",
                "least(length(given_l), length(given_r)) = 1 and left(given_l, 1) = left(given_r, 1)",
                "same initial",
            ),
            Level("related", _RELATED, "first names that may be related, with a slip"),
            Level("different", "ELSE", "other first name"),
        ),
    ),
    Comparison(
        "family",
        "Last name",
        _both("family"),
        (
            Level("exact", "family_l = family_r", "same last name", "family"),
            Level("swapped", _SWAPPED, "first and last name exchanged"),
            Level("last part", "fam_z_l = fam_z_r", "same part of a compound last name", "fam_z"),
            Level("first part", "fam_a_l = fam_a_r", "same part of a compound last name", "fam_a"),
            Level("some part", _share("tokens", "tokens"), "same part of a compound last name"),
            Level("slip", f"{_long('family')} and ({_apart('family')})", "last names differ by a slip", "family"),
            Level("short slip", _apart("family"), "short last names differ by one letter"),
            Level(
                "part slip",
                f"(fam_z_l <> family_l or fam_z_r <> family_r) and ({_slip('fam_z')} or {_slip('fam_a')})",
                "a part of the last name differs by a slip",
            ),
            Level("different", "ELSE", "other last name"),
        ),
    ),
    Comparison(
        "middle",
        "Middle name",
        _both("middle"),
        (
            Level("exact", "middle_l = middle_r", "same middle name"),
            Level(
                "initial",
                "least(length(middle_l), length(middle_r)) = 1 and left(middle_l, 1) = left(middle_r, 1)",
                "same middle initial",
            ),
            Level("slip", _slip("middle"), "middle names differ by a slip"),
            Level("different", "ELSE", "other middle name"),
        ),
    ),
    Comparison(
        "birth",
        "Birth date",
        _both("birth"),
        (
            Level("exact", "birth_l = birth_r", "same birth date"),
            Level(
                "exchanged",
                "year(birth_l) = year(birth_r) and month(birth_l) = day(birth_r) and day(birth_l) = month(birth_r)",
                "day and month of the birth date exchanged",
            ),
            Level("slip", f"{_BIRTH_TEXT} <= 1", "birth dates differ by one digit"),
            Level(
                "near",
                "abs(date_diff('day', birth_l, birth_r)) <= 31 or "
                "month(birth_l) = month(birth_r) and day(birth_l) = day(birth_r)",
                "birth dates are near",
            ),
            Level("different", "ELSE", "other birth date"),
        ),
    ),
    Comparison(
        "grade",
        "Grade",
        _both("grade"),
        (
            Level("same", "grade_l = grade_r", "same grade"),
            Level("next", "grade_l - grade_r = 1", "one grade up"),
            Level("two up", "grade_l - grade_r = 2", "two grades up"),
            Level("below", "grade_l - grade_r = -1", "one grade down"),
            Level("different", "ELSE", "grades too far apart"),
        ),
    ),
    Comparison(
        "school",
        "School",
        _both("school"),
        (
            Level("same", "list_has_any(schools_l, schools_r)", "same school"),
            Level("different", "ELSE", "other school"),
        ),
    ),
    *(
        Comparison(
            column,
            title,
            _both(column),
            (
                Level("exact", f"{column}_l = {column}_r", f"same {word}"),
                Level(
                    "slip",
                    f"least(length({column}_l), length({column}_r)) >= 5 and "
                    f"damerau_levenshtein({column}_l, {column}_r) <= 1",
                    f"{word}s differ by one digit",
                ),
                Level("different", "ELSE", f"other {word}"),
            ),
        )
        for column, title, word in (("number", "Student number", "student number"), ("state", "State ID", "state ID"))
    ),
    Comparison(
        "email",
        "E-mail",
        _both("email"),
        (Level("exact", "email_l = email_r", "same e-mail"), Level("different", "ELSE", "other e-mail")),
    ),
    Comparison(
        "contacts",
        "Guardians",
        _both("contacts"),
        (
            Level(
                "two",
                "(contacts_bits_l & contacts_bits_r) <> 0 and len(list_intersect(contacts_l, contacts_r)) >= 2",
                "same guardians' contacts",
            ),
            Level("one", _share("contacts", "contacts"), "a guardian's contact is the same"),
            Level("different", "ELSE", "no guardian's contact is the same"),
        ),
    ),
)
BY_NAME = {c.name: c for c in COMPARISONS}


def possible() -> str:
    """The condition, as SQL, under which two students' first names let them be one without a slip in a related name, or
    they have a number in common."""
    given = BY_NAME["given"]
    names = " or ".join(f"({level.condition})" for level in given.levels if level.name not in ("related", "different"))
    return f"({given.missing} or number_l = number_r or state_l = state_r or {names})"


@cache
def weights() -> Weights:
    """How often each level is seen among pairs that are one student (m) and among pairs that are two (u)."""
    read: Weights = json.loads(WEIGHTS.read_text("utf-8"))
    return read


def settings(prior: float, known: Weights) -> dict[str, Any]:
    """The model as Splink reads it."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "id",
        "probability_two_random_records_match": prior,
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "comparisons": [_comparison(c, known.get(c.name, {})) for c in COMPARISONS],
    }


def _comparison(comparison: Comparison, known: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    missing = {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    levels: list[dict[str, Any]] = [missing]
    for level in comparison.levels:
        m, u = known.get(level.name, (0.5, 0.5))
        if level.frequent not in (None, comparison.name) and known:
            # Splink holds the frequency of a value against the chance of this level; parts agree as whole names do.
            whole = known["exact"][1]
            m, u = m * whole / u, whole
        made = {
            "sql_condition": level.condition,
            "label_for_charts": level.name,
            "m_probability": m,
            "u_probability": u,
        }
        if level.frequent is not None:
            made |= {"tf_adjustment_column": level.frequent, "tf_adjustment_weight": level.scale}
        levels.append(made)
    return {"output_column_name": comparison.name, "comparison_levels": levels}
