"""E-mail addresses and telephone numbers."""

from __future__ import annotations

from rosterdesk.checks.entries.entry import ERROR, NOTICE, WARNING, Entry

ENTRIES: dict[str, Entry] = {
    "no-contact": Entry(
        ERROR,
        "Guardian without e-mail or mobile",
        "This guardian has no e-mail and no mobile number that can be used, and will not be created until one "
        "is added.",
    ),
    "contact-taken": Entry(
        WARNING,
        "E-mail or mobile number of somebody else",
        "Somebody else has {value}, and in this district it is one person's only. It is left out.",
    ),
    "no-own-contact": Entry(
        ERROR,
        "Guardian without an e-mail or mobile of their own",
        "This guardian has only an e-mail or mobile number of somebody else, and will not be created until one of "
        "their own is added, or people may share them.",
    ),
    "bad-email": Entry(WARNING, "Not an e-mail address", "“{value}” is no e-mail address and is left empty."),
    "placeholder-email": Entry(
        WARNING,
        "E-mail address that stands for none",
        "“{value}” seems to be filled in where there is no address: its name says so, or very many people have "
        "it. It is left empty.",
    ),
    "bad-mobile": Entry(
        WARNING,
        "Not a mobile number",
        "“{value}” can't be read as a telephone number with its country and is left empty. "
        "Say in the mapping which country it is.",
        "set-country",
    ),
    "placeholder-mobile": Entry(
        WARNING,
        "Number that stands for none",
        "The number {value} seems to be filled in where there is none: its digits say so, or very many people "
        "have it. It is left empty.",
    ),
    "landline-in-sms": Entry(
        WARNING,
        "Landline in the mobile field",
        "{value} is a landline, which gets no text messages. It is left empty as mobile number, and kept as "
        "home phone if there is none.",
    ),
    "toll-free-mobile": Entry(
        WARNING,
        "Toll-free number in the mobile field",
        "{value} is a toll-free number, which gets no text messages. It is left empty.",
    ),
    "fictional-mobile": Entry(
        NOTICE,
        "Number made for films",
        "{value} is one of the numbers (555-01xx) that reach nobody. It is taken as it is.",
    ),
    "contact-waits": Entry(
        NOTICE,
        "Contact of a student who is left out",
        "This contact has no ID of its own, and its student {value} is left out or not known. Both wait.",
    ),
    "shared-contact": Entry(
        NOTICE,
        "E-mail or mobile number of several people",
        "People of different names share {value}. All of them are taken; messages reach whoever reads them there.",
    ),
    "shared-student-email": Entry(
        NOTICE,
        "E-mail address of several students",
        "Several students share {value}. All of them are taken; only one can sign in with it.",
    ),
    "person-differs": Entry(
        NOTICE,
        "Perhaps one person, written in two ways",
        "Another record shares {value} and nearly all else with this one. They become two accounts; name, "
        "e-mail and mobile number "
        "must be exactly the same to be one.",
    ),
}
