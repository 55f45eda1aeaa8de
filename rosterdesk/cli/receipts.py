"""The commands that show and verify receipts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.errors import HeldError
from rosterdesk.jobs import receipts as kept

_receipts = typer.Typer(help="What every run left behind, without personal data.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    _receipts.command(name="list")(list_receipts)
    _receipts.command()(verify)
    _receipts.command()(reconcile)
    app.add_typer(_receipts, name="receipts")


def list_receipts(
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 20, json: options.Json = False
) -> None:
    """List the latest receipts."""
    latest = list(kept.receipts())[-limit:][::-1]
    output.table(
        ("Receipt", "What", "Job", "Started", "Outcome", "Run", "Plan"),
        ((r["number"], *(r.get(f) for f in ("kind", "job", "started", "outcome", "run", "plan"))) for r in latest),
        numbers=(0, 5),
    )
    output.result({"receipts": latest})


def verify(json: options.Json = False) -> None:
    """Look whether every receipt is as it was written, and none is missing."""
    count, faults = kept.verify()
    for fault in faults:
        output.say(f"Receipt {fault.number}: {fault.sentence}")
    output.say(f"{count:,} receipts; {'all is as it was written' if not faults else f'{len(faults)} faults'}.")
    output.result({"receipts": count, "faults": [asdict(fault) for fault in faults]})
    if faults:
        raise typer.Exit(3)


def reconcile(
    number: Annotated[int, typer.Argument(metavar="RUN", min=1, max=2**31 - 1, help="The run that was delivered.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receiver's results, CSV or Excel.")],
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Compare the receiver's own results with what a run was to do there, and list what differs."""
    from rosterdesk.jobs import reconciling

    with options.directory(where, key_file, unencrypted, output.run, create=False) as directory:
        found = reconciling.reconcile(directory, number, file, output.run)
    kept.append(
        {"kind": "reconciled", "run": number, "file": file.name, "rows": found.rows, "differing": found.differing}
    )
    output.say(f"{found.agreed:,} of {found.rows:,} results are as predicted; {found.differing:,} differ.")
    output.table(("Rows", "What"), ((count, sentence) for sentence, count in found.counts.items()), numbers=(0,))
    for one in found.differences[:20]:
        output.say(f"{one.sis_id}: {one.sentence}")
    if found.differing > 20:
        output.say(f"... and {found.differing - 20:,} more (--json lists the first {reconciling.LISTED:,})")
    output.result(asdict(found))
    if found.differing:
        raise typer.Exit(HeldError.exit_code)
