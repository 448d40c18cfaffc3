"""Signing in with real keys on a real X server: the first time with everything, then by a code."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.conftest import Open
from tests.e2e.screen import until
from tests.e2e.window import CODE_STEP, SHELL, START, Window
from tests.firm import PASSWORD, TOTP_SECRET, Firm
from tests.pooler import Pooler
from vln_desktop.domain.sign_in import STEP_S, totp, typed_secret
from vln_desktop.ui.theme import LIGHT

pytestmark = pytest.mark.x11

NEW_PASSWORD = "a longer way to say battery"
PASSWORD_STEP = "^Choose a password – VLN Desktop$"
ENROL_STEP = "^Set up the second factor – VLN Desktop$"
RECOVERY_STEP = "^Keep your recovery codes – VLN Desktop$"


@dataclass(frozen=True, slots=True)
class Way:
    """How the program reaches the server."""

    url: str
    pooled: bool


def _scan(window: Window, folder: Path) -> bytes:
    """Read the secret off the screen as a phone does: by its QR code."""
    if shutil.which("zbarimg") is None:
        pytest.skip("zbarimg is not installed; packages.debian names zbar-tools")
    picture = folder / "screen.png"

    def read() -> str:
        window.screen.keep(picture)
        scanned = subprocess.run(
            ["zbarimg", "-q", "--raw", str(picture)], capture_output=True, text=True, check=False
        )
        return scanned.stdout.strip()

    uri = urlsplit(until(read, "a QR code that can be read"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    return typed_secret(parse_qs(uri.query)["secret"][0])


def _count(firm: Firm, query: str, *values: object) -> int:
    row = firm.owner.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(params=["direct", "pooled"])
def way(request: pytest.FixtureRequest, firm: Firm) -> Way:
    """The server itself, and PgBouncer before it."""
    if request.param == "direct":
        return Way(firm.url, pooled=False)
    pooler: Pooler = request.getfixturevalue("pooler")
    return Way(pooler.url_for("nobody", firm.database.name), pooled=True)


def test_a_newcomer_signs_in_for_the_first_time_and_again(
    firm: Firm, way: Way, open_window: Open, tmp_path: Path
) -> None:
    email, invite = firm.newcomer()
    window = open_window(way.url, pooled=way.pooled)
    screen = window.screen
    window.knock(email)

    screen.focus(PASSWORD_STEP)
    screen.type(NEW_PASSWORD)
    screen.press("Return")
    screen.type(NEW_PASSWORD)
    screen.press("Return")

    screen.focus(ENROL_STEP)
    secret = _scan(window, tmp_path)
    screen.type(invite)
    screen.press("Return")
    screen.type(totp(secret, time.time()))

    screen.focus(RECOVERY_STEP)
    assert screen.window(SHELL) is None
    screen.press("Tab", "Tab", "Tab", "space", "Tab", "space")
    screen.focus(SHELL)
    person = "user_id = (SELECT id FROM vln.users WHERE email = %s)"
    assert _count(firm, f"SELECT count(*) FROM vln_priv.recovery_codes WHERE {person}", email) == 10
    assert window.end() == 0

    again = open_window(way.url, pooled=way.pooled)
    again.wait_for_form()
    screen.press("ctrl+a")
    screen.type(NEW_PASSWORD)  # the e-mail is remembered, so the cursor is in the password
    screen.press("Return")
    screen.focus(CODE_STEP)
    screen.type(totp(secret, time.time() + STEP_S))
    screen.focus(SHELL)
    assert again.end() == 0
    sign_ins = "SELECT count(*) FROM vln.security_events WHERE kind = 'sign_in' AND person_id ="
    assert _count(firm, f"{sign_ins} (SELECT id FROM vln.users WHERE email = %s)", email) == 2


def test_back_leads_to_the_password_and_a_wrong_code_is_told(firm: Firm, open_window: Open) -> None:
    window = open_window(firm.url)
    screen = window.screen
    window.knock(firm.people["manager.a"].email)
    screen.focus(CODE_STEP)

    screen.type(totp(TOTP_SECRET, time.time() + 900))
    until(lambda: screen.pixels(LIGHT.danger.ink) > 300, "the reason is there, in red")
    screen.press("Tab", "Tab", "space")
    screen.focus(START)
    screen.press("Return")
    screen.focus(CODE_STEP)
    screen.type(totp(TOTP_SECRET, time.time()))
    screen.focus(SHELL)


def test_a_locked_window_opens_by_a_code_and_an_ended_session_too(
    firm: Firm, open_window: Open
) -> None:
    email = firm.people["manager.a"].email
    window = open_window(firm.url)
    screen = window.screen
    window.sign_in(email)
    window.open_pane("ctrl+2", "findings", email)
    window.select_first()

    screen.press("ctrl+l")
    until(lambda: screen.pixels(LIGHT.selection) == 0, "the rows are covered")
    screen.type(PASSWORD)  # no digits in it: nothing happens
    screen.type(totp(TOTP_SECRET, time.time() + STEP_S))
    until(lambda: screen.pixels(LIGHT.selection) > 10_000, "the selected row is back")

    firm.owner.execute("UPDATE vln_priv.sessions SET revoked_at = now()")
    firm.owner.execute("UPDATE vln_priv.user_secrets SET totp_last_step = NULL")
    until(lambda: screen.pixels(LIGHT.selection) == 0, "the window is covered")
    screen.type(totp(TOTP_SECRET, time.time()))
    until(lambda: screen.pixels(LIGHT.selection) > 10_000, "the selected row is back again")

    screen.press("ctrl+l")
    until(lambda: screen.pixels(LIGHT.selection) == 0, "the rows are covered")
    screen.press("Tab", "Tab", "Tab", "space")  # past both links to “Sign out”
    window.wait_for_form()
