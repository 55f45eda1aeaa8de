"""Connections in the window: adding one of each kind against a real server, what the dialog asks in between, and the
page on which they are tested, changed and removed.
"""

from __future__ import annotations

import ast
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from rosterdesk import connections
from rosterdesk.connections import Connection, Kind, Part, Said, Verdict
from rosterdesk.errors import RosterDeskError, UsageError
from rosterdesk.gui import connectcard, connecting
from rosterdesk.gui.connectasking import KeyCard
from rosterdesk.gui.connectdialog import ConnectionDialog
from rosterdesk.gui.connectform import ConnectionForm
from rosterdesk.gui.connecting import Known
from rosterdesk.gui.connectkinds import OFFERS, Offer, entrance_of, offer_of
from rosterdesk.gui.connectlines import TestedLines
from rosterdesk.gui.jobslook import receipt_line
from rosterdesk.gui.nightly import NightlyCard
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.widgets import Banner, ErrorPanel
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.wording import field_titles, in_words, worded
from rosterdesk.gui.worker import Worker
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.file import save as save_job
from tests.conftest import MemoryKeyring
from tests.gui.connecting import Filling, only, words
from tests.gui.test_wizard import unnamed
from tests.servers import districts
from tests.servers.openssh import OpenSSH
from tests.servers.roster_http import Behaviour, RosterServer, serving

PACKAGE = Path(connections.__file__).parent


@pytest.fixture
def serve() -> Iterator[Callable[..., RosterServer]]:
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(serving(Behaviour(**how)))


@pytest.fixture
def fill(qtbot: QtBot, worker: Worker) -> Iterator[Callable[..., Filling]]:
    made: list[Filling] = []

    def open_(known: Known | None = None) -> Filling:
        dialog = ConnectionDialog(worker, known=known)
        qtbot.addWidget(dialog)
        dialog.show()
        made.append(Filling(qtbot, worker, dialog))
        return made[-1]

    yield open_
    for one in made:
        one.settle()


def known(name: str) -> Known:
    one = connections.load(name)
    return Known(one, connecting.kept(one), ())


# --- the fields -------------------------------------------------------------------------------------------------------


def test_the_forms_ask_for_every_option_that_the_code_reads_and_for_no_other() -> None:
    """One list of fields: what a source reads and no form asks for, or the other way round, fails here."""
    named = re.compile(r"""(?:options\.get\(|options\[|(?:choice|switch|amount|several)\([\w.]+, )"([a-z_-]+)\"""")
    listed = re.compile(r"""_keys\(connection, ("[a-z_", ]+)\)""")
    read: set[str] = set()
    for path in [*(PACKAGE / "sources").rglob("*.py"), PACKAGE / "net" / "site.py", *(PACKAGE / "push").glob("*.py")]:
        text = path.read_text("utf-8")
        read |= set(named.findall(text)) | {
            key for some in listed.findall(text) for key in re.findall(r"[a-z_]+", some)
        }
    asked = {one.key for offer in OFFERS for one in offer.fields if one.part is None} - {"address"}
    fixed = {key for offer in OFFERS for entrance in offer.entrances for key in entrance.options}
    assert asked | fixed == read
    for offer in OFFERS:
        keys = [one.key for one in offer.fields]
        assert len(keys) == len(set(keys)), offer.key


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.key)
def test_a_form_makes_what_it_was_made_from(offer: Offer) -> None:
    for entrance in offer.entrances:
        form = ConnectionForm(offer, "it")
        form.entrances.setCurrentIndex(form.entrances.findData(entrance.key))
        for asked in offer.fields:
            if not asked.choices and (not asked.only or entrance.key in asked.only):
                form.set_value(asked.key, f"some {asked.key}")
        made, secrets = form.connection(), form.secrets()
        assert offer_of(made) is offer
        assert entrance_of(offer, made, frozenset(secrets)) == entrance
        again = ConnectionForm(offer, "it", Known(made, frozenset(secrets), ()))
        assert again.connection() == made
        assert again.secrets() == {}
        assert not again.waits_for
        form.deleteLater()
        again.deleteLater()


