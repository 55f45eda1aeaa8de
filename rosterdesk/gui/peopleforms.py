"""The forms with which students, staff and guardians are changed and joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rosterdesk.gui.forms import Answers, Field, Form, Pick
from rosterdesk.gui.handedits import CONTACT, STUDENT, Subject, changed, fields
from rosterdesk.gui.titles import field_title
from rosterdesk.gui.words import tr

if TYPE_CHECKING:
    from rosterdesk.directory.edit import Edit


def _change_student(of: Subject) -> Form:
    from rosterdesk.directory import people

    return Form(
        tr("Change {name}", name=of.record.name),
        tr("No sync owns this student: what you enter stays."),
        tr("Save the change"),
        "change a student whom no sync owns",
        lambda edit, answers: people.change_student(edit, of.record.id, changed(of, answers, STUDENT)),
        fields(STUDENT, dict(of.record.fields)),
    )


def _contact(of: Subject) -> Form:
    from rosterdesk.directory import contacts

    names = CONTACT[of.record.entity]
    kept = tr("What you enter stays through every upload, and the review says that it was kept.")
    return Form(
        tr("Contact details of {name}", name=of.record.name),
        kept if of.record.synced else tr("Made by hand. Uploads leave it alone."),
        tr("Save the change"),
        "change contact details",
        lambda edit, answers: contacts.change(edit, of.record.entity, of.record.id, changed(of, answers, names)),
        fields(names, dict(of.record.fields)),
    )


def _language(of: Subject) -> Form:
    from rosterdesk.directory import contacts

    return Form(
        tr("Language of {name}", name=of.record.name),
        tr("Messages and letters are in this language."),
        tr("Save the change"),
        "change the language",
        lambda edit, answers: contacts.change(edit, of.record.entity, of.record.id, answers.some("language")),
        fields(("language",), dict(of.record.fields)),
    )


def _set_role(of: Subject) -> Form:
    from rosterdesk.directory import people

    return Form(
        tr("Role of {name}", name=of.record.name),
        tr("The role that you set stays through every upload."),
        tr("Save the change"),
        "set a member of staff's job",
        lambda edit, answers: people.set_role(edit, of.record.id, answers.values["role"]),
        (Field("role", field_title("role"), of.record.fields.get("role", ""), required=True),),
    )


def _add_to_school(of: Subject) -> Form:
    from rosterdesk.directory import people

    places = tuple((str(id_), name) for id_, name in of.places if id_ not in of.schools)
    return Form(
        tr("Add {name} to a further school", name=of.record.name),
        tr("The schools where they are already stay theirs."),
        tr("Add to the school"),
        "add a member of staff to one more school",
        lambda edit, answers: people.add_to_school(edit, of.record.id, int(answers.values["school"])),
        (Field("school", field_title("school"), choices=places, required=True),),
    )


def _add_guardian(of: Subject) -> Form:
    from rosterdesk.directory import families

    names = (*CONTACT["guardians"], "language")

    def perform(edit: Edit, answers: Answers) -> int:
        related = answers.values.get("relationship", "").strip() or None
        return families.add_guardian(edit, of.record.id, answers.some(*names), related)

    return Form(
        tr("New guardian of {name}", name=of.record.name),
        tr("A guardian needs an e-mail or a mobile number, to sign in and to be reached with."),
        tr("Add the guardian"),
        "add a guardian to a student",
        perform,
        (*fields(names), _relationship()),
        opens="guardians",
    )


def _link_guardian(of: Subject) -> Form:
    from rosterdesk.directory import families

    def perform(edit: Edit, answers: Answers) -> None:
        related = answers.values.get("relationship", "").strip() or None
        for guardian in answers.picked:
            families.link_guardian(edit, of.record.id, guardian, related)

    return Form(
        tr("Link a guardian with {name}", name=of.record.name),
        tr("For somebody who is another child's guardian already. They stay one person."),
        tr("Link the guardian"),
        "make a guardian also that of another student",
        perform,
        (_relationship(),),
        Pick("guardians", tr("Guardians")),
    )


def _relationship() -> Field:
    return Field("relationship", field_title("relationship"), hint=tr("Such as mother, father, aunt"))


def _enable_account(of: Subject) -> Form:
    from rosterdesk.directory import accounts

    return Form(
        tr("Enable the account of {name}", name=of.record.name),
        tr("They can sign in from then on. Name, e-mail and phone of somebody who signs in are their own to change."),
        tr("Enable the account"),
        "enable somebody's account",
        lambda edit, _: accounts.enable(edit, of.record.entity, of.record.id),
    )


def _join_code(of: Subject) -> Form:
    from rosterdesk.directory import joincodes

    return Form(
        tr("Join code of {name}", name=of.record.name),
        tr("With the code on paper the family joins by itself. A code that was given out already is shown again."),
        tr("Show the code"),
        "give students join codes",
        lambda edit, _: joincodes.give(edit, [of.record.id]),
        told=lambda codes: tr("The join code is {code}.", code=", ".join(map(spaced, codes.values()))),
    )


def spaced(code: str) -> str:
    """A join code as it is easily read out and typed: ABCD-EFGH."""
    return f"{code[:4]}-{code[4:]}"


FORMS: dict[str, Callable[[Subject], Form]] = {
    "change_student": _change_student,
    "contact": _contact,
    "language": _language,
    "set_role": _set_role,
    "add_to_school": _add_to_school,
    "add_guardian": _add_guardian,
    "link_guardian": _link_guardian,
    "enable_account": _enable_account,
    "join_code": _join_code,
}
