"""The test of a connection as a night's run will find it: by a process of its own, without the user's session."""

from __future__ import annotations

from typing import Any

import typer

from rosterdesk.cli.output import output
from rosterdesk.connections import Connection, Kind, Said, Verdict
from rosterdesk.jobs.alone import alone, line_of, said_in
from rosterdesk.jobs.schedulers import command

_AGENT = "The SSH agent belongs to your session: at night there is none. Use a key file: --option key_file=FILE."


def try_alone(connection: Connection, *, outlet: bool) -> None:
    """Try the connection in a process as the scheduler starts one, and tell what worked there. Exits as that did."""
    heard: list[Said] = []

    def hears(line: str) -> None:
        if (one := said_in(line)) is not None:
            heard.append(one)
            output.say(line)

    output.run.report("Trying it without your session")
    arguments = ("connections", "test", connection.name, *(["--outlet"] if outlet else []), "--json")
    done = alone(command(""), arguments, output.run, hears)
    more: list[str] = []
    error: dict[str, Any] = done.said.get("error", {})
    if error:
        more.append(f"{error.get('title', '')} {error.get('advice', '')}".strip())
    if not error and not heard:
        more.append("The program did not start as the system's scheduler starts it.")
    good = done.exit_code == 0
    if not good and connection.kind is Kind.SFTP and connection.options.get("agent"):
        more.append(_AGENT)
    for sentence in more:
        output.say(line_of(Said(Verdict.BAD, sentence)))
    said = [*heard, *(Said(Verdict.BAD, sentence) for sentence in more)]
    if good:
        output.say(f"{connection.name} works as at night: without a screen, and without what only your session has.")
    else:
        output.say(f"A nightly run could not use {connection.name}.")
    output.result(
        {
            "name": connection.name,
            "unattended": True,
            "good": good,
            "said": [{"verdict": one.verdict.value, "sentence": one.sentence} for one in said],
        }
    )
    if not good:
        raise typer.Exit(done.exit_code if 0 < done.exit_code < 8 else 1)
