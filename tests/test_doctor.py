"""What is told of this computer."""

from __future__ import annotations

from rosterdesk import __version__, doctor, paths
from rosterdesk.doctor import Facts

FOUND = Facts("1.2", "3.11.7", "Linux", "2.0", "Keychain", "/home-of-ana", 12.5, "/home-of-ana/directory.db")


def test_it_looks_at_this_computer() -> None:
    facts = doctor.look()
    assert (facts.rosterdesk, facts.home, facts.directory) == (__version__, str(paths.home()), None)
    assert facts.free_gib > 0
    paths.default_directory().touch()
    assert doctor.look().directory == str(paths.default_directory())


def test_it_says_so_in_plain_words() -> None:
    assert doctor.sentences(FOUND) == (
        "RosterDesk 1.2 on Linux, Python 3.11.7.",
        "Your files are in /home-of-ana; 12.5 GiB are free there.",
        "Secrets are kept in Keychain.",
        "Your directory is /home-of-ana/directory.db.",
    )
