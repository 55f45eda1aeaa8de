"""Literal headers and rows in, the suggested mapping out. Sure must be right; what can't be told is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rosterdesk import mapping
from rosterdesk.errors import UsageError
from rosterdesk.model import Confidence, Mapping, TableMap

Suggested = Callable[..., Mapping]
Sources = Callable[[TableMap], dict[str, tuple[str, str]]]


def test_exact_alias_and_doubt(suggested: Suggested, sources: Sources) -> None:
    head = "sourceId,orgSourcedIds,role,givenName,familyName,email,sms,phone,agentSourcedIds,grades"
    (spec,) = suggested(u=f"{head}\n1,9,parent,Sue,Ray,no mail,201-555-0123,,,\n2,9,parent,Tom,Ray,none,,,,").tables
    found = sources(spec)
    assert found["sis_id"] == ("sourceId", "alias")
    assert found["given_name"] == ("givenName", "exact")
    assert found["email"] == ("email", "unsure")
    assert found["sms"] == ("sms", "exact")


def test_an_identifier_that_holds_mail_addresses_is_no_student_number(suggested: Suggested, sources: Sources) -> None:
    head = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier"
    (spec,) = suggested(u=f"{head}\n1,,,true,9,student,b,Ben,Ray,b@example.org").tables
    assert "student_number" not in spec.fields


def test_an_empty_table_is_believed_by_its_headers(suggested: Suggested, sure: tuple[Confidence, ...]) -> None:
    (spec,) = suggested(
        u="sourcedId,orgSourcedIds,role,givenName,familyName,email,sms,phone,agentSourcedIds,grades"
    ).tables
    assert all(f.confidence in sure for f in spec.fields.values())


def test_a_preset_that_a_person_names(suggested: Suggested, sources: Sources) -> None:
    text = 'Student_Number,LastFirst,SchoolID,Grade_Level\n1,"Ray, Ben",9,0'
    (spec,) = suggested("powerschool", students=text).tables
    assert spec.target == "students"
    assert sources(spec) == {
        "sis_id": ("Student_Number", "preset"),
        "given_name": ("LastFirst", "preset"),
        "family_name": ("LastFirst", "preset"),
        "middle_name": ("LastFirst", "preset"),
        "grade": ("Grade_Level", "preset"),
        "school_sis_ids": ("SchoolID", "preset"),
        "student_number": ("Student_Number", "preset"),
    }
    with pytest.raises(UsageError, match="nosis"):
        suggested("nosis", students2=text)


def test_rosters_with_the_same_headers_are_told_by_whose_ids_they_hold(suggested: Suggested, sources: Sources) -> None:
    spec = suggested(
        a="SIS ID,School SIS ID,First Name,Last Name,Username,Student Number,Grade\ns1,9,A,B,ab,1,3",
        b="SIS ID,School SIS ID,First Name,Last Name,Username,Teacher Number,Title\nt1,9,C,D,cd,1,x",
        c="Section SIS ID,SIS ID\nc1,t1",
        d="Section SIS ID,SIS ID\nc1,s1",
        e="SIS ID,School SIS ID,Section Name\nc1,9,Math",
    )
    roles = {t.table: sources(t)["role"][0] for t in spec.tables if t.target == "enrollments"}
    assert roles == {"c": "=teacher", "d": "=student"}
    assert mapping.unmet(spec) == []


def test_twins_are_told_by_their_names_and_never_called_sure(suggested: Suggested, sources: Sources) -> None:
    head = "SIS ID,School SIS ID,Username"
    others = {"School": "SIS ID,Name\n9,North", "Section": "SIS ID,School SIS ID,Section Name\nc1,9,Math"}
    spec = suggested(Student=f"{head}\ns1,9,a", Teacher=f"{head}\nt1,9,b", **others)
    people = {t.table: t for t in spec.tables if t.target in ("students", "staff")}
    assert {name: t.target for name, t in people.items()} == {"Student": "students", "Teacher": "staff"}
    assert sources(people["Teacher"])["sis_id"] == ("SIS ID", "likely")
    asked = suggested(x=f"{head}\ns1,9,a", y=f"{head}\nt1,9,b", z=others["School"])
    assert not [t for t in asked.tables if t.table in ("x", "y")]
    assert [q for q in mapping.unmet(asked) if "“x”" in q]


def test_contacts_in_a_wide_row(suggested: Suggested, sources: Sources) -> None:
    head = "Student ID,Student First Name,Student Last Name,Grade Level,School"
    contacts = ",".join(f"Contact {n} Name,Contact {n} E-mail,Contact {n} Phone" for n in range(1, 5))
    rows = (
        '00123,Ana,Lopez,K,North,"Lopez, Maria",maria@example.org,(201) 555-0123,Juan Lopez,juan@example.org' + "," * 7
    )
    spec = suggested(roster=f"{head},{contacts}\n{rows}")
    assert [t.target for t in spec.tables] == ["students", *["guardians"] * 4]
    assert sources(spec.tables[0]) == {
        "sis_id": ("Student ID", "alias"),
        "given_name": ("Student First Name", "alias"),
        "family_name": ("Student Last Name", "alias"),
        "grade": ("Grade Level", "alias"),
        "school_sis_ids": ("School", "likely"),
    }
    assert sources(spec.tables[4]) == {
        "student_sis_id": ("Student ID", "alias"),
        "given_name": ("Contact 4 Name", "likely"),
        "family_name": ("Contact 4 Name", "likely"),
        "middle_name": ("Contact 4 Name", "likely"),
        "email": ("Contact 4 E-mail", "alias"),
        "sms": ("Contact 4 Phone", "likely"),
    }


def test_mother_and_father(suggested: Suggested, sources: Sources) -> None:
    mothers = "Mother First Name,Mother Last Name,Mother Email,Mother Cell"
    head = f"StudentNumber,LastName,FirstName,Gr,DOB,{mothers},Father Name,FatherEmail"
    spec = suggested(s=f"{head}\n1,Ray,Ben,3,2/13/2012,Sue,Ray,sue@example.org,2015550144,Tom Ray,tom@example.org")
    students, mother, father = spec.tables
    assert sources(students)["sis_id"] == ("StudentNumber", "alias")
    assert sources(students)["birth_date"] == ("DOB", "alias")
    assert sources(mother) == {
        "student_sis_id": ("StudentNumber", "alias"),
        "given_name": ("Mother First Name", "alias"),
        "family_name": ("Mother Last Name", "alias"),
        "email": ("Mother Email", "alias"),
        "sms": ("Mother Cell", "alias"),
        "relationship": ("=Mother", "alias"),
    }
    assert sources(father)["relationship"][0] == "=Father"
    assert sources(father)["family_name"] == ("Father Name", "likely")


def test_a_set_of_files_of_no_known_format(suggested: Suggested, sources: Sources) -> None:
    spec = suggested(
        kids="Student Number,First Name,Last Name,Grade,School ID\n1,Ben,Ray,3,9",
        parents="Student Number,First Name,Last Name,Relationship,Email,Home Phone,Mobile\n"
        "1,Sue,Ray,Mother,s@example.org,,2015550144",
        staff='Teacher ID,Name,Email\nt1,"Smith, Ann",ann@example.org',
        sections="Section ID,Section Name,Teacher ID,Room\nc1,Math,t1,12",
        roster="Section ID,Student Number\nc1,1",
        schools="School ID,School Name\n9,North",
    )
    assert [(t.table, t.target) for t in spec.tables] == [
        ("kids", "students"),
        ("parents", "guardians"),
        ("staff", "staff"),
        ("sections", "classrooms"),
        ("sections", "enrollments"),
        ("roster", "enrollments"),
        ("schools", "schools"),
    ]
    assert mapping.unmet(spec) == []
    parents = sources(spec.tables[1])
    assert (parents["student_sis_id"][0], parents["sms"][0], parents["phone"][0]) == (
        "Student Number",
        "Mobile",
        "Home Phone",
    )


def test_a_flat_file_with_everything_in_one_row(suggested: Suggested, sources: Sources) -> None:
    teacher = "Instructor ID,Instructor Last Name,Instructor First Name"
    head = f"School Name,{teacher},Class ID,Class Name,Student ID,Student Last Name,Student First Name"
    spec = suggested(all=f"{head}\nNorth,t1,Smith,Ann,c1,Math,1,Ray,Ben\nNorth,t1,Smith,Ann,c1,Math,2,Ito,Eva")
    assert [t.target for t in spec.tables] == ["students", "classrooms", "enrollments", "staff", "enrollments"]
    assert sources(spec.tables[3])["sis_id"] == ("Instructor ID", "alias")
    assert [sources(t)["role"][0] for t in spec.tables if t.target == "enrollments"] == ["=student", "=teacher"]


def test_people_of_whom_nothing_tells_what_they_are(suggested: Suggested) -> None:
    spec = suggested(people="ID,First Name,Last Name,Email\n1,A,B,a@example.org")
    assert spec.tables == ()
    assert mapping.unmet(spec) == ["What the table “people” holds can't be told: students, staff or guardians?"]


def test_a_misspelt_header_is_likely_at_most(suggested: Suggested, sources: Sources) -> None:
    (spec,) = suggested(s="Student ID,Frist Name,Last Name,Grade,Emial\n1,Ben,Ray,3,b@example.org").tables
    assert sources(spec)["given_name"] == ("Frist Name", "likely")
    assert sources(spec)["email"] == ("Emial", "likely")


def test_cells_speak_where_the_header_does_not(suggested: Suggested, sources: Sources) -> None:
    (spec,) = suggested(s="Student ID,First Name,Last Name,Grade,Reach\n1,Ben,Ray,3,b@example.org").tables
    assert sources(spec)["email"] == ("Reach", "likely")


def test_cells_overrule_the_header(suggested: Suggested, sources: Sources) -> None:
    rows = "1,Ben,Ray,Smith,3\n2,Eva,Ito,Jones,4"
    (spec,) = suggested(s=f"Student ID,First Name,Last Name,Email,Grade\n{rows}").tables
    assert "email" not in spec.fields
    mixed = suggested(
        t="Student ID,First Name,Last Name,Email,Grade\n1,A,B,a@example.org,3\n2,C,D,x,3\n3,E,F,y,4"
    ).tables[0]
    assert sources(mixed)["email"] == ("Email", "unsure")


def test_two_columns_that_are_equally_good(suggested: Suggested, sources: Sources) -> None:
    (spec,) = suggested(
        s="Student ID,First Name,Last Name,Grade,Email,E-Mail\n1,A,B,3,a@example.org,b@example.org"
    ).tables
    assert sources(spec)["email"][1] == "unsure"


def test_numeric_foreign_keys_are_looked_up(suggested: Suggested, sources: Sources) -> None:
    spec = suggested(
        Classes="classId_cl,sourcedId_cl,classCode_cl,orgId_cl\n1,aa,Algebra I - Fall,1\n2,bb,Art II - Fall,1",
        Enrollments="EnrollmentId,SourcedId,UserId,ClassId\n1,e1,1,1\n2,e2,2,2",
        Schools="orgId,sourcedId,name,identifier,type\n1,ss,North,,school",
        Users="userId,sourcedId,orgId,givenName,familyName,email,role\n1,uu,1,A,B,a@example.org,student\n2,vv,1,C,D,c@example.org,teacher",
    )
    by_target = {t.target: t for t in spec.tables}
    assert sources(by_target["classrooms"])["sis_id"] == ("sourcedId_cl", "alias")
    class_of = by_target["enrollments"].fields["class_sis_id"]
    assert (class_of.columns, class_of.confidence) == (("ClassId",), Confidence.LIKELY)
    assert class_of.transforms[-1].args == {
        "table": "Classes",
        "key": "classId_cl",
        "value": "sourcedId_cl",
        "keep": True,
    }
    assert by_target["enrollments"].fields["role"].transforms[0].args["value"] == "role"
    assert mapping.unmet(spec) == []


def test_references_that_are_found_nowhere_are_named(suggested: Suggested) -> None:
    spec = suggested(
        kids="Student ID,First Name,Last Name,Grade\n1,Ben,Ray,3",
        sections="Section ID,Section Name,Room\nc1,Math,12",
        roster="Section ID,Student ID\nzz,1",
    )
    assert mapping.unmet(spec) == [
        "The IDs in column “Section ID” of the table “roster” (Classroom) are not found in “sections”."
    ]


def test_nothing_of_a_roster(suggested: Suggested) -> None:
    assert mapping.unmet(suggested(menu="Day,Dish\nMonday,Soup")) == [
        "Nothing of a roster was recognised. Choose for each table what it holds."
    ]


@pytest.mark.parametrize(
    ("header", "cells"),
    [("Email", ["1234", "5678"]), ("Birth Date", ["red", "blue"]), ("Grade", ["a@example.org", "b@example.org"])],
)
def test_sure_is_never_wrong(suggested: Suggested, sure: tuple[Confidence, ...], header: str, cells: list[str]) -> None:
    rows = "\n".join(f"{n},A,B,{cell}" for n, cell in enumerate(cells))
    for spec in suggested(s=f"Student ID,First Name,Last Name,{header}\n{rows}").tables:
        assert not [f for f in spec.fields.values() if header in f.columns and f.confidence in sure]


def test_the_workbook_of_an_office(suggested: Suggested, sources: Sources) -> None:
    contacts = ",".join(
        f"Contact {n} {what}" for n in (1, 2) for what in ("Name", "Relationship", "Cell", "Home", "E-mail")
    )
    rows = '"Ray, Ben J.",110001,1st,2020-02-08,Homeroom 1,0101,"Ray, Sue",Mother,206-555-0115,,s@example.org,,,,,'
    spec = suggested(office=f"Student,Student #,Gr,Birthday,Homeroom,School,{contacts}\n{rows}")
    students, first, second = spec.tables
    assert sources(students) == {
        "sis_id": ("Student #", "alias"),
        "given_name": ("Student", "likely"),
        "family_name": ("Student", "likely"),
        "middle_name": ("Student", "likely"),
        "grade": ("Gr", "alias"),
        "birth_date": ("Birthday", "alias"),
        "student_number": ("Student #", "alias"),
        "school_sis_ids": ("School", "likely"),
    }
    assert sources(first) == {
        "student_sis_id": ("Student #", "alias"),
        "given_name": ("Contact 1 Name", "likely"),
        "family_name": ("Contact 1 Name", "likely"),
        "middle_name": ("Contact 1 Name", "likely"),
        "email": ("Contact 1 E-mail", "alias"),
        "sms": ("Contact 1 Cell", "alias"),
        "phone": ("Contact 1 Home", "alias"),
        "relationship": ("Contact 1 Relationship", "alias"),
    }
    assert second.target == "guardians"


def test_a_key_that_records_share_is_not_sure(suggested: Suggested, sources: Sources) -> None:
    rows = "\n".join(f"{n % 3},A{n},B,3" for n in range(10))
    (spec,) = suggested(s=f"Student ID,First Name,Last Name,Grade\n{rows}").tables
    assert sources(spec)["sis_id"] == ("Student ID", "unsure")
