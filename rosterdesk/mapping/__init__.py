"""Second stage: a column for each field, the steps from the one to the other, and the tables that they make."""

from rosterdesk.mapping.apply import apply
from rosterdesk.mapping.file import fitted, load, remembered, renamed, save
from rosterdesk.mapping.filters import homerooms_only, only
from rosterdesk.mapping.needs import unmet
from rosterdesk.mapping.signature import signature
from rosterdesk.mapping.suggest import suggest
from rosterdesk.mapping.written import said, with_said

__all__ = [
    "apply",
    "fitted",
    "homerooms_only",
    "load",
    "only",
    "remembered",
    "renamed",
    "said",
    "save",
    "signature",
    "suggest",
    "unmet",
    "with_said",
]
