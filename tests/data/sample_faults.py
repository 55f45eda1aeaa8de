"""What is wrong with the sample district's first day, and what changes on the second."""

from __future__ import annotations

from tests.data.sample_district import SEED, District, Maker, Row, enroll, person, student


def plant(d: District) -> None:
    """Spoil a clean district: each common fault at least once."""
    _plant_people(d)
    _plant_contacts(d)
    _plant_links(d)
    _plant_damage(d)


def _newcomer(d: District, sis_id: str, given: str, family: str, *rooms: str, **cells: str) -> Row:
    row = person(d, sis_id, "student", "0102", given, family, grades="07", agentSourcedIds="G00001")
    row.update(cells)
    for room in rooms:
        enroll(d, room, "0102", sis_id, "student")
    return row


def _adult(d: District, sis_id: str, given: str, family: str, **cells: str) -> Row:
    row = person(d, sis_id, "guardian", "0101", given, family)
    row.update(cells)
    return row


def _plant_people(d: District) -> None:
    room = "0102-02"
    row = _newcomer(d, "", "Nobuko", "Harunaga", email="nobuko@example.org", username="nobuko")
    d.fault("missing-id", "A student without an ID", "users", row)
    row = _newcomer(d, "00129001", "Petra", "Holubička", room)
    d.fault("duplicate-id", "Two students with one ID", "users", row)
    d.fault("duplicate-id", "The other one", "users", _newcomer(d, "00129001", "Tomáš", "Vránecký"))
    row = d.user("00120004")
    d.tables["users"].append(twin := dict(row))
    d.fault("repeated-row", "The same row twice", "users", twin)
    row = _adult(d, "V0001", "Odalys", "Brenneman", role="volunteer")
    d.fault("unknown-role", "A role that is none", "users", row)
    row = _adult(d, "G00901", "Rhys", "Llewelynog", status="pending")
    d.fault("unknown-status", "A status that is none", "users", row)
    d.fault("missing-name", "A guardian without any name", "users", _adult(d, "G00902", "", ""))
    d.fault("partial-name", "A guardian with one name only", "users", _adult(d, "G00903", "Wayanti", ""))
    row = _newcomer(d, "00129002", "Imani", "Okonjoba", orgSourcedIds="0109")
    d.fault("unknown-school", "A student of a school that is not in orgs.csv", "users", row)
    row = d.user("T2001")
    row["orgSourcedIds"] = "0102,0199"
    d.fault("unknown-other-school", "A teacher whose second school does not exist", "users", row)
    row = _newcomer(d, "00129003", "Fiorella", "Bassanetti", room, orgSourcedIds="")
    d.fault("student-without-school", "A student without a school, who is in a class", "users", row)
    row = d.user("G00010")
    row["orgSourcedIds"] = "D01"
    d.fault("district-guardian", "A guardian who belongs to the district, not to a school", "users", row)
    row = _newcomer(d, "00129004", "Sunniva", "Haugerud", room, grades="Sprout")
    d.fault("unknown-grade", "A grade that is none", "users", row)
    row = _newcomer(d, "00129005", "Ambrose", "Tillingham", room, grades="")
    d.fault("student-without-grade", "A student without a grade", "users", row)
    row = _newcomer(d, "00129006", "Leilani", "Pukuikea")
    d.fault("student-without-classroom", "A student who is in no class", "users", row)
    row = d.user("G00012")
    row["status"] = "tobedeleted"
    d.fault("bulk-with-deletes", "A deletion in a file that the manifest calls bulk", "users", row)
    d.fault("delta-without-dates", "The manifest calls demographics.csv delta, but no row has a date", "demographics")


