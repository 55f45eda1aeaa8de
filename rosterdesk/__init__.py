"""RosterDesk: bring school rosters into a directory, see what will change first, and take it back when it was wrong."""

__version__ = "0.1.0"
