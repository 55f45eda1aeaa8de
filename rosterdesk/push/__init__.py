"""Last stage: carry out a plan, on the directory or as files for an outlet."""

from rosterdesk.push.directory import hold
from rosterdesk.push.directory import push as to_directory
from rosterdesk.push.folder import write as to_folder

__all__ = ["hold", "to_directory", "to_folder"]
