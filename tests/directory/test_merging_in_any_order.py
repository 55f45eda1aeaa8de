"""Merges and unmerges at random, alone and among syncs and undos: what was merged can always be told apart again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from rosterdesk.directory import ledger
from rosterdesk.directory.comparing import Side
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.merging import Pair, Refused, merge_all, preview
from rosterdesk.directory.undo import undo
from rosterdesk.directory.unmerging import unmerge_all
from rosterdesk.errors import UsageError
from tests.directory.conftest import Place
from tests.directory.filling import exported
from tests.directory.merged import by_hand, pushed, synced
from tests.directory.synced import District

RELAXED = settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEEDS = st.lists(st.integers(0, 10**6), min_size=5, max_size=16)


def _people(district: District, made: dict[str, int]) -> dict[str, list[int]]:
    theirs = [made[n] for n in ("mei", "may", "sol", "was S1")]
    return {
        "students": [*(district.id("students", s) for s in ("S1", "S2")), *theirs],
        "guardians": [district.id("guardians", "G1"), *(made[n] for n in ("dad", "aunt", "was G1"))],
        "staff": [district.id("staff", "T1"), made["tom"]],
    }  # fmt: skip


def _merge(district: District, people: dict[str, list[int]], rnd: random.Random) -> int | None:
    """Merge a pair at random, with choices at random; the run's number, None when none can be merged."""
    directory = district.directory
    for _ in range(12):
        entity = rnd.choice(("students", "students", "guardians"))
        if rnd.random() < 0.1:
            entity = "staff"
        survivor, absorbed = rnd.sample(people[entity], 2)
        pair = Pair(entity, survivor, absorbed)
        try:
            with directory.read() as conn:
                told = preview(conn, directory.district, pair)
        except UsageError:
            assert isinstance(merge_all(directory, [pair], "a try").refused[0], Refused)
            continue
        break
    else:
        return None
    choices = {conflict.field: rnd.choice(list(Side)) for conflict in told.conflicts}
    return merge_all(directory, [Pair(entity, survivor, absorbed, choices)], "a try").run


def _unmerge(directory: Directory, rnd: random.Random) -> int | None:
    with directory.read() as conn:
        standing = [made.absorbed for made in ledger.list_merges(conn, directory.district)]
    return unmerge_all(directory, [rnd.choice(standing)], "a try").run if standing else None


def _unmerge_everything(directory: Directory, rnd: random.Random) -> None:
    while _unmerge(directory, rnd) is not None:
        pass


@pytest.mark.timeout(900)
@RELAXED
@given(SEEDS)
def test_merges_and_unmerges_in_any_order_return_the_same_export(
    place: Place, tmp_path: Path, seeds: list[int]
) -> None:
    note(f"seeds: {seeds}")
    with place.other().open() as directory:
        district = synced(directory)
        people = _people(district, by_hand(district))
        before = exported(directory, tmp_path / "x")
        for seed in seeds:
            rnd = random.Random(seed)
            state = exported(directory, tmp_path / "x")
            number = _unmerge(directory, rnd) if rnd.random() < 0.3 else _merge(district, people, rnd)
            if number is not None and rnd.random() < 0.3:
                undo(directory, number)
                assert exported(directory, tmp_path / "x") == state
        _unmerge_everything(directory, random.Random(sum(seeds)))
        assert exported(directory, tmp_path / "x") == before


@pytest.mark.timeout(900)
@settings(RELAXED, max_examples=3)
@given(st.lists(st.integers(0, 10**6), min_size=5, max_size=9))  # each sync is a whole run, twice
def test_syncs_between_leave_what_they_would_have_left_without_a_merge(
    place: Place, tmp_path: Path, seeds: list[int]
) -> None:
    note(f"seeds: {seeds}")
    with place.other().open() as directory, place.other().open() as twin:
        district, other = pushed(directory, tmp_path), pushed(twin, tmp_path)
        people = _people(district, by_hand(district))
        by_hand(other)
        for seed in seeds:
            rnd = random.Random(seed)
            match rnd.choice(("merge", "merge", "unmerge", "sync")):
                case "merge":
                    _merge(district, people, rnd)
                case "unmerge":
                    _unmerge(directory, rnd)
                case _:
                    changes = {
                        name: f"{rnd.choice('xyz')}@example.org" for name in ("gil", "tom") if rnd.random() < 0.5
                    }
                    if rnd.random() < 0.5:
                        changes["mei"] = f"M{rnd.randrange(3)}"
                    plan = district.sync(tmp_path, **changes)
                    other.sync(tmp_path, **changes)
                    for entity in ("students", "staff", "guardians"):  # nobody comes twice, comes back or goes
                        counts = plan.counts[entity]
                        assert (counts["created"], counts["archived"], counts["restored"]) == (0, 0, 0), entity
        _unmerge_everything(directory, random.Random(sum(seeds)))
        for one in (district, other):
            one.sync(tmp_path)
        assert exported(directory, tmp_path / "x") == exported(twin, tmp_path / "y")
