"""Settings: the school's before the district's before the defaults."""

from __future__ import annotations

import pytest

from rosterdesk.directory.engine import Directory
from rosterdesk.directory.settings import PhoneColumn, Settings, get_settings, own_settings, set_settings
from rosterdesk.errors import UsageError


def test_defaults_hold_until_something_is_set(directory: Directory) -> None:
    with directory.read() as conn:
        assert get_settings(conn, 1) == Settings() == get_settings(conn, 1, 7)
    assert (Settings().threshold_percent, Settings().school_threshold_percent) == (10, 20)
    assert Settings().restore_students
    assert Settings().manage_guardians
    assert not Settings().update_active_users


def test_a_school_goes_before_the_district(directory: Directory) -> None:
    with directory.transaction() as conn:
        set_settings(conn, 1, {"school_threshold_percent": "15", "phone_column": "phone"})
        set_settings(conn, 1, {"school_threshold_percent": "5", "manage_guardians": "OFF"}, school=7)
    with directory.read() as conn:
        assert get_settings(conn, 1) == Settings(school_threshold_percent=15, phone_column=PhoneColumn.PHONE)
        assert get_settings(conn, 1, 7) == Settings(
            school_threshold_percent=5, phone_column=PhoneColumn.PHONE, manage_guardians=False
        )
        assert get_settings(conn, 2) == Settings()
        assert own_settings(conn, 1) == {
            0: {"school_threshold_percent": "15", "phone_column": "phone"},
            7: {"school_threshold_percent": "5", "manage_guardians": "off"},
        }


def test_a_setting_can_be_taken_away_again(directory: Directory) -> None:
    with directory.transaction() as conn:
        set_settings(conn, 1, {"school_threshold_percent": "15"})
        set_settings(conn, 1, {"school_threshold_percent": "5"}, school=7)
        assert set_settings(conn, 1, {"school_threshold_percent": None}, school=7).school_threshold_percent == 15
        assert set_settings(conn, 1, {"school_threshold_percent": None}).school_threshold_percent == 20
        assert own_settings(conn, 1) == {}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("colour", "red", "There is no setting colour"),
        ("colour", None, "There is no setting colour"),
        ("threshold_percent", "101", "a whole number from 0 to 100"),
        ("threshold_percent", "-1", "a whole number from 0 to 100"),
        ("threshold_percent", "²", "a whole number from 0 to 100"),
        ("manage_guardians", "1", "on or off"),
        ("phone_column", "fax", "sms or phone"),
    ],
)
def test_what_is_no_setting_or_value_is_refused(
    directory: Directory, name: str, value: str | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message), directory.transaction() as conn:
        set_settings(conn, 1, {name: value})
