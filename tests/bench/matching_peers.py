"""What others do with the districts that matching is measured on: Splink as its documentation sets it up for people,
and names that are the same letter for letter. Both get what we get, and both are made one to one."""

from __future__ import annotations

import logging
import time
import warnings
from dataclasses import dataclass

from rosterdesk.staging import Staging
from tests.matching.invented import District
from tests.matching.measuring import staged

# A pair is taken for a match when that is likelier than not.
THRESHOLD = 0.5
_CLEAN = """select id,
    nullif(lower(trim(given_name)), '') as first_name, nullif(lower(trim(family_name)), '') as surname,
    nullif(lower(trim({middle})), '') as middle_name, {birth} as dob, {grade} as grade, {school} as school,
    {email} as email, ltrim({number}, '0') as student_number,
    nullif(list_distinct(string_split(lower(coalesce({guardians}, '')), ';')), ['']) as guardians from {side}"""
_COLUMNS = {
    "middle": "middle_name",
    "birth": "birth_date",
    "grade": "grade",
    "school": "schools",
    "email": "email",
    "number": "student_number",
    "guardians": "guardian_emails",
}


@dataclass
class Peer:
    """Pairs of a peer, the right ones of them, the true pairs there are, and the seconds it took."""

    pairs: int = 0
    right: int = 0
    truth: int = 0
    seconds: float = 0.0

    def add(self, other: Peer) -> None:
        self.pairs += other.pairs
        self.right += other.right
        self.truth += other.truth
        self.seconds += other.seconds

    def line(self) -> str:
        return (
            f"precision {self.right / max(1, self.pairs):.5f} recall {self.right / max(1, self.truth):.4f}; "
            f"{self.seconds:.1f} s"
        )


def peers(made: District) -> dict[str, Peer]:
    """Both peers on one district."""
    with staged(made) as staging:
        for side in ("new", "old"):
            have = {name for name, *_ in staging.rows(f"describe {side}")}
            cells = {word: column if column in have else "null::varchar" for word, column in _COLUMNS.items()}
            staging.execute(f"create table clean_{side} as {_CLEAN.format(side=side, **cells)}")
        found = {}
        for name, match in (("Splink", _splink), ("exact names", _names)):
            began = time.perf_counter()
            pairs = match(staging)
            seconds = time.perf_counter() - began
            found[name] = Peer(len(pairs), sum(pair in made.truth for pair in pairs), len(made.truth), seconds)
    return found


def _names(staging: Staging) -> list[tuple[str, str]]:
    """The first of a name on one side is the first of that name on the other, and so on."""
    sides = (
        f"(select *, row_number() over (partition by first_name, surname order by id) as place from clean_{side})"
        for side in ("new", "old")
    )
    return [
        (new, old)
        for new, old in staging.rows(
            "select a.id, b.id from {} a join {} b using (first_name, surname, place)".format(*sides)
        )
    ]


def _splink(staging: Staging) -> list[tuple[str, str]]:
    """The steps of its tutorial on linking two tables of people: a comparison of its library for each column, the prior
    from deterministic rules, u by random pairs, m by two trainings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("splink").setLevel(logging.ERROR)
        import splink.comparison_library as cl
        from splink import Linker, SettingsCreator, block_on
        from splink.internals.duckdb.database_api import DuckDBAPI

        settings = SettingsCreator(
            link_type="link_only",
            unique_id_column_name="id",
            blocking_rules_to_generate_predictions=[
                block_on("first_name", "surname"),
                block_on("surname", "dob"),
                block_on("first_name", "dob"),
                block_on("student_number"),
                block_on("email"),
                block_on("surname", "substr(first_name, 1, 2)"),
                block_on("first_name", "substr(surname, 1, 3)"),
            ],
            comparisons=[
                cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
                cl.NameComparison("surname").configure(term_frequency_adjustments=True),
                cl.NameComparison("middle_name"),
                cl.DateOfBirthComparison("dob", input_is_string=True, invalid_dates_as_null=True),
                cl.ExactMatch("grade"),
                cl.ExactMatch("school").configure(term_frequency_adjustments=True),
                cl.EmailComparison("email"),
                cl.ExactMatch("student_number"),
                cl.ArrayIntersectAtSizes("guardians", [2, 1]),
            ],
        )
        api = DuckDBAPI(connection=staging.con)
        tables = [api.register(f"clean_{side}", dataset_display_name=side) for side in ("new", "old")]
        linker = Linker(tables, settings, log_level=None)
        linker.training.estimate_probability_two_random_records_match(
            [block_on("student_number"), block_on("first_name", "surname", "dob"), block_on("email")], recall=0.7
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (block_on("first_name", "surname"), block_on("dob")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        answer = linker.inference.predict(threshold_match_probability=THRESHOLD, warning_mode="never")
    return [
        (new, old)
        for new, old in staging.rows(f"""
            select case when source_dataset_l = 'new' then id_l else id_r end,
                   case when source_dataset_l = 'new' then id_r else id_l end from {answer.physical_name}
            qualify row_number() over (partition by id_l order by match_weight desc, id_r) = 1
                and row_number() over (partition by id_r order by match_weight desc, id_l) = 1""")
    ]