@pytest.mark.parametrize(
    ("advice", "in_window"),
    [
        ("Choose one with --district: d1, d2.", "Choose one with “District”: d1, d2."),
        ("name a key file with --option key_file=FILE.", "name a key file with “Key file”."),
        ('again with --option host_key="SHA256:x/y".', "again with “Key of the server”: SHA256:x/y."),
        ("Add it with --option client-id=..., as shown.", "Add it with “Client ID”, as shown."),
        ("Look at its spelling.", "Look at its spelling."),
        (
            "give it its certificate: --option ca-file=FILE. It",
            "give it its certificate: “Certificate of your own authority”. It",
        ),
        ("or with --option agent=yes.", "or with “Sign in with”: The SSH agent."),
        ("or take all with --option take=all.", "or take all with “Of several files”: All."),
        ("with --option pattern=*.zip (or *.csv), or", "with “Which files”: *.zip (or *.csv), or"),
        ("try --option signature=HMAC-SHA1.", "try “Signature”: HMAC-SHA1, for old servers."),
        ("name a key file with --key-file.", "name a key file with “Key file”."),
        ("`rosterdesk history` lists the runs.", "“Recent runs” on Home lists the runs."),
    ],
)
def test_advice_names_fields_and_no_options(advice: str, in_window: str) -> None:
    error = in_words(UsageError(advice, advice, "detail"))
    assert (error.title, error.advice, error.detail) == (in_window, in_window, "detail")


def test_every_option_that_a_sentence_names_is_one_field_of_the_forms() -> None:
    """Sentences name options in one way, `--option KEY=VALUE`, from which the window finds the field."""
    named, other, checked = re.compile(r"--option ([a-z][a-z_-]+)"), re.compile(r"\boption [`a-z]|\boption$"), 0
    for path in PACKAGE.rglob("*.py"):
        if path.parts[len(PACKAGE.parts)] in ("cli", "gui"):
            continue
        for sentence in sentences(path):
            assert not other.search(sentence.replace("--option", "")), (path, sentence)
            for key in named.findall(sentence):
                checked += 1
                ways = any(key in way.options for offer in OFFERS for way in offer.entrances)
                assert ways or len(field_titles(key)) == 1, (path, sentence, field_titles(key))
    assert checked > 10
    # These name whichever option it is that can't be read.
    for key in {one.key for offer in OFFERS for one in offer.fields if one.part is None} - {"address"}:
        assert len(field_titles(key)) == 1, key
        assert worded(f"The value of --option {key} must be a number.") == (
            f"The value of “{min(field_titles(key))}” must be a number."
        )


def sentences(path: Path) -> Iterator[str]:
    """The texts of a module but for its docstrings; a text with values in it gives its parts, each by itself."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_a_sentence_of_long_ago_is_worded_where_it_is_shown(qtbot: QtBot) -> None:
    """What a job's receipt or state says was written by a run at night, which knows no window."""
    why = "If it has moved, say so with --option folder=FOLDER."
    panel, banner, lines, card = ErrorPanel(UsageError("No.", why)), Banner("error", why), TestedLines(), NightlyCard()
    lines.add(Said(Verdict.BAD, why))
    card.tell(why)
    for shown in (panel, banner, lines, card):
        qtbot.addWidget(shown)
        told = [one.text() for one in shown.findChildren(QLabel)]
        assert "If it has moved, say so with “Folder”." in told
        assert why not in told
    assert receipt_line({"why": why})[-1] == "If it has moved, say so with “Folder”."


# --- one of each kind -------------------------------------------------------------------------------------------------


