"""Small sets of the formats of which no published files are at hand: literal rows in, mapped rows out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rosterdesk import mapping
from rosterdesk.model import Mapping as RosterMapping
from rosterdesk.model import Reading
from rosterdesk.staging import Staging

Rows = list[dict[str, Any]]
Mapped = Callable[[RosterMapping, Reading], Mapping[str, Rows]]
Read = Callable[..., Reading]


def pick(rows: Rows, *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(f) for f in fields) for row in rows]


def test_powerschool(read: Read, staging: Staging, mapped: Mapped) -> None:
    reading = read(
        students="[1]Student_Number,[1]LastFirst,[1]SchoolID,[1]Grade_Level,[1]Enroll_Status,[1]DOB,[1]Mother,[1]Mother_Email\n"
        '1,"Ray, Ben",9,0,0,2/13/2018,"Ray, Sue",s@example.org\n2,"Ito, Eva",9,-1,2,12/31/2019,,',
        teachers="TeacherNumber,First_Name,Last_Name,SchoolID,Email_Addr,Status\nt1,Ann,Smith,9,a@example.org,1",
        courses="Course_Number,Course_Name,Alt_Course_Number\nM1,Math,",
        sections="Course_Number,Section_Number,SchoolID,TermID,Expression,[05]TeacherNumber\nM1,2,9,3500,1(A),t1",
        cc="Course_Number,Section_Number,SchoolID,TermID,Student_Number,DateEnrolled,DateLeft\nM1,2,9,3500,1,8/15/2025,6/10/2026",
        schools="School_Number,Name,Abbreviation\n9,North,N",
    )
    spec = mapping.suggest(reading, staging)
    assert mapping.unmet(spec) == []
    found = mapped(spec, reading)
    assert pick(found["students"], "sis_id", "given_name", "family_name", "grade", "status", "birth_date") == [
        ("1", "Ben", "Ray", "KG", "active", "2018-02-13"),
        ("2", "Eva", "Ito", "PK", "inactive", "2019-12-31"),
    ]
    assert pick(found["guardians"], "student_sis_id", "given_name", "relationship") == [("1", "Sue", "Mother")]
    assert pick(found["classrooms"], "sis_id", "title", "school_sis_id") == [("9-3500-M1-2", "Math", "9")]
    assert pick(found["enrollments"], "class_sis_id", "user_sis_id", "role", "end_date") == [
        ("9-3500-M1-2", "t1", "teacher", None),
        ("9-3500-M1-2", "1", "student", "2026-06-10"),
    ]


def test_infinite_campus(read: Read, staging: Staging, mapped: Mapped) -> None:
    reading = read(
        students="student.studentNumber,student.personID,student.lastName,student.firstName,student.grade,sch.number\n7,p7,Ray,Ben,05,9",
        contacts="personID,contactPersonID,lastName,firstName,relationship,guardian,seq,email,homePhone,cellPhone\n"
        "p7,p7,Ray,Ben,Self,,,,,\np7,p8,Ray,Sue,Mother,1,1,s@example.org,,2015550144\np7,p9,Doe,Al,Neighbor,0,2,,2015550100,",
    )
    spec = mapping.suggest(reading, staging)
    assert mapping.unmet(spec) == []
    found = mapped(spec, reading)
    assert pick(found["guardians"], "student_sis_id", "sis_id", "given_name", "sms", "row") == [
        ("7", "p8", "Sue", "+12015550144", 3)
    ]


def test_canvas(read: Read, staging: Staging, mapped: Mapped) -> None:
    reading = read(
        users="user_id,login_id,first_name,last_name,email,status\n1,a,Ben,Ray,b@example.org,active\nt,b,Ann,Smith,,active\ng,c,Sue,Ray,s@example.org,active",
        accounts="account_id,parent_account_id,name,status\n9,,North,active",
        courses="course_id,short_name,long_name,account_id,term_id,status\nk,M,Math,9,,active",
        sections="section_id,course_id,name,status\nc1,k,Math 1,active",
        enrollments="course_id,user_id,role,section_id,status\nk,1,student,c1,active\nk,t,teacher,c1,completed",
        observers="observer_id,student_id,status\ng,1,active\nh,1,deleted",
    )
    spec = mapping.suggest(reading, staging)
    assert mapping.unmet(spec) == []
    found = mapped(spec, reading)
    assert pick(found["users"], "sis_id", "role") == [("1", "student"), ("t", "teacher"), ("g", None)]
    assert pick(found["classrooms"], "title", "school_sis_id") == [("Math 1", "9")]
    assert pick(found["enrollments"], "user_sis_id", "status") == [("1", "active"), ("t", "inactive")]
    assert pick(found["guardianships"], "student_sis_id", "guardian_sis_id") == [("1", "g")]


def test_apple_school_manager(read: Read, staging: Staging, mapped: Mapped) -> None:
    reading = read(
        students="person_id,person_number,first_name,middle_name,last_name,grade_level,email_address,sis_username,password_policy,location_id,location_id_2\n"
        "1,,Ben,,Ray,5,,,,9,8",
        staff="person_id,person_number,first_name,middle_name,last_name,email_address,sis_username,location_id\nt1,,Ann,,Smith,,,9",
        courses="course_id,course_number,course_name,location_id\nk,,Math,9",
        classes="class_id,class_number,course_id,instructor_id,instructor_id_2,instructor_id_3,location_id\nc1,,k,t1,t2,,9",
        rosters="roster_id,class_id,student_id\nr1,c1,1",
        locations="location_id,location_name\n9,North",
    )
    spec = mapping.suggest(reading, staging)
    assert mapping.unmet(spec) == []
    found = mapped(spec, reading)
    assert pick(found["students"], "grade", "school_sis_ids") == [("05", ["9", "8"])]
    assert pick(found["enrollments"], "user_sis_id", "role") == [("t1", "teacher"), ("t2", "teacher"), ("1", "student")]
    assert pick(found["classrooms"], "title") == [("Math",)]


def test_skyward_and_synergy(read: Read, staging: Staging, mapped: Mapped) -> None:
    skyward = read(
        sky="Entity,Other ID,Last Name,First Name,Middle,Grade,Gender,Birth Date,"
        "Guardian Name,Guardian Phone,Guardian Email\n"
        '9,1,Ray,Ben,,05,M,02/13/2015,"Ray, Sue",201-555-0144,s@example.org',
    )
    found = mapped(mapping.suggest(skyward, staging), skyward)
    assert pick(found["students"], "sis_id", "birth_date", "school_sis_ids") == [("1", "2015-02-13", ["9"])]
    assert pick(found["guardians"], "given_name", "sms") == [("Sue", "+12015550144")]
    synergy = read(
        syn='Sis Number,Student Name,Grade,Gender,Birth Date,Organization Name\n1,"Ray, Ben A",K,M,02/13/2019,North',
        par='Sis Number,Parent Name,Relation,Phone,Email\n1,"Ray, Sue",Mother,201-555-0144,s@example.org',
    )
    found = mapped(mapping.suggest(synergy, staging), synergy)
    assert pick(found["students"], "given_name", "middle_name", "grade") == [("Ben", "A", "KG")]
    assert pick(found["guardians"], "given_name", "relationship") == [("Sue", "Mother")]


def test_guardian_files_of_school_data_sync(read: Read, staging: Staging, mapped: Mapped) -> None:
    reading = read(
        School="SIS ID,Name\n9,North",
        Student="SIS ID,School SIS ID,First Name,Last Name,Username,Grade,Student Number\n1,9,Ben,Ray,b,5,1",
        Section="SIS ID,School SIS ID,Section Name\nc1,9,Math",
        user="Email,First Name,Last Name,Phone,SIS ID\ns@example.org,Sue,Ray,2015550144,",
        guardianrelationship="SIS ID,Email,Role\n1,s@example.org,Parent",
    )
    found = mapped(mapping.suggest(reading, staging), reading)
    assert pick(found["guardians"], "student_sis_id", "given_name", "email", "sms", "relationship") == [
        ("1", "Sue", "s@example.org", "+12015550144", "Parent")
    ]


def test_one_roster_1_2(read: Read, staging: Staging, mapped: Mapped) -> None:
    reading = read(
        users="sourcedId,enabledUser,username,givenName,familyName,preferredGivenName,grades,agentSourcedIds,primaryOrgSourcedId,pronouns\n"
        "1,true,b,Benjamin,Ray,Ben,05,g1,9,he/him\ng1,true,s,Sue,Ray,,,,,",
        roles="sourcedId,userSourcedId,roleType,role,orgSourcedId\nr1,1,primary,student,9\nr2,g1,secondary,guardian,9\nr3,t,primary,counselor,9",
        orgs="sourcedId,name,type,identifier\n9,North,school,",
    )
    spec = mapping.suggest(reading, staging)
    assert mapping.unmet(spec) == []
    found = mapped(spec, reading)
    assert pick(found["users"], "sis_id", "preferred_name", "school_sis_ids") == [
        ("1", "Ben", ["9"]),
        ("g1", None, None),
    ]
    assert pick(found["roles"], "user_sis_id", "role", "primary") == [
        ("1", "student", "true"),
        ("g1", "guardian", "false"),
        ("t", "staff", "true"),
    ]
