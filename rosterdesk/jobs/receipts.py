"""The receipts, as the jobs and those above them know them; they are written where the directory is."""

from rosterdesk.directory.receipts import Beside, Fault, append, beside, file, latest, receipts, sealed, verify

__all__ = ["Beside", "Fault", "append", "beside", "file", "latest", "receipts", "sealed", "verify"]