def test_clever_by_a_districts_token(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer], secrets: MemoryKeyring, home: Path
) -> None:
    server = serve(records=districts.clever(), token="good")
    one = fill()
    one.choose("clever")
    assert one.dialog.reason.text() == "Enter: District token."
    assert not one.dialog.primary.isEnabled()
    one.fill(token="good", address=server.address)
    one.press()
    said = words(one.dialog)
    assert "clever is saved" in said
    assert f"Clever is reached at {server.address}/v3.1, and we are signed in." in said
    assert "2 schools are shared with us." in said
    assert "12 students" in said
    assert "Heron School, Wren School" in said
    assert connections.load("clever").options == {}
    assert secrets.secrets == {("RosterDesk", "connection clever token"): "good"}
    assert b"good" not in (home / "connections" / "clever.toml").read_bytes()
    assert not [box for box in one.dialog.findChildren(QLineEdit) if box.text() == "good"]


def test_clever_by_a_client_whose_district_is_chosen_by_its_name(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer]
) -> None:
    server = serve(
        records=districts.clever(), token="good", client=("me", "hush"), tokens={"d1": "good", "d2": "good", "d3": "x"}
    )
    one = fill()
    one.choose("clever", "client")
    one.fill(client_id="me", secret="hush", address=server.address, token_url=f"{server.address}/oauth/tokens")
    one.press()
    assert connections.connections() == ()
    assert not one.dialog.primary.isEnabled()
    assert one.take("d1") == ["d3", "Kestrel Valley (d1)", "Kestrel Valley (d2)"]
    assert connections.load("clever").options["district"] == "d1"
    assert connections.secret_of(connections.load("clever"), Part.SECRET) == "hush"
    assert connections.secret_of(connections.load("clever"), Part.TOKEN) is None


def test_classlink_directly(fill: Callable[..., Filling], serve: Callable[..., RosterServer]) -> None:
    server = serve(records=districts.oneroster(), client=("key", "hush"), oauth1="HMAC-SHA256")
    one = fill()
    one.choose("classlink")
    one.fill(address=server.address, client_id="key", secret="hush")
    one.press()
    assert "classlink is saved" in words(one.dialog), words(one.dialog)
    assert connections.load("classlink").kind is Kind.CLASSLINK


def test_classlinks_proxy_whose_application_is_chosen(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer]
) -> None:
    apps = [
        {"oneroster_application_id": f"Mo{n}%3D", "name": "RosterDesk", "tenant_name": tenant}
        for n, tenant in ((1, "Kestrel Valley"), (2, "Plover Bay"))
    ]
    server = serve(
        records=districts.oneroster(),
        token="good",
        applications={"status": 1, "applications": apps},
        bases=tuple(f"/Mo{n}%3D/ims/oneroster/v1p1" for n in (1, 2)),
    )
    one = fill()
    one.choose("classlink-proxy")
    one.fill(token="good", address=server.address)
    one.press()
    offered = one.take("Mo2%3D")
    assert offered == ["RosterDesk, Kestrel Valley (Mo1%3D)", "RosterDesk, Plover Bay (Mo2%3D)"]
    assert "classlink is saved" in words(one.dialog), words(one.dialog)
    assert connections.load("classlink").options["application"] == "Mo2%3D"


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("way", ["oauth2", "oauth1", "bearer"])
def test_a_oneroster_server(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer], way: str, version: str
) -> None:
    base = "/ims/oneroster/v1p1" if version == "1.1" else "/ims/oneroster/rostering/v1p2"
    how = {"token": "good"} if way == "bearer" else {"client": ("key", "hush")}
    how |= {"oauth1": "HMAC-SHA256"} if way == "oauth1" else {}
    server = serve(records=districts.oneroster(version=version), bases=(base,), **how)
    one = fill()
    one.choose("oneroster", way)
    one.fill("sis", address=server.address + base)
    one.fill(**({"token": "good"} if way == "bearer" else {"client_id": "key", "secret": "hush"}))
    one.press()
    assert "sis is saved" in words(one.dialog), words(one.dialog)
    assert connections.load("sis").options["auth"] == way


