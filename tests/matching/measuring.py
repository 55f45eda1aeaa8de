"""Match an invented district and measure the answer: by band, by kind of damage, by group of names."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rosterdesk.matching import match
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.matching.invented import District

FIELDS = {
    "sourcedId": "id",
    "studentNumber": "student_number",
    "givenName": "given_name",
    "middleName": "middle_name",
    "familyName": "family_name",
    "birthDate": "birth_date",
    "grades": "grade",
    "orgSourcedIds": "schools",
    "email": "email",
    "guardianEmails": "guardian_emails",
    "guardianSms": "guardian_phones",
}


@dataclass
class Measured:
    """What came out: pairs and right pairs of each band, wrong pairs, and the share found of each damage and group."""

    pairs: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str, float, str]] = field(default_factory=list)
    siblings: int = 0
    truth: int = 0
    incoming: int = 0
    damage: Counter[str] = field(default_factory=Counter)
    damage_auto: Counter[str] = field(default_factory=Counter)
    damage_found: Counter[str] = field(default_factory=Counter)
    group: Counter[str] = field(default_factory=Counter)
    group_auto: Counter[str] = field(default_factory=Counter)
    group_found: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    expected: float = 0.0

    def add(self, other: Measured) -> None:
        for name in ("pairs", "right", "damage", "damage_auto", "damage_found", "group", "group_auto", "group_found"):
            getattr(self, name).update(getattr(other, name))
        self.wrong += other.wrong
        for name in ("siblings", "truth", "incoming", "seconds", "expected"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def precision(self) -> float:
        return self.right["auto"] / max(1, self.pairs["auto"])

    @property
    def recall(self) -> float:
        return self.right["auto"] / max(1, self.truth)

    @property
    def found(self) -> float:
        return (self.right["auto"] + self.right["review"]) / max(1, self.truth)

    @property
    def review(self) -> float:
        return self.pairs["review"] / max(1, self.incoming)

    def line(self) -> str:
        return (
            f"auto {self.precision:.5f} ({len(self.wrong)} wrong, {self.siblings} of one family; "
            f"expected {self.expected:.1f}) recall {self.recall:.4f}; with review {self.found:.4f}, "
            f"for review {self.review:.2%}; {self.seconds:.1f} s"
        )


@contextmanager
def staged(district: District, memory: str = "3000MB") -> Iterator[Staging]:
    """A staging database that holds both sides as `new` and `old`."""
    with tempfile.TemporaryDirectory() as folder, Staging(Run(), Path(folder), memory=memory) as staging:
        for path, name in zip(district.write(Path(folder)), ("new", "old"), strict=True):
            header = path.read_text("utf-8").split("\n", 1)[0].strip().split(",")
            told = ", ".join(f"nullif({column}, '') as {FIELDS[column]}" for column in header)
            staging.execute(f"create table {name} as select {told} from read_csv('{path}', all_varchar = true)")
        yield staging


def measure(district: District) -> Measured:
    """The answer of the stage, against the truth."""
    out = Measured(truth=len(district.truth), incoming=len(district.incoming))
    with staged(district) as staging:
        began = time.perf_counter()
        out.expected = match(staging, "new", "old", Run()).mistakes
        out.seconds = time.perf_counter() - began
        rows = staging.rows("select incoming_id, candidate_id, band, probability, reason from matching.pairs")
    bands = {}
    for new, old, band, probability, reason in rows:
        out.pairs[band] += 1
        if (new, old) in district.truth:
            out.right[band] += 1
            bands[new] = band
        elif band == "auto":
            out.wrong.append((new, old, probability, reason))
            out.siblings += district.family[new] == district.family[old]
    for new, _ in district.truth:
        group, band = district.group[new], bands.get(new)
        out.group[group] += 1
        out.group_auto[group] += band == "auto"
        out.group_found[group] += band is not None
        for kind in district.damage[new] or {"no damage"}:
            out.damage[kind] += 1
            out.damage_auto[kind] += band == "auto"
            out.damage_found[kind] += band is not None
    return out
