"""The page of connections, its dialogs on servers of this machine, and a job that the wizard changes."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton

from rosterdesk.connections import Connection, Kind
from rosterdesk.connections import remove as remove_connection
from rosterdesk.connections import save as save_connection
from rosterdesk.draft import Step
from rosterdesk.gui.connecting import Attempt
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.file import load as load_job
from rosterdesk.jobs.file import remove as remove_job
from rosterdesk.jobs.file import save as save_job
from rosterdesk.net.site import UnknownHostKey
from tests.servers.districts import clever
from tests.servers.roster_http import Behaviour, serving
from tests.shots.stage import Shots, Stage


def draw(stage: Stage) -> Shots:
    """From none to two, each dialog on the way, and a job that reads from one."""
    window = stage.window
    window.show_page(window.connections)
    yield "connections-none", stage.settled()
    page = window.connections
    tokens = {"d1": "good", "d2": "good", "d3": "good"}
    held = Behaviour(records=clever(), token="good", client=("me", "hush"), tokens=tokens)
    with serving(held) as server:
        page.begin()
        dialog = page.dialog
        assert dialog is not None
        yield "connection-new", stage.settled(dialog)
        dialog.form.set_value("token", "bad")
        dialog.form.set_value("address", server.address)
        dialog.primary.click()
        yield "connection-refused", stage.settled(dialog)
        dialog.form.entrances.setCurrentIndex(1)
        for key, value in (("client-id", "me"), ("secret", "hush"), ("token-url", f"{server.address}/oauth/tokens")):
            dialog.form.set_value(key, value)
        dialog.primary.click()
        yield "connection-district", stage.settled(dialog)
        dialog.form.set_value("district", "d1")
        dialog.try_out()
        yield "connection-saved", stage.settled(dialog)
        dialog.reject()
        stage.settled()
        for offer in ("oneroster", "sftp"):
            page.begin()
            dialog = page.dialog
            assert dialog is not None
            dialog.kinds.setCurrentIndex(dialog.kinds.findData(offer))
            if offer == "sftp":
                dialog.form.more.findChildren(QToolButton)[0].click()
            yield f"connection-{offer}", stage.settled(dialog)
            if offer == "sftp":
                key = UnknownHostKey("sftp.example", "ssh-ed25519 SHA256:" + "abcDEF0123456789/+xyzKLM" * 2, "host_key")
                dialog._tried(Attempt(dialog.form.connection(), key=key))
                yield "connection-key", stage.settled(dialog)
            dialog.reject()
            stage.settled()
        save_connection(Connection("nightly-files", Kind.SFTP, "sftp.district.example", {"user": "roster"}))
        save_job(Job("nightly", ("connection:clever",), schedule=schedule("02:00")))
        page.look()
        stage.settled()
        page.test("clever")
        yield "connections", stage.settled()
        page.cards["clever"].wanted.emit("remove", "clever")
        yield "connections-remove", stage.settled()
        page.begin(page.cards["clever"].known)
        assert page.dialog is not None
        yield "connection-change", stage.settled(page.dialog)
        page.dialog.reject()
        stage.settled()
        window.jobs.doing.change_source(load_job("nightly"))
        stage.settled()
        assert window.wizard is not None
        yield "job-source", stage.settled()
        while window.wizard.page.step is not Step.PUSH:
            window.wizard.bar.primary.click()
            stage.settled()
        yield "job-save", stage.settled()
        window.wizard.bar.primary.click()
        yield "job-saved", stage.settled()
        window.show_wizard()
        yield "wizard-source-connections", stage.settled()
    for name in ("clever", "nightly-files"):
        remove_connection(name)
    remove_job("nightly")