def sign_in(one: Filling, openssh: OpenSSH, way: str, folder: Path) -> None:
    one.fill(address="127.0.0.1", port=str(openssh.port), user=openssh.user, folder=str(folder))
    if way == "password":
        one.fill(password=openssh.password)
    elif way == "passphrase":
        one.fill(key_file=str(openssh.locked_key), passphrase="open sesame")
    else:
        one.fill(key_file=str(openssh.key))


@pytest.mark.parametrize("way", ["password", "key", "passphrase"])
def test_sftp_whose_key_is_shown_and_pinned_by_a_click(
    fill: Callable[..., Filling], openssh: OpenSSH, way: str, worker: Worker
) -> None:
    if way == "password" and not openssh.password:
        pytest.skip("signing in with a password needs libnss-wrapper")
    folder = openssh.new_folder()
    openssh.put(f"{folder.name}/users.csv", b"sourcedId\n1\n")
    one = fill()
    one.choose("sftp", "password" if way == "password" else "key")
    sign_in(one, openssh, way, folder)
    one.press()
    card = only(one.dialog, KeyCard)
    assert openssh.fingerprint().split()[-1] in card.key.text()
    assert card.key.font().fixedPitch() or "ono" in card.key.font().family()
    card.other.click()  # no: then nothing is kept, and the form is there again
    assert connections.connections() == ()
    assert one.dialog.form.isVisible()
    one.press()
    shown = one.confirm_key()
    assert "sftp is saved" in words(one.dialog), words(one.dialog)
    assert connections.load("sftp").options["host_key"] == shown
    assert "users.csv (" in words(one.dialog)


def test_sftp_through_another_server(fill: Callable[..., Filling], openssh: OpenSSH) -> None:
    folder = openssh.new_folder()
    openssh.put(f"{folder.name}/users.csv", b"sourcedId\n1\n")
    one = fill()
    one.choose("sftp", "key")
    sign_in(one, openssh, "key", folder)
    one.fill(jump=f"{openssh.user}@127.0.0.1:{openssh.port}")
    one.press()
    one.confirm_key()  # of the server in between
    one.confirm_key()
    assert "sftp is saved" in words(one.dialog), words(one.dialog)
    assert set(connections.load("sftp").options) >= {"host_key", "jump_host_key", "jump"}


def test_sftp_that_receives(fill: Callable[..., Filling], openssh: OpenSSH) -> None:
    folder = openssh.new_folder()
    one = fill()
    one.choose("sftp-out", "key")
    sign_in(one, openssh, "key", folder)
    one.press()
    one.confirm_key()
    assert "takes files, and they can be renamed and replaced" in words(one.dialog)
    assert connections.load("outlet").options["use"] == "outlet"
    assert not one.dialog.primary.isVisible()  # nothing is read from it
    assert list(folder.iterdir()) == []


# --- what does not work -----------------------------------------------------------------------------------------------


def test_a_wrong_secret_says_so_and_nothing_is_kept(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer], secrets: MemoryKeyring
) -> None:
    server = serve(records=districts.clever(), token="good")
    one = fill()
    one.choose("clever")
    one.fill(token="bad", address=server.address)
    one.press()
    panel = only(one.dialog, ErrorPanel)
    assert panel.error.title
    assert panel.error.advice
    assert (connections.connections(), secrets.secrets) == ((), {})
    one.fill(token="good")  # what was filled in is still there
    one.press()
    assert "clever is saved" in words(one.dialog)


def test_what_does_not_work_yet_is_saved_on_demand_only(fill: Callable[..., Filling]) -> None:
    one = fill()
    one.choose("oneroster", "bearer")
    one.fill("later", address="http://127.0.0.1:1", token="hush", tries="1")
    one.press()
    panel = only(one.dialog, ErrorPanel)
    assert connections.connections() == ()
    one.dialog.save_untried()
    one.settle()
    assert connections.secret_of(connections.load("later"), Part.TOKEN) == "hush"
    assert panel.error.title
    assert "It has not been tried successfully." in words(one.dialog)


