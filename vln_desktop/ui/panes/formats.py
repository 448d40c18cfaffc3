"""How panes write days, times and amounts; all run on worker threads, so nothing of Qt."""

from __future__ import annotations

from datetime import UTC, date, datetime

from vln_desktop.domain.money import Money


def day(value: date | datetime | None) -> str:
    """Return a day such as 03 Nov 2026, a time's day in the person's own zone."""
    if value is None:
        return ""
    shown = value.astimezone() if isinstance(value, datetime) else value
    return shown.strftime("%d %b %Y")


def age(value: datetime) -> str:
    """Return how long ago something was, in its largest whole unit: 5 h, 2 d, 7 mo, 3 y."""
    seconds = max((datetime.now(UTC) - value).total_seconds(), 0)
    for unit, length in _AGES:
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return "now"


def moment(value: datetime | None) -> str:
    """Return a day and time in the person's own zone, to the second."""
    return "" if value is None else value.astimezone().strftime("%d %b %Y  %H:%M:%S")


_AGES = (("y", 31_557_600), ("mo", 2_629_800), ("d", 86_400), ("h", 3_600), ("min", 60))
_INITIALS = {"Api ": "API ", "Rng ": "RNG "}


def words(value: str | None) -> str:
    """Return a stored word as people write it."""
    written = (value or "").replace("_", " ").capitalize()
    for plain, initials in _INITIALS.items():
        written = written.replace(plain, initials)
    return written


def title(value: str | None) -> str:
    """Return a title without the marks of Markdown code, which a list does not set."""
    return (value or "").replace("`", "")


def amount(money: Money) -> str:
    """Return an amount with its currency and grouped thousands, never rounded."""
    return f"{money.amount:,} {money.currency}"


def amount_of(minor: int, currency: str) -> str:
    """Return stored minor units as an amount."""
    return amount(Money.from_minor(minor, currency))
