"""What a command says: results on standard output, as text or as one JSON object; everything else on standard error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any

from rosterdesk.run import Progress as Step
from rosterdesk.run import Run

if TYPE_CHECKING:  # loaded where something is drawn: a nightly command draws nothing
    from rich.console import Console
    from rich.progress import Progress


class Output:
    """The voice of one command. `run` is the run of its work; its progress is shown when a person is watching."""

    def __init__(self) -> None:
        self.reset(as_json=False)

    def reset(self, *, as_json: bool) -> Output:
        """Begin a new command."""
        self.as_json = as_json
        self.started = time.perf_counter()
        self._progress: Progress | None = None
        self.run = Run(self._show if sys.stderr.isatty() else None)
        return self

    def say(self, text: str = "") -> None:
        """A line of the result; with --json on standard error, since standard output holds one object."""
        self.done()
        print(text, file=self._stream)

    def table(self, header: Iterable[str], rows: Iterable[Iterable[object]], numbers: Iterable[int] = ()) -> None:
        """A table of the result; the columns at the places in `numbers` stand to the right."""
        from rich.table import Table

        right = set(numbers)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for place, title in enumerate(header):
            table.add_column(title, justify="right" if place in right else "left", no_wrap=False)
        for row in rows:
            table.add_row(*(f"{cell:,}" if isinstance(cell, int) else _plain(cell) for cell in row))
        self.done()
        _console(self._stream).print(table)

    def result(self, value: Mapping[str, Any]) -> None:
        """The command's one JSON object, if that was asked for."""
        if self.as_json:
            self.done()
            print(json.dumps(value, ensure_ascii=False, default=str), flush=True)

    def error(self, title: str, advice: str = "", detail: str = "") -> None:
        """What went wrong and what to do."""
        self.done()
        if sys.stderr.isatty():
            _console(sys.stderr).print(title, style="bold", markup=False)
        else:
            print(title, file=sys.stderr)
        for line in (advice, f"({detail})" if detail else ""):
            if line:
                print(line, file=sys.stderr)
        self.result({"error": {"title": title, "advice": advice, "detail": detail}})

    @property
    def attended(self) -> bool:
        """Whether a person is there to answer."""
        return not self.as_json and sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, question: str) -> bool:
        """Ask a person; True without asking where none is there to ask."""
        self.done()
        return not self.attended or self._answer(question) in ("y", "yes")

    def _answer(self, question: str) -> str:
        return _console(sys.stderr).input(f"{question} [y/N] ", markup=False).strip().lower()

    def cost(self) -> dict[str, float]:
        """The command's seconds and peak MiB so far."""
        return {"seconds": round(time.perf_counter() - self.started, 2), "peak_mib": _peak() // 2**20}

    @property
    def _stream(self) -> IO[str]:
        return sys.stderr if self.as_json else sys.stdout

    def done(self) -> None:
        """Take the progress bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _show(self, step: Step) -> None:
        if self._progress is None:
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                SpinnerColumn,
                TextColumn,
                TimeElapsedColumn,
            )

            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            self._progress = Progress(*columns, console=_console(sys.stderr), transient=True)
            self._progress.add_task(step.what, total=None)
            self._progress.start()
        task = self._progress.tasks[0]
        self._progress.update(task.id, description=step.what, completed=step.done, total=step.total or None)


def _console(stream: IO[str]) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, soft_wrap=True)


def _peak() -> int:
    """The most memory that the process has had, in bytes."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _plain(cell: object) -> str:
    """Text from outside, so that nothing in it is taken for markup."""
    from rich.markup import escape

    return "" if cell is None else escape(str(cell))


output = Output()