def test_a_name_that_is_taken(fill: Callable[..., Filling]) -> None:
    connections.save(Connection("clever", Kind.CLEVER), {Part.TOKEN: "kept"})
    one = fill()
    one.choose("clever")
    assert one.dialog.form.name.text() == "clever-2"
    one.fill("CLEVER", token="new")
    one.press()
    assert only(one.dialog, ErrorPanel).error.title == "There is a connection named CLEVER."
    one.dialog.save_untried()
    one.settle()
    assert connections.secret_of(connections.load("clever"), Part.TOKEN) == "kept"
    assert len(connections.connections()) == 1


def test_a_server_that_stalls_is_left_within_a_second(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer], qtbot: QtBot
) -> None:
    server = serve(records=districts.clever(), token="good", always="stall")
    one = fill()
    one.choose("clever")
    one.fill(token="good", address=server.address)
    one.dialog.primary.click()
    qtbot.waitUntil(server.stalled.is_set, timeout=10_000)
    one.dialog.work.stop.click()
    qtbot.waitUntil(lambda: not one.worker.busy, timeout=1_500)
    assert connections.connections() == ()
    assert one.dialog.primary.isEnabled()
    assert one.dialog.isVisible()
    assert threading.active_count() < 50


def stalls_at(server: RosterServer, collection: str) -> None:
    """Let the server say nothing any more once it is asked for this collection."""

    def before(number: int) -> None:
        if collection in server.asked[number]:
            server.behaviour.faults[number] = "stall"

    server.behaviour.before = before


def test_each_line_is_there_when_it_is_known(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer], qtbot: QtBot
) -> None:
    server = serve(records=districts.oneroster(), token="good")
    stalls_at(server, "demographics")
    one = fill()
    one.choose("oneroster", "bearer")
    one.fill("sis", token="good", address=server.address)
    one.dialog.primary.click()
    qtbot.waitUntil(server.stalled.is_set, timeout=10_000)
    qtbot.waitUntil(lambda: "12 students" in words(one.dialog) or "people" in words(one.dialog), timeout=2_000)
    assert one.worker.busy
    assert "The server is reached: OneRoster 1.1" in words(one.dialog)
    one.dialog.work.stop.click()
    qtbot.waitUntil(lambda: not one.worker.busy, timeout=1_500)
    assert "The server is reached" not in words(one.dialog)  # what was stopped says nothing
    assert connections.connections() == ()


def test_what_worked_stays_beside_the_error_that_ended_the_test(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer]
) -> None:
    server = serve(records=districts.oneroster(), token="good")
    server.behaviour.before = lambda number: (
        server.behaviour.faults.update({number: "reset"}) if "demographics" in server.asked[number] else None
    )
    one = fill()
    one.choose("oneroster", "bearer")
    one.fill("sis", token="good", address=server.address, tries="1")
    one.press()
    assert only(one.dialog, ErrorPanel).error.title
    assert "The server is reached: OneRoster 1.1" in words(one.dialog)
    assert words(one.dialog).count("We are signed in") == 1


def test_an_sftp_server_that_says_nothing_is_left_within_a_second(fill: Callable[..., Filling], qtbot: QtBot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        one = fill()
        one.choose("sftp", "password")
        one.fill(address="127.0.0.1", port=str(silent.getsockname()[1]), user="roster", password="hush")
        one.dialog.primary.click()
        line, _ = silent.accept()
        with line:
            one.dialog.work.stop.click()
            qtbot.waitUntil(lambda: not one.worker.busy, timeout=1_500)
    assert connections.connections() == ()
    assert one.dialog.form.isEnabled()


@pytest.mark.parametrize(
    ("forbidden", "saved", "sentence"),
    [
        ("demographics", True, "To know: The server does not let us read birth dates (demographics)."),
        ("users", False, "Does not work: The server does not let us read people (users)."),
    ],
)
def test_what_the_scopes_do_not_allow_is_said(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer], forbidden: str, saved: bool, sentence: str
) -> None:
    server = serve(records=districts.oneroster(), token="good", forbidden=frozenset({forbidden}))
    one = fill()
    one.choose("oneroster", "bearer")
    one.fill("sis", token="good", address=server.address)
    one.press()
    QApplication.processEvents()
    assert sentence in [line.accessibleName() for line in one.dialog.findChildren(QLabel)]
    assert [known.name for known in connections.connections()] == (["sis"] if saved else [])
    assert ("It can't be used like this" in words(one.dialog)) is not saved


