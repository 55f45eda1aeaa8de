"""The errors that people may see. Faults in data are no errors: they are `model.Problem`s.

    RosterDeskError            exit 1
     +- UsageError             exit 2   the command or a setting asks for something that cannot be
     |   +- NotAllowed                  a rule of the directory forbids it, or it is for somebody else to do
     +- HeldError              exit 3   a person must look before this goes on
     |   +- Cancelled                   the person stopped it; nothing was changed
     +- UnreachableError       exit 4   a server could not be reached or refused us
     +- FileError              exit 5   a file or folder cannot be used
     +- SecretError            exit 6   a key or password is missing or wrong
     +- DirectoryError         exit 7   the directory cannot be opened or written
         +- DirectoryBusy               another process holds it
         +- DirectoryChanged            it is no longer the one that the plan was made for

Each carries a title (what happened), an advice (what to do now) and a detail for IT; none of them holds student data.
Foreign exceptions are turned into these at the border, with the cause chained; nobody in between catches `Exception`.
"""

from __future__ import annotations

from typing import ClassVar


class RosterDeskError(Exception):
    """An error with a title and an advice, fit to be shown to a person."""

    exit_code: ClassVar[int] = 1

    def __init__(self, title: str, advice: str = "", detail: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.advice = advice
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.title} {self.advice}".strip()


class UsageError(RosterDeskError):
    """The command or a setting asks for something that cannot be."""

    exit_code = 2


class NotAllowed(UsageError):
    """A rule of the directory forbids an edit. The title is the rule, the advice says who could, or what can be."""


class HeldError(RosterDeskError):
    """A person must look before this goes on."""

    exit_code = 3


class Cancelled(HeldError):
    """The person stopped the work; nothing was changed."""


class UnreachableError(RosterDeskError):
    """A server could not be reached or refused us."""

    exit_code = 4


class FileError(RosterDeskError):
    """A file or folder cannot be read or written."""

    exit_code = 5


class SecretError(RosterDeskError):
    """A key or password is missing or wrong."""

    exit_code = 6


class DirectoryError(RosterDeskError):
    """The directory cannot be opened, is of a newer version, or refused a write."""

    exit_code = 7


class DirectoryChanged(DirectoryError):
    """The directory is no longer the one that the plan was made for."""


class DirectoryBusy(DirectoryError):
    """Another process holds the directory."""
