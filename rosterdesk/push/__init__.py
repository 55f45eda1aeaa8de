"""Last stage: carry out a plan, on the directory or as files for an outlet."""

from rosterdesk.push.deletions import Earlier
from rosterdesk.push.directory import hold
from rosterdesk.push.directory import push as to_directory
from rosterdesk.push.folder import takes_deltas
from rosterdesk.push.folder import write as to_folder
from rosterdesk.push.outlet import prepared as to_outlet
from rosterdesk.push.remote import check as check_connection
from rosterdesk.push.remote import write as to_connection

__all__ = [
    "Earlier",
    "check_connection",
    "hold",
    "takes_deltas",
    "to_connection",
    "to_directory",
    "to_folder",
    "to_outlet",
]
