"""OneRoster 1.1 and 1.2 files, full sets (1EdTech CSV binding: columns, order, what is required; bulk leaves status and
date empty).

What is required and the directory does not keep is filled so that nothing is claimed that is not known:

    one academic session of type schoolYear, always current (2000 to 2099) unless the school year is given
    one organization of type district, the parent of all schools; whoever and whatever has no school belongs to it
    one course a school ("Classes of X"), since a course a classroom would be made and unmade with every class
    class type scheduled; user names are SIS IDs; a missing first or last name is "-"

Guardians and students name each other. What the standard has no column for stands last, as its extensions
(`metadata.*`).
"""

from __future__ import annotations

from rosterdesk.push.layouts import ROLE, Facts, File, Layout, joined, name
from rosterdesk.push.roster import Rules
from rosterdesk.staging import literal

_HEAD = {"sourcedId": "id", "status": "null", "dateLastModified": "null"}
_SESSION = "'school-year'"


def _key(*parts: str) -> str:
    """An ID for a row that has none, the same as long as the row tells of the same things: 80 bits of their digest."""
    return f"left(md5(concat_ws(chr(31), {', '.join(parts)})), 20)"


def _course(school: str) -> str:
    return f"'course-' || {school}"


def _sessions(facts: Facts) -> File:
    start, end, title, year = "2000-01-01", "2099-12-31", "School year", 2099
    if facts.school_year is not None:
        year = facts.school_year
        start, end, title = f"{year - 1}-08-01", f"{year}-07-31", f"{year - 1}-{year}"
    columns = {
        **_HEAD,
        "sourcedId": _SESSION,
        "title": literal(title),
        "type": "'schoolYear'",
        "startDate": literal(start),
        "endDate": literal(end),
        "parentSourcedId": "null",
        "schoolYear": literal(str(year)),
    }
    return File("academicSessions", columns, "select 1 as one", "one")


def _every_org(facts: Facts) -> str:
    district = literal(facts.district)
    return f"""select sis_id as id, name, 'school' as type, identifier, {district} as parent from roster.schools
        union all select {district}, 'District', 'district', null, null"""


def _orgs(facts: Facts) -> File:
    columns = {**_HEAD, "name": "name", "type": "type", "identifier": "identifier", "parentSourcedId": "parent"}
    return File("orgs", columns, _every_org(facts), "id", ("schools",))


def _courses(facts: Facts) -> File:
    columns = {
        **_HEAD,
        "sourcedId": _course("id"),
        "schoolYearSourcedId": _SESSION,
        "title": "'Classes of ' || name",
        "courseCode": "null",
        "grades": "null",
        "orgSourcedId": "id",
        "subjects": "null",
        "subjectCodes": "null",
    }
    used = f"select coalesce(school, {literal(facts.district)}) from roster.classrooms"
    return File("courses", columns, f"select id, name from ({_every_org(facts)}) where id in ({used})", "id")


def _classes(facts: Facts) -> File:
    school = f"coalesce(school, {literal(facts.district)})"
    columns = {
        **_HEAD,
        "title": "coalesce(title, id)",
        "grades": "grade",
        "courseSourcedId": _course(school),
        "classCode": "null",
        "classType": "'scheduled'",
        "location": "location",
        "schoolSourcedId": school,
        "termSourcedIds": _SESSION,
        "subjects": "null",
        "subjectCodes": "null",
        "periods": "period",
    }
    return File("classes", columns, "select * from roster.classrooms", "id", ("classrooms",))


def _enrollments(facts: Facts) -> File:
    columns = {
        **_HEAD,
        "sourcedId": _key("class_id", "username", "role"),
        "classSourcedId": "class_id",
        "schoolSourcedId": f"coalesce(school, {literal(facts.district)})",
        "userSourcedId": "user_id",
        "role": "role",
        "primary": "case when role = 'teacher' and is_primary then 'true' else 'false' end",
        "beginDate": "null",
        "endDate": "null",
    }
    return File("enrollments", columns, "select * from roster.enrollments", "class_id, user_id, role")


def _demographics() -> File:
    born = "case when regexp_full_match(birth_date, '\\d{4}-\\d\\d-\\d\\d') then birth_date end"
    sex = "case when lower(gender) in ('m', 'male') then 'male' when lower(gender) in ('f', 'female') then 'female' end"
    unknown = (
        *(
            "americanIndianOrAlaskaNative",
            "asian",
            "blackOrAfricanAmerican",
            "nativeHawaiianOrOtherPacificIslander",
            "white",
        ),
        *(
            "demographicRaceTwoOrMoreRaces",
            "hispanicOrLatinoEthnicity",
            "countryOfBirthCode",
            "stateOfBirthAbbreviation",
        ),
        *("cityOfBirth", "publicSchoolResidenceStatus"),
    )
    columns = {**_HEAD, "birthDate": "born", "sex": "sex", **dict.fromkeys(unknown, "null")}
    told = f"select id, {born} as born, {sex} as sex from roster.users where role = 'student'"
    return File("demographics", columns, f"select * from ({told}) where born is not null or sex is not null", "id")


