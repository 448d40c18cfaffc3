"""Connection profiles in the window: list, form, test, and a second window beside the first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.looks import flaws
from tests.ui.test_looks import LOOKS
from vln_desktop.config import Environment, Profile
from vln_desktop.domain.checks import Check, State
from vln_desktop.errors import UserError
from vln_desktop.services.profile_book import ProfileBook
from vln_desktop.ui.dialogs import new_window
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.connection_test import ConnectionTestPanel, step_name
from vln_desktop.ui.dialogs.new_window import NewWindowPanel, command_for
from vln_desktop.ui.dialogs.profile_form import ProfileForm
from vln_desktop.ui.dialogs.profiles import ProfilesPanel
from vln_desktop.ui.program import window_title
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Density, Theme
from vln_desktop.ui.widgets.profile_list import place_of

DEMO = Profile("demo", environment=Environment.DEMO, cluster="demo")
VERCEL = Profile("environment", "postgresql://ep-x-pooler.neon.tech/vln", pooled=True)
ACME = Profile("acme", "postgresql://db.example.com:5433/vln")
STEPS = (
    Check("name", State.WELL, "db.example.com is 192.0.2.7"),
    Check("TLS", State.DOUBTFUL, "TLSv1.3, certificate signed by R11, until 2026-12-01: "
          "it has to be renewed soon"),
    Check("direct: sign-in", State.BROKEN, "E-mail or password is wrong."),
)  # fmt: skip
PASTED = "postgres://owner:secret@ep-x-pooler.neon.tech:6543/neon%20db?sslmode=require&pgbouncer=1"


class Road:
    """Walks the way that a test lays out, and remembers who walked."""

    def __init__(self) -> None:
        self.steps: tuple[Check, ...] = STEPS
        self.walked: list[tuple[str, str, str]] = []
        self.fault: Exception | None = None

    def walk(self, profile: Profile, email: str, password: str) -> Iterator[Check]:
        self.walked.append((profile.name, email, password))
        yield from self.steps
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def book(tmp_path: Path) -> ProfileBook:
    made = ProfileBook(tmp_path / "config.toml")
    made.save(ACME)
    return made


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(960, 600)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def panel(theme: Theme, window: QWidget, book: ProfileBook, road: Road) -> ProfilesPanel:
    def read() -> Mapping[str, Profile]:
        return {"demo": DEMO, "environment": VERCEL, **book.profiles()}

    made = ProfilesPanel(book, read, road.walk, theme, InlineTaskRunner(), window)
    made.open("acme")
    return made


def form_of(panel: ProfilesPanel) -> ProfileForm:
    return panel.window().findChildren(ProfileForm)[-1]


class TestList:
    def test_all_profiles_are_shown_and_the_wanted_one_is_chosen(
        self, panel: ProfilesPanel
    ) -> None:
        assert [profile.name for profile in panel.list.profiles()] == [
            "demo", "environment", "acme",
        ]  # fmt: skip
        assert panel.list.chosen == ACME
        assert panel.edit_button.isEnabled()

    @pytest.mark.parametrize(
        ("row", "reason", "testable"),
        [(0, "Comes with the program", False), (1, "POSTGRES_URL", True)],
    )
    def test_what_is_not_the_files_says_why_it_cannot_be_changed(
        self, panel: ProfilesPanel, row: int, reason: str, testable: bool
    ) -> None:
        panel.list.setCurrentIndex(panel.list.model().index(row, 0))

        assert reason in panel.told.text()
        assert not panel.edit_button.isEnabled()
        assert not panel.delete_button.isEnabled()
        assert panel.test_button.isEnabled() is testable

    def test_removing_is_asked_first(
        self, panel: ProfilesPanel, book: ProfileBook, qtbot: QtBot
    ) -> None:
        panel.delete_button.click()
        assert "acme" in book.profiles()

        (question,) = panel.window().findChildren(ConfirmPanel)
        with qtbot.waitSignal(panel.changed):
            question.yes.click()

        assert dict(book.profiles()) == {}
        assert [profile.name for profile in panel.list.profiles()] == ["demo", "environment"]

    def test_file_that_cannot_be_read_is_told(
        self, panel: ProfilesPanel, book: ProfileBook
    ) -> None:
        book.file.write_text("[[[")
        panel.reload()

        assert "cannot be read" in panel.error.text()

    def test_places_in_words(self) -> None:
        assert place_of(ACME) == "vln @ db.example.com:5433"
        assert "pooled" in place_of(VERCEL)
        assert "this machine" in place_of(DEMO)


class TestForm:
    def test_new_profile_is_kept_and_chosen(
        self, panel: ProfilesPanel, book: ProfileBook, qtbot: QtBot
    ) -> None:
        panel.add_button.click()
        form = form_of(panel)
        QTest.keyClicks(form.name, "try")
        QTest.keyClicks(form.host, "try.example.com")
        QTest.keyClicks(form.port, "5555")
        QTest.keyClicks(form.database, "vln")
        form.environment.setCurrentIndex(1)
        with qtbot.waitSignal(panel.changed) as changed:
            QTest.keyClick(form.database, Qt.Key.Key_Return)

        wanted = Profile("try", "postgresql://try.example.com:5555/vln", Environment.STAGING)
        assert book.profiles()["try"] == wanted
        assert changed.args == ["try"]
        assert panel.list.chosen == wanted
        assert not form.isVisible()

    def test_pasted_address_is_taken_apart_without_its_login(self, panel: ProfilesPanel) -> None:
        panel.add_button.click()
        form = form_of(panel)
        form.name.setText("neon")
        form.host.setText(PASTED)

        assert form.host.text() == "ep-x-pooler.neon.tech"
        assert form.port.text() == "6543"
        assert form.pooled.isChecked()
        profile = form.read()
        assert profile.url == "postgresql://ep-x-pooler.neon.tech:6543/neon%20db?sslmode=require"
        shown = [edit.text() for edit in (form.host, form.further, form.database, form.direct)]
        assert not any("secret" in text or "owner" in text for text in shown)

    @pytest.mark.parametrize(
        "typed", ["postgres://", "postgresql://[::1", "postgresql://h:x/d", "://", "a://b://c"]
    )
    def test_half_an_address_is_a_fault_of_its_field(
        self, panel: ProfilesPanel, typed: str
    ) -> None:
        panel.add_button.click()
        form = form_of(panel)
        form.name.setText("half")
        form.host.setText(typed)
        form.save()

        assert form.isVisible()
        assert form.fault or any(field.fault for field in form.fields.values())

    @pytest.mark.parametrize(
        ("field", "typed", "fault"),
        [
            ("name", "", "printable"),
            ("name", "environment", "POSTGRES_URL"),
            ("name", "acme", "already"),
            ("host", "", "belong together"),
            ("database", "", "belong together"),
            ("host", "u:p@h", "no host name"),
        ],
    )
    def test_mistake_is_told_beside_its_field_and_nothing_is_lost(
        self, panel: ProfilesPanel, field: str, typed: str, fault: str
    ) -> None:
        panel.add_button.click()
        form = form_of(panel)
        right = {"name": form.name, "host": form.host, "database": form.database}
        for name, edit in right.items():
            edit.setText(typed if name == field else "right")
        form.save()

        assert fault in form.fields[field].fault
        assert form.fields[field].fault[:1].isupper() or field == "host"
        assert form.go.isEnabled()

    def test_missing_file_is_told_beside_its_field(
        self, panel: ProfilesPanel, tmp_path: Path
    ) -> None:
        panel.edit_button.click()
        form = form_of(panel)
        form.ca_file.path.setText(str(tmp_path / "gone.pem"))
        form.save()

        assert "is not there" in form.fields["ca_file"].fault

    def test_every_setting_survives_editing(
        self, panel: ProfilesPanel, book: ProfileBook, tmp_path: Path
    ) -> None:
        """Given profiles of each kind, when they are saved unchanged, then they are the same."""
        files = [str(tmp_path / name) for name in ("ca.pem", "me.crt", "me.key")]
        for file in files:
            Path(file).touch()
        whole = Profile(
            "whole",
            "postgresql://p-pooler.example.com:6543/vln?sslmode=require&channel_binding=require",
            Environment.STAGING,
            pooled=True,
            direct_url="postgresql://p.example.com/vln",
            ca_file=files[0],
            client_certificate=files[1],
            client_key=files[2],
        )
        socket = Profile("socket", "postgresql:///vln?host=%2Frun%2Fpostgresql&port=5433")
        for profile in (whole, socket, Profile("here", cluster="here")):
            book.save(profile)
            panel.reload(profile.name)
            panel.edit()
            form_of(panel).save()

            assert book.profiles()[profile.name] == profile

    def test_direct_host_alone_takes_the_database_along(self, panel: ProfilesPanel) -> None:
        panel.edit_button.click()
        form = form_of(panel)
        form.pooled.setChecked(True)
        form.direct.setText("db.example.com:5432")

        assert form.read().direct_url == "postgresql://db.example.com:5432/vln"
        assert form.fields["direct_url"].isVisible()

    def test_embedded_profile_asks_for_no_server(self, panel: ProfilesPanel) -> None:
        panel.add_button.click()
        form = form_of(panel)
        form.name.setText("scratch")
        form.server.setCurrentIndex(1)

        assert not form.fields["host"].isVisible()
        assert form.read() == Profile("scratch", cluster="scratch")

    def test_what_is_typed_can_be_tested_before_it_is_kept(
        self, panel: ProfilesPanel, road: Road, book: ProfileBook
    ) -> None:
        panel.edit_button.click()
        form = form_of(panel)
        form.name.setText("changed")
        form.test()

        assert road.walked == [("changed", "", "")]
        assert "changed" not in book.profiles()

    def test_click_beside_it_loses_nothing(self, panel: ProfilesPanel) -> None:
        panel.add_button.click()
        form = form_of(panel)
        QTest.mouseClick(form, Qt.MouseButton.LeftButton, pos=form.rect().topLeft())

        assert form.isVisible()


class TestConnectionTest:
    @pytest.fixture
    def test_panel(self, panel: ProfilesPanel) -> ConnectionTestPanel:
        panel.test_button.click()
        return panel.window().findChildren(ConnectionTestPanel)[-1]

    def test_first_walk_is_nobodys(self, test_panel: ConnectionTestPanel, road: Road) -> None:
        assert road.walked == [("acme", "", "")]
        assert test_panel.steps == STEPS
        assert "does not work yet" in test_panel.told.text()

    def test_person_is_asked_for_and_the_password_is_forgotten(
        self, test_panel: ConnectionTestPanel, road: Road
    ) -> None:
        road.steps = STEPS[:1]
        test_panel.go.click()
        test_panel.email.setText("ana@vln.gg")
        test_panel.go.click()
        assert len(road.walked) == 1
        test_panel.password.setText("secret")
        test_panel.go.click()

        assert road.walked[-1] == ("acme", "ana@vln.gg", "secret")
        assert test_panel.steps == STEPS[:1]
        assert test_panel.told.text() == "All is well."
        test_panel.close_panel()
        assert test_panel.password.text() == ""

    def test_missing_file_is_one_sentence(
        self, test_panel: ConnectionTestPanel, road: Road
    ) -> None:
        road.steps, road.fault = (), UserError("The CA file is not there.")
        test_panel.test("", "")

        assert test_panel.told.text() == "The CA file is not there."

    def test_steps_to_the_direct_address_say_so(self) -> None:
        assert step_name("TLS") == "Encryption"
        assert step_name("direct: TLS") == "Direct: encryption"


class TestNewWindow:
    @pytest.fixture
    def started(self, monkeypatch: pytest.MonkeyPatch) -> list[Profile]:
        started: list[Profile] = []

        def note(profile: Profile) -> bool:
            started.append(profile)
            return profile is not ACME

        monkeypatch.setattr(new_window, "open_window", note)
        return started

    def test_is_another_process_of_this_program(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert command_for(ACME) == [sys.executable, "-m", "vln_desktop", "--profile=acme"]
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        assert command_for(ACME) == [sys.executable, "--profile=acme"]

    def test_chosen_profile_is_opened(
        self, theme: Theme, window: QWidget, started: list[Profile]
    ) -> None:
        panel = NewWindowPanel([DEMO, ACME], theme, window)
        panel.open()
        QTest.keyClick(panel.list, Qt.Key.Key_Return)

        assert started == [DEMO]
        assert not panel.isVisible()

    def test_refusal_is_told(self, theme: Theme, window: QWidget, started: list[Profile]) -> None:
        panel = NewWindowPanel([ACME], theme, window)
        panel.open()
        panel.go.click()

        assert panel.isVisible()
        assert "did not let" in panel.error.text()

    @pytest.mark.parametrize(("profile", "title"), [(DEMO, "demo"), (ACME, "acme · production")])
    def test_title_tells_windows_apart(self, profile: Profile, title: str) -> None:
        assert window_title(profile) == title


@pytest.mark.parametrize(("mode", "size"), LOOKS, ids=["light", "dark", "large"])
def test_nothing_is_clipped(panel: ProfilesPanel, theme: Theme, mode: object, size: int) -> None:
    theme.set_look(mode, Density.COMPACT, size)  # type: ignore[arg-type]
    window = panel.window()
    shows: tuple[Callable[[], object], ...] = (panel.add, panel.edit, panel.test)
    assert flaws(window) == []
    for show in shows:
        show()
        overlay = window.children()[-1]
        assert isinstance(overlay, ProfileForm | ConnectionTestPanel)
        if isinstance(overlay, ProfileForm):
            overlay.pooled.setChecked(True)
        assert flaws(overlay) == []
        overlay.close_panel()