def _plant_contacts(d: District) -> None:
    row = _adult(d, "G00904", "Casimir", "Dombrowicz", email="")
    d.fault("no-contact", "A guardian without e-mail and mobile number", "users", row)
    row = _adult(d, "G00905", "Annika", "Sjöblomqvist", email="annika.example.org", sms="+13035550198")
    d.fault("bad-email", "An e-mail address without @", "users", row)
    # Numbers of London that are kept free for film and television.
    row = _adult(d, "G00906", "Gwendolen", "Marchbanks-Rowe", sms="+442079460123")
    d.fault("landline-in-sms", "A landline in the field for mobile numbers", "users", row)
    for sis_id, given, family in (("G00907", "Tevita", "Fonualei"), ("G00908", "Marisol", "Quintanarez")):
        row = _adult(d, sis_id, given, family, email="office@example.org")
        d.fault("shared-contact", "Two guardians who are no family share the school office's address", "users", row)
    d.tables["users"].append(extra := dict(d.user("T1000"), sourcedId="G00909", role="guardian", username="g00909"))
    extra["givenName"] = extra["givenName"] + " Rae"
    d.fault("person-differs", "A teacher who is a guardian too, with another first name", "users", extra)
    d.tables["users"].append(extra := dict(d.user("T2000"), sourcedId="G00910", role="guardian", username="g00910"))
    extra["email"] = "private.t2000@example.org"
    d.fault("person-differs", "A teacher who is a guardian too, with another e-mail address", "users", extra)
    d.tables["users"].append(extra := dict(d.user("T3000"), sourcedId="G00911", role="guardian", username="g00911"))
    extra["sms"] = "+16175550197"
    d.fault("person-differs", "A teacher who is a guardian too, with another mobile number", "users", extra)
    for sis_id, child in (("G00909", "00110009"), ("G00910", "00120009"), ("G00911", "00130009")):
        d.user(child)["agentSourcedIds"] += f",{sis_id}"


def _plant_links(d: District) -> None:
    row = d.add("classes", sourcedId="0177-01", title="Robotics", classType="scheduled", schoolSourcedId="0177")
    d.fault("classroom-unknown-school", "A class of a school that does not exist", "classes", row)
    row = enroll(d, "0177-01", "0177", "00120011", "student")
    d.fault("left-out-with-classroom", "An enrollment in that class", "enrollments", row)
    row = d.add("classes", sourcedId="0103-90", classType="scheduled", schoolSourcedId="0103", courseSourcedId="K0103")
    enroll(d, "0103-90", "0103", "T3001", "teacher")
    d.fault("missing-title", "A class without a name", "classes", row)
    d.fault("classroom-without-students", "The same class has no students", "classes", row)
    row = d.add("classes", sourcedId="0103-91", title="Chess Club", classType="scheduled", schoolSourcedId="0103")
    enroll(d, "0103-91", "0103", "00130002", "student")
    d.fault("classroom-without-teacher", "A class without a teacher", "classes", row)
    row = enroll(d, "0102-77", "0102", "00120005", "student")
    d.fault("dangling-classroom", "An enrollment in a class that does not exist", "enrollments", row)
    row = enroll(d, "0102-02", "0102", "00127777", "student")
    d.fault("dangling-person", "An enrollment of a student who does not exist", "enrollments", row)
    row = next(r for r in d.tables["enrollments"] if r["userSourcedId"] == "00129003")
    d.fault("left-out-with-person", "The enrollment of the student without a school", "enrollments", row)
    row = enroll(d, "0102-02", "0102", "00120006", "captain")
    d.fault("unknown-enrollment-role", "An enrollment role that is none", "enrollments", row)
    row = d.user("00120007")
    row["agentSourcedIds"] += ",G77777"
    d.fault("dangling-guardian", "A student names a guardian who does not exist", "users", row)
    row = _adult(d, "G00912", "Yevgenia", "Morozhenko", agentSourcedIds="00177777")
    d.fault("dangling-student", "A guardian names a student who does not exist", "users", row)
    row = d.user("00110012")
    row["agentSourcedIds"] = ",".join(f"G{n:05}" for n in range(20, 27))
    d.fault("too-many-guardians", "A student with seven guardians", "users", row)