_USER = {
    "username": "username",
    "userIds": "'{stateID:' || state_id || '}'",
    "givenName": name("given_name"),
    "familyName": name("family_name"),
    "middleName": "middle_name",
    "identifier": "student_number",
    "email": "email",
    "sms": "sms",
    "phone": "phone",
    "agentSourcedIds": joined("agents"),
    "grades": "grade",
    "password": "null",
}
_PEOPLE = ("students", "staff", "guardians", "guardianships")


def _version_1_1(facts: Facts) -> tuple[File, ...]:
    users = {
        **_HEAD,
        "enabledUser": "'true'",
        "orgSourcedIds": f"coalesce({joined('schools')}, {literal(facts.district)})",
        "role": ROLE,
        **_USER,
        "metadata.preferredGivenName": "preferred_name",
        "metadata.language": "language",
    }
    people = File("users", users, "select * from roster.users", "id", _PEOPLE)
    return (
        _sessions(facts),
        _orgs(facts),
        _courses(facts),
        _classes(facts),
        people,
        _demographics(),
        _enrollments(facts),
    )


# Users who have several roles. They have one row, that of their first role, and list the agents of all.
_SEVERAL = "(select id from roster.key_staff where not own union select id from roster.key_guardians where not own)"
_ONCE = f"""
select u.* replace (coalesce(a.agents, u.agents) as agents) from roster.users u left join (
    select id, list_sort(list_distinct(flatten(list(agents)))) as agents from roster.users
    where id in {_SEVERAL} and agents is not null group by id) a on a.id = u.id
where u.own
"""


def _version_1_2(facts: Facts) -> tuple[File, ...]:
    users = {
        **_HEAD,
        "enabledUser": "'true'",
        **_USER,
        "userMasterIdentifier": "null",
        "preferredGivenName": "preferred_name",
        "preferredMiddleName": "null",
        "preferredFamilyName": "null",
        "primaryOrgSourcedId": "case when role <> 'guardian' then schools[1] end",
        "pronouns": "null",
        "metadata.language": "language",
    }
    people = File("users", users, _ONCE, "id", _PEOPLE)
    return (
        *(_sessions(facts), _orgs(facts), _courses(facts), _classes(facts), people, _roles(facts)),
        *(_demographics(), _enrollments(facts)),
    )


def _roles(facts: Facts) -> File:
    district = literal(facts.district)
    leads = f"case when org = {district} then 'districtAdministrator' else 'siteAdministrator' end"
    columns = {
        **_HEAD,
        "sourcedId": _key("id", "role", "org"),
        "userSourcedId": "id",
        "roleType": "type",
        "role": f"case role when 'administrator' then {leads} else {ROLE} end",
        "beginDate": "null",
        "endDate": "null",
        "orgSourcedId": "org",
        "userProfileSourcedId": "null",
    }
    # A user has one primary role in each organization; only of users with several roles must it be found out which.
    every = (
        f"select id, role, unnest(case when schools = [] then [{district}] else schools end) as org from roster.users"
    )
    rank = "case role when 'student' then 1 when 'guardian' then 3 else 2 end"
    ranked = f"""select *, 'primary' as type from ({every}) where id not in {_SEVERAL} union all
        select *, if(row_number() over (partition by id, org order by {rank}) = 1, 'primary', 'secondary')
        from ({every}) where id in {_SEVERAL}"""
    return File("roles", columns, ranked, "id, org, role")


_FILES_1_1 = (
    *(
        "academicSessions",
        "categories",
        "classes",
        "classResources",
        "courses",
        "courseResources",
        "demographics",
        "enrollments",
    ),
    *("lineItems", "orgs", "resources", "results", "users"),
)
_FILES_1_2 = (
    *_FILES_1_1[:8],
    *(
        "lineItemLearningObjectiveIds",
        "lineItems",
        "lineItemScoreScales",
        "orgs",
        "resources",
        "resultLearningObjectiveIds",
        "results",
    ),
    *("resultScoreScales", "roles", "scoreScales", "userProfiles", "userResources", "users"),
)
LAYOUTS = {
    "oneroster-1.1": Layout(Rules(), _version_1_1, "1.1", _FILES_1_1),
    "oneroster-1.2": Layout(Rules(merged=True), _version_1_2, "1.2", _FILES_1_2),
}
