"""Who is at the keyboard and what they may do: roles and permissions (ClassTag's, reference 7), each for the whole
district or for single schools.

In an embedded directory whoever has the key could read the file with other tools as well: there the rules guard against
mistakes, not against its owner. A shared directory knows its people by the names they sign in to the server with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from rosterdesk.directory.schema import grants, schools
from rosterdesk.directory.settings import DISTRICT
from rosterdesk.directory.turn import Holder
from rosterdesk.errors import NotAllowed

if TYPE_CHECKING:  # the engine reads the history, which asks who may know of it
    from rosterdesk.directory.engine import Directory


class Permission(StrEnum):
    """Roles (the first four) and permissions. A role says where a person belongs, a permission what they may do."""

    OWNER = "owner"
    DISTRICT_LEADER = "district_leader"
    SCHOOL_LEADER = "school_leader"
    STAFF = "staff"
    USERS_MANAGER = "users_manager"
    ROSTERING_ADMINISTRATOR = "rostering_administrator"
    PERMISSIONS_ADMINISTRATOR = "permissions_administrator"
    FAMILY_ACCESS = "family_access"
    PERSON = "person"  # somebody with an account, and nothing but their own details


TITLES = {
    Permission.OWNER: "the owner of the directory",
    Permission.DISTRICT_LEADER: "a district leader",
    Permission.SCHOOL_LEADER: "a school leader",
    Permission.STAFF: "a member of staff",
    Permission.USERS_MANAGER: "a Users Manager",
    Permission.ROSTERING_ADMINISTRATOR: "a Rostering Administrator",
    Permission.PERMISSIONS_ADMINISTRATOR: "a Permissions Administrator",
    Permission.FAMILY_ACCESS: "somebody with Family Access",
    Permission.PERSON: "the person themselves",
}
LEADERS = (Permission.DISTRICT_LEADER, Permission.SCHOOL_LEADER)
# A leader is responsible for the roster of their place, as a Rostering Administrator is.
ROSTERING = (*LEADERS, Permission.ROSTERING_ADMINISTRATOR)
_DISTRICT_WIDE = {Permission.OWNER, Permission.DISTRICT_LEADER}


@dataclass(frozen=True, slots=True)
class Person:
    """A person at the keyboard: what they may do, with the schools (0: all), and their own records."""

    who: str
    granted: frozenset[tuple[Permission, int]] = frozenset()
    records: frozenset[int] = field(default_factory=frozenset)

    @property
    def owner(self) -> bool:
        return (Permission.OWNER, DISTRICT) in self.granted

    @property
    def schools(self) -> frozenset[int] | None:
        """The schools whose records they may see; None: all of them. Somebody's own account opens none."""
        places = frozenset(school for permission, school in self.granted if permission is not Permission.PERSON)
        return None if DISTRICT in places else places

    def sees(self, schools: Iterable[int]) -> bool:
        """Whether a record of these schools is theirs to see; one of no school belongs to the district."""
        return self.schools is None or not self.schools.isdisjoint(schools)

    def has(self, permissions: Iterable[Permission], schools: Iterable[int]) -> bool:
        """Whether they have one of the permissions in one of the schools, or in the whole district."""
        places = {DISTRICT, *schools}
        return self.owner or any((p, place) in self.granted for p in permissions for place in places)

    def require(self, rule: str, permissions: Iterable[Permission], schools: Iterable[int]) -> None:
        """Raise `NotAllowed` with the rule and those who could do it, unless they may."""
        if not self.has(permissions, schools):
            raise NotAllowed(rule, could(permissions))


def could(permissions: Iterable[Permission], *, everywhere: bool = False) -> str:
    """Who could do it, as a sentence; `everywhere`: who may in the whole district."""
    titles = [TITLES[p] for p in permissions if not (everywhere and p is Permission.SCHOOL_LEADER)]
    of = " of the whole district" if everywhere else ""
    return f"Ask {' or '.join((', '.join(titles[:-1]), titles[-1])) if titles[1:] else titles[0]}{of}."


def owner(who: str = "") -> Person:
    """Somebody who may do everything; by default the person whose computer this is."""
    return Person(who or Holder.here("").who, frozenset({(Permission.OWNER, DISTRICT)}))


def at_keyboard(directory: Directory, conn: sa.Connection, acting_as: str | None = None) -> Person:
    """The person at the keyboard; `acting_as` another one, which only the owner may (see `present`)."""
    return present(conn, directory.district, acting_as)


def present(conn: sa.Connection, district: int, acting_as: str | None = None) -> Person:
    """The person at the keyboard of this connection, or whom they act as, here or since the directory was opened.

    The owner of an embedded directory is whoever has its key; of a shared one, who owns its tables on the server.
    Raises `NotAllowed` when somebody else than the owner acts for another.
    """
    acting_as = acting_as or conn.get_execution_options().get("acting_as")
    who, owns = Holder.here("").who, True
    if conn.dialect.name == "postgresql":
        query = (
            "select session_user, pg_has_role(session_user, c.relowner, 'usage') from pg_class c "
            "where c.oid = 'districts'::regclass"
        )
        who, owns = conn.exec_driver_sql(query).one()
    if acting_as is None or acting_as == who:
        return owner(who) if owns else granted(conn, district, who)
    if not owns:
        raise NotAllowed("Only the owner of the directory may act for somebody else.", "Sign in as that person.")
    return granted(conn, district, acting_as, shown=f"{acting_as} (by {who})")


def granted(conn: sa.Connection, district: int, who: str, shown: str = "") -> Person:
    """What has been granted to somebody; nothing if nobody has."""
    query = sa.select(grants.c.permission, grants.c.school, grants.c.person)
    rows = conn.execute(query.where(grants.c.district == district, grants.c.who == who)).all()
    places = frozenset((Permission(row.permission), int(row.school)) for row in rows)
    return Person(shown or who, places, frozenset(row.person for row in rows if row.person is not None))


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do what, and in which school by its number (0: in the whole district) and SIS ID, if it has one."""

    who: str
    permission: Permission
    school: int
    sis_id: str | None


def grants_seen(conn: sa.Connection, district: int) -> list[Grant]:
    """Every grant. Whoever belongs to schools learns of those there, and of their own."""
    person = present(conn, district)
    here = (
        ()
        if person.schools is None
        else ((grants.c.school.in_(sorted(person.schools))) | (grants.c.who == person.who),)
    )
    school = (schools.c.district == grants.c.district) & (schools.c.id == grants.c.school)
    query = (
        sa.select(grants.c.who, grants.c.permission, grants.c.school, schools.c.sis_id)
        .join_from(grants, schools, school, isouter=True)
        .where(grants.c.district == district, *here)
        .order_by(grants.c.who, grants.c.permission, grants.c.school)
    )
    return [
        Grant(who, Permission(permission), int(place), sis_id) for who, permission, place, sis_id in conn.execute(query)
    ]


def list_grants(conn: sa.Connection, district: int) -> list[tuple[str, str, str]]:
    """The same as who, what, and the school by its SIS ID, or # and its number; empty for the district."""
    return [
        (one.who, one.permission.value, one.sis_id or ("" if one.school == DISTRICT else f"#{one.school}"))
        for one in grants_seen(conn, district)
    ]


def needs_district(permission: Permission) -> bool:
    """Whether a permission is for the whole district only."""
    return permission in _DISTRICT_WIDE
