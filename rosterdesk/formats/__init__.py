"""File layouts as data: one TOML file a format, beside this. A new SIS is a new file here, not new code."""

from rosterdesk.formats.layout import Evidence, Format, FormatColumn, FormatMap, FormatTable, formats, named
from rosterdesk.formats.recognise import Match, SourceMatch, match_table, recognise, recognise_source

__all__ = [
    "Evidence",
    "Format",
    "FormatColumn",
    "FormatMap",
    "FormatTable",
    "Match",
    "SourceMatch",
    "formats",
    "match_table",
    "named",
    "recognise",
    "recognise_source",
]
