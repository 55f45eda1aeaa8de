"""What each setting is called, and what it does: the words of `settings`."""

from __future__ import annotations

from collections.abc import Mapping

_LEAVING = "Who came in before and no longer does is archived, and comes back when the setting allows it."
_ASKED = "Until somebody sets it, only who cleans up by hand removes anything, and sees first what."
_WAITING = "A guardian who has no other waits until one appears. Those who share one already go on."
# Of each setting: what it is called, and what it does when it is on (or whatever its value is) and when it is off.
EXPLAINED: Mapping[str, tuple[str, str, str]] = {
    "sync": (
        "Sync with the source",
        "Every run brings the school to what the source says; by hand little can be changed.",
        "Every run skips the school. Its records stay, keep their SIS IDs, and are edited by hand.",
    ),
    "threshold_percent": (
        "Deletion threshold",
        "A run that would archive more than this percentage of a kind of record waits until a person has looked.",
        "",
    ),
    "school_threshold_percent": (
        "Deletion threshold of a school",
        "A run that would archive more than this percentage within one school waits until a person has looked.",
        "",
    ),
    "link_threshold_percent": (
        "Threshold of enrollments and family links",
        "A run that would remove more than this percentage of them waits until a person has looked.",
        "",
    ),
    "restore_students": (
        "Restore students who reappear",
        "An archived student whose SIS ID is in the source again becomes active, with their classrooms and family.",
        "An archived student stays archived until a person restores them.",
    ),
    "unarchive_classrooms": (
        "Unarchive classrooms that reappear",
        "Every classroom that is in the source becomes active, also one that a person archived.",
        "A classroom that a person archived stays archived.",
    ),
    "update_active_users": (
        "Allow the sync to update contact details of active users",
        "E-mail, phones and names of people who have signed in follow the source; they are changed in the SIS only.",
        "People who have signed in, and Users Managers, change contact details here; the sync leaves them alone.",
    ),
    "manage_guardians": (
        "Allow the sync to manage guardians",
        "Guardians and family links come from the source. Those that people added stay beside them.",
        "Guardians in the source are ignored; those who are here stay, and people or the guardian file bring new ones.",
    ),
    "update_language": (
        "Allow the sync to update the language",
        "A person's language follows the source in every run.",
        "The language is taken from the source once, and is the person's own from then on.",
    ),
    "phone_column": (
        "Phone credential column",
        "The number in this column is what a person signs in and is reached with; the other one is only kept.",
        "",
    ),
    "student_id": (
        "Student ID",
        "The identifier by which people name a student here. Matching with the source is by the SIS ID all the same.",
        "",
    ),
    "guardians_by_hand": (
        "Who may manage guardians",
        "Nobody, school and district leaders, or all staff of the school may add and remove guardians by hand.",
        "",
    ),
    "contact_relationships": (
        "Contact relationships that come in",
        "Only guardians with one of these relationships to the student, or with none told, come in; all: everybody. "
        + _LEAVING,
        "",
    ),
    "contact_types": (
        "Contact types that come in",
        "Only contacts of one of these types (primary, emergency ...), or with none told, come in; all: everybody. "
        + _LEAVING,
        "",
    ),
    "shared_contacts": (
        "Allow people to share an e-mail or phone",
        "Several people may have the same e-mail or mobile number; one person in several roles has one account.",
        "An e-mail or mobile number is one person's only: who has it keeps it, others go without. " + _WAITING,
    ),
    "history_months": (
        "Keep the history of records (months)",
        (
            "What a run changed, before and after, is forgotten after so many months, and the run can't be taken back "
            "any more; 0: never. Its numbers stay. " + _ASKED
        ),
        "",
    ),
    "held_days": (
        "Keep a run that waits (days)",
        (
            "A run that waits for a person is discarded after so many days without a decision, and those whom its job "
            "tells are told; 0: never. The next upload brings what is still to be done."
        ),
        "",
    ),
    "staged_days": (
        "Keep an upload that was not finished (days)",
        (
            "What was chosen, typed and pasted for it goes from this computer after so many days; 0: never. What a run "
            "that was killed has left goes in any case. " + _ASKED
        ),
        "",
    ),
    "delivered_days": (
        "Keep delivered files (days)",
        (
            "What this directory delivered last is removed from a folder or an SFTP server to which nothing was "
            "delivered for so many days; 0: it stays until the next delivery replaces it. Files that were changed "
            "since stay. Choose more days than your longest break."
        ),
        "",
    ),
    "limits": (
        "Further limits",
        (
            "A run that goes over one of these waits until a person has looked: students created 200, or school "
            "students updated 30%; none: only the others hold. A percentage allows 100 records in any case, in one "
            "school 20."
        ),
        "",
    ),
}
