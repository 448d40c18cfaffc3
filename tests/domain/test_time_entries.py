"""Durations as people type them, what an entry may say, and sums."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from vln_desktop.domain.time_entries import (
    Activity,
    TimeDraft,
    TimeEntry,
    TimeSheet,
    duration_text,
    parse_duration,
    parse_estimate,
)
from vln_desktop.errors import UserError

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("1:30", 90), ("0:05", 5), ("90m", 90), ("90 min", 90), ("45 Minutes", 45), ("1.5h", 90),
        ("1,5 h", 90), ("2h", 120), ("2 hours", 120), ("1h 30", 90), ("1h30m", 90),
        (" 1 h 30 min ", 90), ("1h5", 65), ("0.1h", 6), ("1.333h", 80), ("0.025h", 2),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(typed: str, minutes: int) -> None:
    assert parse_duration(typed) == minutes


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Say how long"), ("90", "may be hours or minutes"), ("1.5", "may be hours or minutes"),
        ("soon", "“soon” is no duration"), ("1:60", "no duration"), ("1:5", "no duration"),
        ("-1h", "no duration"), ("1h 60", "no duration"), ("1.5h 30", "no duration"),
        ("1e3h", "no duration"), ("٣h", "no duration"), ("0:00", "less than a minute"),
        ("0.001h", "less than a minute"), ("h", "no duration"), ("\x00", "no duration"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_sentence(typed: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        parse_duration(typed)
    assert refused.value.field == "duration"


@given(st.text(max_size=20))
def test_no_text_is_a_surprise(typed: str) -> None:
    try:
        assert parse_duration(typed) >= 1
    except UserError:
        return


@given(st.integers(1, 59_999))
def test_what_is_shown_is_understood_again(minutes: int) -> None:
    assert parse_duration(duration_text(minutes)) == minutes


def test_an_estimate_may_be_none_and_is_bounded() -> None:
    assert parse_estimate("  ") is None
    assert parse_estimate("80h") == 4800
    with pytest.raises(UserError, match="10,000 hours"):
        parse_estimate("10001h")


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (TimeDraft(TODAY, 1441, Activity.REVIEW), "duration"),
        (TimeDraft(TODAY + timedelta(1), 60, Activity.REVIEW), "day"),
        (TimeDraft(TODAY - timedelta(8), 60, Activity.REVIEW), "day"),
        (TimeDraft(TODAY, 60, Activity.REVIEW, "x" * 501), "note"),
        (TimeDraft(TODAY, 60, Activity.REVIEW, "a\x00b"), "note"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_at_its_field(draft: TimeDraft, field: str) -> None:
    with pytest.raises(UserError) as refused:
        draft.validate(TODAY, TODAY - timedelta(7))
    assert refused.value.field == field


def test_a_full_day_from_the_first_day_on_is_fine() -> None:
    TimeDraft(TODAY - timedelta(7), 1440, Activity.OTHER).validate(TODAY, TODAY - timedelta(7))


def test_a_sheet_sums_by_person_and_activity() -> None:
    ana, ben = uuid7(), uuid7()
    sheet = TimeSheet(
        (
            TimeEntry(uuid7(), ana, TODAY, 60, Activity.REVIEW, "", 1),
            TimeEntry(uuid7(), ben, TODAY, 90, Activity.REVIEW, "", 1),
            TimeEntry(uuid7(), ana, TODAY, 45, Activity.WRITING, "", 1),
        ),
        None,
    )

    assert sheet.minutes == 195
    assert sheet.by_person() == ((ana, 105), (ben, 90))
    assert sheet.by_activity() == ((Activity.REVIEW, 150), (Activity.WRITING, 45))
