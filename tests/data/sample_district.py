"""A small district without a fault, the same every time. Everybody in it is invented: see make_sample."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

Row = dict[str, str]

# OneRoster 1.1, and the language that ClassTag adds to the users.
COLUMNS = {
    "orgs": "sourcedId status dateLastModified name type identifier parentSourcedId",
    "academicSessions": "sourcedId status dateLastModified title type startDate endDate parentSourcedId schoolYear",
    "courses": "sourcedId status dateLastModified schoolYearSourcedId title courseCode grades orgSourcedId subjects"
    " subjectCodes",
    "classes": "sourcedId status dateLastModified title grades courseSourcedId classCode classType location"
    " schoolSourcedId termSourcedIds subjects subjectCodes periods",
    "users": "sourcedId status dateLastModified enabledUser orgSourcedIds role username userIds givenName familyName"
    " middleName identifier email sms phone agentSourcedIds grades password language",
    "enrollments": "sourcedId status dateLastModified classSourcedId schoolSourcedId userSourcedId role primary"
    " beginDate endDate",
    "demographics": "sourcedId status dateLastModified birthDate sex",
}

SCHOOLS = {
    "0101": ("Alder Creek Elementary", ["KG", "01", "02", "03", "04", "05"]),
    "0102": ("Stonebridge Middle School", ["06", "07", "08"]),
    "0103": ("Harbor Light High School", ["09", "10", "11", "12"]),
}
SUBJECTS = {
    "0101": ["Music", "Library"],
    "0102": ["Español – Señora O’Malley", "Science", "Math", "Art", "Français débutant"],
    "0103": ["English", "Algebra", "Biology", "World History"],
}
# (language, given names, family names)
NAMES = [
    ("en", "Ada Caleb Hazel Miles Nora Wyatt", "Ashdown Birchall Cotter Fenwick"),
    ("es", "Inés Mateo Lucía Joaquín Ximena Íñigo", "Núñez Ibáñez-Solís Quiroga Zárate"),
    ("en", "Siobhán Cormac Niamh Eoin", "O'Shaughran Mac-Giolla D'Arcy-Quill"),
    ("pl", "Zofia Łukasz Bożena Stanisław", "Wójtowiczak Źrebięcki Śliwonik"),
    ("vi", "Thảo Đức Hương Tuấn", "Nguyễnh Đặngh Phạmh"),
    ("ar", "ليلى Karim Nour يوسف", "Al-Zahrawin حدادين Ben-Yousfi"),
    ("zh", "美玲 Wei 俊傑 Xiuying", "歐陽山 Zhuang-Li Szetohan"),
    ("so", "Hodan Cabdi Ifrah Warsame", "Xirsiyow Cilmiyare"),
    ("uk", "Соломія Taras Олекса Yaryna", "Ковальчинець Hryhorash"),
    ("pt-BR", "Thaís João Conceição Antônio", "Gonçalvim da-Conceição-Lira"),
    ("hmn", "Paj Tshua Mai Koua", "Xyoojh Vajyis"),
    ("ko", "서연 Min-jun Ji-woo", "남궁솔 Hwangbori"),
    ("fr", "Zoé Loïc Anaïs Gaël", "L’Écuyerin Beauchâtel"),
    ("en", "Keʻala Lāʻie Noelani", "Kaʻuhanehu Kealohapauʻole-Kai"),
    ("tr", "Işıl Çağrı Gökçe", "Yıldızgöl Şenöz"),
    ("yo", "Adéọlá Ṣadé Babátúndé", "Ọláwùmíyọ̀ Adéyẹmíkan"),
    ("hi", "आर्या Kavya Rohan", "Chaturvedikar भट्टाचारी"),
    ("de", "Jürgen Änne Götz", "Größenbach von-der-Mühlau"),
]
AREAS = ("206", "303", "312", "415", "512", "617")
SEED = 20261102


@dataclass
class District:
    """The tables of one day, and the faults that were planted in them: (code, what, table, row)."""

    tables: dict[str, list[Row]]
    planted: list[tuple[str, str, str, Row | None]] = field(default_factory=list)

    def add(self, table: str, **cells: str) -> Row:
        row = dict.fromkeys(COLUMNS[table].split(), "") | cells
        self.tables[table].append(row)
        return row

    def user(self, sis_id: str) -> Row:
        return next(row for row in self.tables["users"] if row["sourcedId"] == sis_id)

    def fault(self, code: str, what: str, table: str, row: Row | None = None) -> None:
        self.planted.append((code, what, table, row))


class Maker:
    """Numbers and names, in one order that never changes."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.phones = 0

    def phone(self) -> str:
        area, last = AREAS[self.phones // 100], self.phones % 100
        self.phones += 1
        return f"+1{area}55501{last:02}"

    def family(self) -> tuple[str, list[str], str]:
        language, given, family = self.random.choice(NAMES)
        return language, given.split(), self.random.choice(family.split()).replace("-Kai", " Kai")


def clean() -> District:
    """The district before anybody spoilt it: 3 schools, 15 staff, 120 students, 150 guardians."""
    district, maker = District({name: [] for name in COLUMNS}), Maker()
    district.add("orgs", sourcedId="D01", name="Fernhollow Unified", type="district")
    for number, (name, _) in SCHOOLS.items():
        district.add("orgs", sourcedId=number, name=name, type="school", identifier=number, parentSourcedId="D01")
    year = {"sourcedId": "Y2027", "title": "2026-2027", "type": "schoolYear"}
    district.add("academicSessions", **year, startDate="2026-08-24", endDate="2027-06-11", schoolYear="2027")
    for number in SCHOOLS:
        _staff_and_classes(district, maker, number)
    _families(district, maker)
    return district


def person(district: District, sis_id: str, role: str, school: str, given: str, family: str, **cells: str) -> Row:
    return district.add(
        "users", sourcedId=sis_id, enabledUser="true", orgSourcedIds=school, role=role, username=sis_id.lower(),
        givenName=given, familyName=family, identifier=sis_id.lstrip("0"), email=f"{sis_id.lower()}@example.org",
        **cells,
    )  # fmt: skip


def _staff_and_classes(district: District, maker: Maker, school: str) -> None:
    teachers = []
    for n in range(5):
        language, given, family = maker.family()
        sis_id = f"T{school[-1]}{n:03}"
        role = "administrator" if n == 4 else "teacher"
        cells = {"sms": maker.phone(), "language": language}
        teachers.append(person(district, sis_id, role, school, maker.random.choice(given), family, **cells))
    titles = [(f"Homeroom {g.lstrip('0')}", g, "homeroom") for g in SCHOOLS[school][1]]
    titles += [(title, "", "scheduled") for title in SUBJECTS[school]]
    district.add("courses", sourcedId=f"K{school}", schoolYearSourcedId="Y2027", title="Courses", orgSourcedId=school)
    for n, (title, grade, kind) in enumerate(titles):
        sis_id = f"{school}-{n + 1:02}"
        district.add(
            "classes", sourcedId=sis_id, title=title, grades=grade, courseSourcedId=f"K{school}", classType=kind,
            location=f"Room {n + 11}", schoolSourcedId=school, termSourcedIds="Y2027",
            periods="1" if kind == "homeroom" else "2,4",
        )  # fmt: skip
        enroll(district, sis_id, school, teachers[n % 4]["sourcedId"], "teacher")


def enroll(district: District, classroom: str, school: str, person: str, role: str) -> Row:
    number = 1 + max((int(row["sourcedId"][1:]) for row in district.tables["enrollments"]), default=0)
    primary = "true" if role == "teacher" else "false"
    return district.add(
        "enrollments", sourcedId=f"E{number:05}", classSourcedId=classroom, schoolSourcedId=school,
        userSourcedId=person, role=role, primary=primary, beginDate="2026-08-24", endDate="2027-06-11",
    )  # fmt: skip


def _families(district: District, maker: Maker) -> None:
    """Eighty families: every second has two children, all but ten have two guardians."""
    schools, guardian, pupils = list(SCHOOLS), 0, dict.fromkeys(SCHOOLS, 0)
    for n in range(80):
        language, given, family = maker.family()
        agents = []
        for _ in range(1 if n % 8 == 7 else 2):
            guardian += 1
            cells = {"sms": maker.phone(), "phone": maker.phone() if guardian % 6 == 0 else "", "language": language}
            name, sis_id = maker.random.choice(given), f"G{guardian:05}"
            adult = person(district, sis_id, "guardian", schools[n % 3], name, family, **cells)
            agents.append(adult["sourcedId"])
        for child in range(1 + n % 2):
            school = schools[(n + child + n // 6) % 3]
            pupils[school] += 1
            name = maker.random.choice(given)
            student(district, maker, school, pupils[school], name, family, ",".join(agents), language)


def student(
    district: District, maker: Maker, school: str, number: int, given: str, family: str, agents: str, language: str
) -> Row:
    grades = SCHOOLS[school][1]
    grade, sis_id = grades[number % len(grades)], f"001{school[-1]}{number:04}"
    row = person(
        district, sis_id, "student", school, given, family, grades=grade, agentSourcedIds=agents, language=language
    )
    age = 5 + (0 if grade == "KG" else int(grade))
    born = date(2026 - age, 1 + number % 12, 1 + (number * 7) % 28)
    district.add("demographics", sourcedId=sis_id, birthDate=born.isoformat(), sex=("female", "male")[number % 2])
    classes = [row for row in district.tables["classes"] if row["courseSourcedId"] == f"K{school}" and row["title"]]
    rooms = [row["sourcedId"] for row in classes if row["grades"] in {grade, ""}]
    for room in [rooms[0], *maker.random.sample(rooms[1:], 2)]:
        enroll(district, room, school, sis_id, "student")
    return row