@pytest.mark.parametrize(
    ("state", "said"), [("paused", "is paused"), ("error", "its sync to Clever has failed"), ("pending", "Kestrel")]
)
def test_the_state_of_the_district_is_said(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer], state: str, said: str
) -> None:
    records = districts.clever()
    records["districts"][0]["state"] = state
    server = serve(records=records, token="good")
    one = fill()
    one.choose("clever")
    one.fill(token="good", address=server.address)
    one.press()
    QApplication.processEvents()
    lines = [line.accessibleName() for line in one.dialog.findChildren(QLabel)]
    assert [line for line in lines if line.startswith("To know: Kestrel Valley") and said in line], lines


# --- changing, and the page -------------------------------------------------------------------------------------------


def test_a_change_keeps_the_secret_that_is_not_typed_anew(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer]
) -> None:
    server = serve(records=districts.clever(), token="good")
    before = Connection("it", Kind.CLEVER, server.address, {"page-size": "500", "tries": "2"})
    connections.save(before, {Part.TOKEN: "good"})
    one = fill(known("it"))
    token = one.dialog.form.inputs["token"]
    assert isinstance(token, QLineEdit)
    assert (token.text(), token.echoMode()) == ("", QLineEdit.EchoMode.Password)
    assert token.placeholderText() == "Kept in the keyring; type a new one to replace it"
    assert one.dialog.form.name.isReadOnly()
    one.fill(guardians="no", page_size="")
    one.press()
    now = connections.load("it")
    assert now.options == {"tries": "2", "guardians": "no"}
    assert now.created == before.created
    assert connections.secret_of(now, Part.TOKEN) == "good"


def test_a_change_that_does_not_work_leaves_it_as_it_was(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer]
) -> None:
    server = serve(records=districts.clever(), token="good")
    before = Connection("it", Kind.CLEVER, server.address)
    connections.save(before, {Part.TOKEN: "good"})
    one = fill(known("it"))
    one.fill(token="wrong", guardians="no")
    one.press()
    assert only(one.dialog, ErrorPanel).isVisible()
    assert connections.load("it") == before
    assert connections.secret_of(before, Part.TOKEN) == "good"


def test_another_way_to_sign_in_forgets_the_secret_of_the_first(
    fill: Callable[..., Filling], serve: Callable[..., RosterServer]
) -> None:
    server = serve(records=districts.clever(), token="good", client=("me", "hush"), tokens={"d1": "good"})
    connections.save(Connection("it", Kind.CLEVER, server.address), {Part.TOKEN: "old"})
    one = fill(known("it"))
    one.choose("clever", "client")
    one.fill(client_id="me", secret="hush", token_url=f"{server.address}/oauth/tokens")
    one.press()
    assert "it is saved" in words(one.dialog), words(one.dialog)
    now = connections.load("it")
    assert now.options["district"] == "d1"  # the only one there is
    assert (connections.secret_of(now, Part.TOKEN), connections.secret_of(now, Part.SECRET)) == (None, "hush")


