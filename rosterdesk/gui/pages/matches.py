"""Who in the source is somebody whom the directory knows without an ID. Until matching exists, it asks nothing."""

from __future__ import annotations

from rosterdesk.draft import Step
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.widgets import EmptyState, column
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker


class MatchesPage(Page):
    """The fourth step."""

    step = Step.MATCHES

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Matches")
        self.sentence = tr("Nobody shall be in the directory twice.")
        nobody = EmptyState(
            "person",
            tr(
                "People who were archived or entered by hand, and who look like somebody in this file, would be shown "
                "here side by side, for you to say whether they are the same. Everyone in this file is known by SIS ID."
            ),
            title=tr("Nobody to match"),
        )
        self.setLayout(column(nobody))
