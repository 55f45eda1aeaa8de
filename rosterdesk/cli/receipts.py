"""The commands that show and verify receipts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.jobs import receipts as kept

_receipts = typer.Typer(help="What every run of a job left behind, without personal data.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    _receipts.command(name="list")(list_receipts)
    _receipts.command()(verify)
    app.add_typer(_receipts, name="receipts")


def list_receipts(
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 20, json: options.Json = False
) -> None:
    """List the latest receipts."""
    latest = list(kept.receipts())[-limit:][::-1]
    output.table(
        ("Receipt", "Job", "Started", "Outcome", "Run", "Plan"),
        ((r["number"], r.get("job"), r.get("started"), r.get("outcome"), r.get("run"), r.get("plan")) for r in latest),
        numbers=(0, 4),
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