def test_the_page_tests_changes_and_removes(
    open_window: Callable[[Opening], MainWindow],
    opening: Opening,
    settle: Callable[[MainWindow], None],
    serve: Callable[..., RosterServer],
    secrets: MemoryKeyring,
) -> None:
    server = serve(records=districts.clever(), token="good")
    window = open_window(opening)
    window.home.sections.all_connections.click()
    settle(window)
    page = window.connections
    assert window.pages.currentWidget() is page
    assert window.way.connections.isChecked()
    assert "There is no connection yet" in words(page)
    page.add.click()
    assert page.dialog is not None
    page.dialog.form.set_value("token", "good")
    page.dialog.form.set_value("address", server.address)
    page.dialog.primary.click()
    settle(window)
    page.dialog.reject()
    save_job(Job("nightly", ("connection:clever",)))
    window.refresh()
    settle(window)
    card = page.cards["clever"]
    assert ("Used by", "nightly") in connectcard.sentences(card.known)
    card.buttons[connectcard.TEST].click()
    settle(window)
    assert "12 students" in words(page.cards["clever"])
    assert unnamed(window) == []
    server.behaviour.token = "other"
    page.cards["clever"].buttons[connectcard.TEST].click()
    settle(window)
    assert isinstance(only(page, ErrorPanel).error, RosterDeskError)
    page.cards["clever"].buttons[connectcard.REMOVE].click()
    banner = only(page, Banner)
    assert "The jobs that use it can't run any more: nightly." in words(banner)
    assert len(connections.connections()) == 1
    page.remove("clever")
    settle(window)
    assert (connections.connections(), secrets.secrets) == ((), {})
    assert page.cards == {}


def test_a_damaged_one_is_said_and_removed(
    open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Callable[[MainWindow], None], home: Path
) -> None:
    connections.save(Connection("good", Kind.CLEVER))
    (home / "connections" / "bad.toml").write_text("name = 3 =")
    window = open_window(opening)
    window.show_page(window.connections)
    settle(window)
    page = window.connections
    assert [name for name, _, _ in page.looked.damaged] == ["bad"]
    assert list(page.cards) == ["good"]
    page.remove("bad")
    settle(window)
    assert [one.name for one in connections.connections()] == ["good"]


def test_the_page_tests_as_at_night(
    open_window: Callable[[Opening], MainWindow],
    opening: Opening,
    settle: Callable[[MainWindow], None],
    openssh: OpenSSH,
) -> None:
    folder = openssh.new_folder()
    connections.save(openssh.connection(folder, use="outlet"))  # a key file needs no keyring
    window = open_window(opening)
    window.show_page(window.connections)
    settle(window)
    window.connections.cards["far"].buttons[connectcard.NIGHT].click()
    settle(window)
    said = words(window.connections.cards["far"])
    assert f"127.0.0.1 is reached, and {openssh.user} is signed in." in said
    assert "It works as at night" in said
    folder.chmod(0o555)
    window.connections.cards["far"].buttons[connectcard.NIGHT].click()
    settle(window)
    said = words(window.connections.cards["far"])
    assert "may not be written to" in said
    assert "It works as at night" not in said


def test_an_upload_from_the_page(
    open_window: Callable[[Opening], MainWindow],
    opening: Opening,
    settle: Callable[[MainWindow], None],
    serve: Callable[..., RosterServer],
) -> None:
    server = serve(records=districts.clever(), token="good")
    connections.save(Connection("it", Kind.CLEVER, server.address), {Part.TOKEN: "good"})
    window = open_window(opening)
    window.show_page(window.connections)
    settle(window)
    window.connections.cards["it"].buttons[connectcard.UPLOAD].click()
    settle(window)
    assert window.wizard is not None
    assert window.wizard.draft.reading is not None


def test_nothing_is_told_of_a_secret_by_the_widgets(fill: Callable[..., Filling]) -> None:
    connections.save(Connection("it", Kind.SFTP, "h", {"user": "u"}), {Part.PASSWORD: "open sesame"})
    one = fill(known("it"))
    everything = [
        str(text)
        for widget in [one.dialog, *one.dialog.findChildren(QWidget)]
        for text in (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(), *texts(widget))
    ]
    assert not [text for text in everything if "sesame" in text]
    assert unnamed(one.dialog) == []


def texts(widget: QWidget) -> list[str]:
    return [str(widget.property(name)) for name in ("text", "placeholderText") if widget.property(name)]