def _plant_damage(d: District) -> None:
    room = "0102-02"
    row = _newcomer(d, "00129007", 'William "Billy"', "Thackerley", room)
    d.fault("quotation-marks", "Quotation marks inside a name", "users", row)
    row = d.user("00130011")
    row["agentSourcedIds"] = f'"{row["agentSourcedIds"]}"'
    d.fault("quotation-marks", "A list that was wrapped in quotation marks twice", "users", row)
    row = _newcomer(d, "00129008", "Mar\u200bisol", "Etxeberriaga", room)
    d.fault("invisible-characters", "A zero-width space inside a first name", "users", row)
    row = d.user("G00015")
    row["email"] += "\u00a0"
    d.fault("invisible-characters", "A no-break space after an e-mail address", "users", row)
    d.fault("header-look-alike", "The header says sourceId where sourcedId is meant", "users")
    d.fault("header-look-alike", "The header email ends with a zero-width space", "users")
    d.fault("header-look-alike", "The header title ends with a no-break space", "classes")
    for child in ("00120012", "00120013"):
        row = enroll(d, "0102-08", "0102", child.lstrip("0"), "student")
        d.fault("id-lost-zeros", "A student's ID that lost its zeros in a spreadsheet", "enrollments", row)
    row = _newcomer(d, "1.23457E+11", "Oluwaseun", "Adebanjoko", room)
    d.fault("id-damaged", "An ID of twelve digits that a spreadsheet shortened", "users", row)
    row = d.add("classes", sourcedId="4-Mar", title="Reading group 3-4", classType="scheduled", schoolSourcedId="0101")
    enroll(d, "4-Mar", "0101", "T1001", "teacher")
    d.fault("id-damaged", "The ID 3-4 that a spreadsheet took for a date", "classes", row)
    row = enroll(d, "3-4", "0101", "00110002", "student")
    d.fault("dangling-classroom", "An enrollment that still has that class's right ID", "enrollments", row)
    row = next(r for r in d.tables["classes"] if "O’Malley" in r["title"])
    d.fault(
        "encoding-guessed",
        "This file is Windows-1252, as the curly apostrophe shows; users.csv is UTF-8",
        "classes",
        row,
    )


def next_day(d: District) -> None:
    """A day later: students leave and come, contacts change, one fault is mended and one is new."""
    gone = {"00110003", "00120017", "00130021"}
    for table, column in (("users", "sourcedId"), ("enrollments", "userSourcedId"), ("demographics", "sourcedId")):
        d.tables[table] = [row for row in d.tables[table] if row[column] not in gone]
    maker = Maker()
    maker.random.seed(SEED + 1)
    for school, number in (("0101", 61), ("0102", 61), ("0103", 61), ("0103", 62)):
        language, given, family = maker.family()
        adult = person(d, f"G01{school[-1]}{number}", "guardian", school, given[0], family, language=language)
        adult["sms"] = f"+1617555018{number % 60 + int(school[-1])}"
        student(d, maker, school, number, given[1], family, adult["sourcedId"], language)
    for n in (31, 44, 57, 72, 93, 118):
        d.user(f"G{n:05}")["email"] = f"new.g{n:05}@example.org"
    for n in (33, 66, 99):
        d.user(f"G{n:05}")["sms"] = f"+14155550{190 + n // 33}"
    d.user("T3002")["familyName"] += "-Arbogast"
    d.user("00129003")["orgSourcedIds"] = "0102"  # now the SIS says which school
    for column in ("email", "sms"):
        d.user("G00040")[column] = ""  # and here it lost the last way to reach a guardian
    next(row for row in d.tables["classes"] if row["sourcedId"] == "0103-06")["title"] = "Algebra II"
    theirs = [row for row in d.tables["enrollments"] if row["userSourcedId"] == "00130005"]
    taken = {row["classSourcedId"] for row in theirs}
    theirs[-1]["classSourcedId"] = next(
        room for room in ("0103-05", "0103-06", "0103-07", "0103-08") if room not in taken
    )
