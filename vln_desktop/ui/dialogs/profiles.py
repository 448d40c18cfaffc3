"""“Connection profiles…”: those of the file to add, change, remove and test, the others to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from vln_desktop.config import Profile
from vln_desktop.errors import VlnError
from vln_desktop.profiles import ENVIRONMENT
from vln_desktop.services.profile_book import ProfileBook
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.connection_test import ConnectionTestPanel, Walk
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.dialogs.profile_form import ProfileForm
from vln_desktop.ui.tasks import TaskContext, TaskRunner
from vln_desktop.ui.theme import WIDE_GAP, Theme
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.profile_list import ProfileList

_WIDTH = 680
ReadProfiles = Callable[[], Mapping[str, Profile]]
"""Returns all profiles as they are now; raises UserError if the file cannot be read."""


class ProfilesPanel(Overlay):
    """The list of all profiles and what can be done with the chosen one."""

    changed = Signal(str)
    """The file was changed: carries the name of the profile that was saved, else nothing."""

    def __init__(
        self,
        book: ProfileBook,
        read: ReadProfiles,
        walk: Walk,
        theme: Theme,
        tasks: TaskRunner,
        window: QWidget,
        *,
        last_user: Callable[[Profile], str | None] = lambda _profile: None,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._book = book
        self._read = read
        self._walk = walk
        self._theme = theme
        self._tasks = tasks
        self._window = window
        self._last_user = last_user
        self._own: frozenset[str] = frozenset()
        self.list = ProfileList(theme, self.panel)
        self.told = label("", "small", wrap=True, parent=self.panel)
        self.error = label("", "error", wrap=True, parent=self.panel)
        self.error.hide()
        self._make_buttons()
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(self._show_what_can_be_done)
        self.list.activated.connect(self._edit_or_test)
        self.closed.connect(self.deleteLater)

    def open(self, chosen: str = "") -> None:
        """Show the profiles as they are now, with one of them chosen."""
        self.reload(chosen)
        super().open()
        self.list.setFocus()

    def reload(self, chosen: str = "") -> None:
        """Read the profiles again."""
        try:
            profiles = self._read()
            self._own = frozenset(self._book.profiles())
        except VlnError as error:
            self._fail(error)
            return
        self.list.show_profiles(profiles.values(), chosen)
        self._show_what_can_be_done()

    def add(self) -> None:
        """Open an empty form."""
        self._open_form(None)

    def edit(self) -> None:
        """Open the chosen profile's form, if it is one of the file's."""
        profile = self.list.chosen
        if profile is not None and profile.name in self._own:
            self._open_form(profile)

    def delete(self) -> None:
        """Remove the chosen profile after a question; the database itself stays."""
        profile = self.list.chosen
        if profile is None or profile.name not in self._own:
            return
        question = Question(
            self.tr("Remove the profile “{name}”?").format(name=profile.name),
            self.tr("Only the way to the database is forgotten; the database and its data stay."),
            self.tr("Remove"),
            danger=True,
        )
        ask(question, partial(self._delete, profile.name), self._window)

    def test(self) -> None:
        """Walk the way to the chosen profile's server."""
        profile = self.list.chosen
        if profile is not None and not profile.embedded:
            self.test_profile(profile)

    def test_profile(self, profile: Profile) -> None:
        """Walk the way to a profile's server, kept or not."""
        panel = ConnectionTestPanel(
            profile,
            self._walk,
            self._theme,
            self._tasks,
            self._window,
            email=self._last_user(profile) or "",
        )
        panel.closed.connect(panel.deleteLater)
        panel.open()

    def _open_form(self, profile: Profile | None) -> None:
        before = profile.name if profile is not None else None
        form = ProfileForm(profile, partial(self._save, before), self.test_profile, self._window)
        self._form = form
        form.open()

    def _save(
        self, before: str | None, profile: Profile, refused: Callable[[Exception], None]
    ) -> None:
        def work(_context: TaskContext) -> None:
            self._book.save(profile, before=before)

        def done(_nothing: None) -> None:
            self._form.close_panel()
            self._changed(profile.name)

        self._tasks.run(self, work, done, refused)

    def _delete(self, name: str, _reason: str) -> None:
        def work(_context: TaskContext) -> None:
            self._book.delete(name)

        def done(_nothing: None) -> None:
            self._changed("")

        self._tasks.run(self, work, done, self._fail)

    def _changed(self, name: str) -> None:
        self._say("")
        self.reload(name)
        self.changed.emit(name)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, VlnError):
            self._say(str(error))
        else:
            self._say(self.tr("Nothing was changed."))
            self._tasks.failed.emit(error)

    def _say(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))
        if self.isVisible():
            self._place()

    def _edit_or_test(self) -> None:
        profile = self.list.chosen
        if profile is not None and profile.name in self._own:
            self.edit()
        else:
            self.test()

    def _make_buttons(self) -> None:
        panel = self.panel
        self.add_button = button(self.tr("New…"), parent=panel)
        self.edit_button = button(self.tr("Edit…"), parent=panel)
        self.delete_button = button(self.tr("Remove…"), parent=panel)
        self.test_button = button(self.tr("Test connection"), parent=panel)
        self.close_button = button(self.tr("Close"), parent=panel)
        for made, handler in (
            (self.add_button, self.add),
            (self.edit_button, self.edit),
            (self.delete_button, self.delete),
            (self.test_button, self.test),
            (self.close_button, self.close_panel),
        ):
            made.clicked.connect(handler)

    def _lay_out(self) -> None:
        hint = self.tr("Where the databases are. A profile never holds a password: each person "
                       "signs in as themselves.")  # fmt: skip
        file = label(str(self._book.file), "faint", wrap=True, parent=self.panel)
        file.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.content.setSpacing(WIDE_GAP)
        title = label(self.tr("Connection profiles"), "title", parent=self.panel)
        for part in (
            title,
            label(hint, "dim", wrap=True, parent=self.panel),
            self.list,
            self.told,
            self.error,
            file,
        ):
            self.content.addWidget(part)
        self.content.addLayout(
            row([self.add_button, self.edit_button, self.delete_button, self.test_button, None,
                 self.close_button])
        )  # fmt: skip

    def _show_what_can_be_done(self) -> None:
        profile = self.list.chosen
        own = profile is not None and profile.name in self._own
        self.edit_button.setEnabled(own)
        self.delete_button.setEnabled(own)
        self.test_button.setEnabled(profile is not None and not profile.embedded)
        self.told.setText("" if own else self._reason(profile))
        self.told.setVisible(bool(self.told.text()))
        if self.isVisible():
            self._place()

    def _reason(self, profile: Profile | None) -> str:
        """Return why the chosen profile cannot be changed here."""
        if profile is None:
            return ""
        if profile.name == ENVIRONMENT:
            return self.tr("Made by POSTGRES_URL and POSTGRES_URL_NON_POOLING: change those.")
        if profile.embedded:
            return self.tr("Comes with the program, which runs this database itself.")
        return self.tr("Given on the command line.")
