"""The program is killed while somebody types, and what was typed is there at the next start."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Open
from tests.e2e.screen import until
from tests.e2e.window import Window
from tests.firm import Firm
from vln_desktop.services.drafts import DraftsService
from vln_desktop.ui.theme import LIGHT

pytestmark = pytest.mark.x11

AUDITOR = "auditor.a"
ALLOWED_LOSS_S = 1.0
"""At most the last second of typing may be lost."""


def _drafts(firm: Firm, window: Window) -> dict[str, str]:
    """Return what the journal on the disk holds of the finding's form, as its owner reads it."""
    found = list(window.home.rglob("*.draft"))
    if not found:
        return {}
    service = DraftsService(firm.sign_in(AUDITOR), found[0].parents[1])
    return {name: text for one in service.all() for name, text in one.changed.items()}


def _edit(firm: Firm, open_window: Open) -> Window:
    email = firm.people[AUDITOR].email
    firm.owner.execute("UPDATE vln_priv.user_secrets SET totp_last_step = NULL")
    window = open_window(firm.url)
    if list(window.home.rglob("*.draft")):
        window.sign_in_again()
    else:
        window.sign_in(email)
    window.open_pane("ctrl+2", "findings", email)
    window.select_first()
    window.screen.press("e")
    window.screen.focus("^Edit ")
    window.screen.press("ctrl+a")
    return window


def _type_until_killed(window: Window, seconds: float) -> str:
    """Type words, kill the program after a time, and return what stood for a second by then."""
    began, typed = time.monotonic(), ""
    marks: list[tuple[float, str]] = []
    while time.monotonic() - began < seconds:
        word = f"w{len(marks)} "
        window.screen.type(word)
        typed += word
        marks.append((time.monotonic(), typed))
    killed = time.monotonic()
    window.process.send_signal(signal.SIGKILL)
    window.process.wait(20)
    return max((text for at, text in marks if at < killed - ALLOWED_LOSS_S), key=len, default="")


def _killed_at(firm: Firm, open_window: Open, seconds: float) -> None:
    window = _edit(firm, open_window)
    due = _type_until_killed(window, seconds)
    kept = _drafts(firm, window).get("title", "")
    assert kept.startswith(due.rstrip()), (due, kept)


@pytest.mark.parametrize("seconds", [2.3])
def test_a_killed_program_loses_at_most_a_second_of_typing(
    firm: Firm, open_window: Open, seconds: float
) -> None:
    _killed_at(firm, open_window, seconds)


@pytest.mark.long
def test_ten_random_kills_lose_at_most_a_second_of_typing_each(
    firm: Firm, open_window: Open
) -> None:
    chance = random.Random(20261126)
    for _ in range(10):
        _killed_at(firm, open_window, chance.uniform(1.2, 4.0))


def test_the_next_start_offers_what_was_typed_and_goes_on_with_it(
    firm: Firm, open_window: Open, tmp_path: Path
) -> None:
    window = _edit(firm, open_window)
    window.screen.type("Anyone can drain the vault")
    until(lambda: _drafts(firm, window), "the draft is on the disk")
    window.process.send_signal(signal.SIGKILL)
    window.process.wait(20)

    firm.owner.execute("UPDATE vln_priv.user_secrets SET totp_last_step = NULL")
    again = open_window(firm.url)
    again.sign_in_again()
    again.screen.press("ctrl+k")
    again.screen.type("unsaved texts")
    again.screen.press("Return")
    until(lambda: again.screen.pixels(LIGHT.accent_fill) > 1_000, "the draft is shown")
    again.screen.keep(tmp_path / "drafts.png")
    again.screen.press("Return")
    again.screen.focus("^Edit ")
    again.screen.press("ctrl+s")

    def title() -> bool:
        row = firm.owner.execute(
            "SELECT title FROM vln.findings WHERE id = %s", [firm.a.id("findings")]
        ).fetchone()
        return row == ("Anyone can drain the vault",)

    until(title, "the draft is saved")
    until(lambda: not _drafts(firm, again), "the draft is forgotten")
