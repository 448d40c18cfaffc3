"""One connection profile to fill in: on a server, by parts or a pasted address, or embedded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QIntValidator, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit, QWidget

from vln_desktop.config import Environment, Profile
from vln_desktop.errors import UserError, VlnError
from vln_desktop.profiles import (
    SCHEMES,
    address_of,
    looks_pooled,
    parts_of,
    read_profile,
    with_parameters,
    without_login,
)
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP, PAGE_GAP, WIDE_GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.fields import Field

_WIDTH = 780
_PORT_WIDTH = 84
_WHERE = "profile"
_FIELD_OF = {"url": "host", "cluster": "name"}
_N = QT_TRANSLATE_NOOP
_SERVERS = ((False, _N("ProfileForm", "On a server")),
            (True, _N("ProfileForm", "On this machine, run by this program")))  # fmt: skip

Save = Callable[[Profile, Callable[[Exception], None]], None]
"""Keeps the profile and closes the form; otherwise hands the reason to the second argument."""


class FileEdit(QWidget):
    """The path of a file, typed or chosen."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self.path = QLineEdit(self)
        self.path.setAccessibleName(title)
        choose = button(self.tr("Choose…"), parent=self)
        choose.clicked.connect(self._choose)
        self.setLayout(row([self.path, choose]))
        self.setFocusProxy(self.path)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self._title)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [self.tr("Certificates and keys (*.pem *.crt *.key)"), self.tr("All files (*)")]
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.path.setText)
        dialog.open()


class ProfileForm(Overlay):
    """A new profile, or one to change; it closes by its own buttons only."""

    def __init__(
        self,
        profile: Profile | None,
        save: Save,
        test: Callable[[Profile], None],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._save = save
        self._test = test
        title = self.tr("New profile") if profile is None else profile.name
        self._title = label(title, "title", wrap=True, parent=self.panel)
        self._note = label("", "small", wrap=True, parent=self.panel)
        self._fault = label("", "error", wrap=True, parent=self.panel)
        self._fault.hide()
        self._make_inputs()
        self.fields = self._make_fields()
        self._lay_out()
        self._fill(profile)
        self.host.textChanged.connect(self._take_address)
        self.server.currentIndexChanged.connect(self._show_what_applies)
        self.pooled.toggled.connect(self._show_what_applies)
        self.closed.connect(self.deleteLater)

    @property
    def fault(self) -> str:
        """What is wrong with the profile as a whole, empty if nothing is."""
        return self._fault.text()

    def open(self) -> None:
        """Show the form."""
        super().open()
        self.name.setFocus()

    def read(self) -> Profile:
        """Return the profile as it is filled in; raises UserError naming the field."""
        return read_profile(self.name.text().strip(), self._table(), _WHERE)

    def save(self) -> None:
        """Keep the profile, if it is right."""
        profile = self._right()
        if profile is not None:
            self.go.setEnabled(False)
            self._save(profile, self._refused)

    def test(self) -> None:
        """Test the profile as it is filled in, before it is kept."""
        profile = self._right()
        if profile is not None:
            self._test(profile)

    def _right(self) -> Profile | None:
        """Return the profile, or None after saying what is wrong with it."""
        self._say("")
        for field in self.fields.values():
            field.show_fault("")
        try:
            profile = self.read()
            if not profile.embedded:
                _ = profile.address, profile.direct_address  # their files have to be there
        except UserError as error:
            self._refused(error)
            return None
        return profile

    def _refused(self, error: Exception) -> None:
        self.go.setEnabled(True)
        if not isinstance(error, VlnError):
            self._say(self.tr("Nothing was saved."))
            return
        said = str(error).removeprefix(f"{_WHERE}: ").removeprefix(f"{_WHERE} ")
        said = said[:1].upper() + said[1:]
        name = getattr(error, "field", None) or ""
        field = self.fields.get(_FIELD_OF.get(name, name))
        if field is not None and field.isVisible():
            field.show_fault(said)
            field.input.setFocus()
        else:
            self._say(said)
        self._place()

    def _say(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))

    def _table(self) -> dict[str, Any]:
        """Return what is filled in, as config.toml would hold it."""
        typed: dict[str, Any] = {"environment": str(self.environment.currentData())}
        if self.server.currentData():
            return typed
        host, database = self.host.text().strip(), self.database.text().strip()
        port = int(self.port.text()) if self.port.text() else None
        further = dict(parse_qsl(self.further.text().strip(), keep_blank_values=True))
        if further and host and database:
            typed["url"] = with_parameters(address_of(host, port, database), further)
        else:
            typed.update({"host": host, "database": database})
            if port is not None:
                typed["port"] = port
        if self.pooled.isChecked():
            typed["pooled"] = True
            if direct := self.direct.text().strip():
                typed["direct_url"] = self._direct_url(direct, database)
        files = {"ca_file": self.ca_file, "client_certificate": self.certificate,
                 "client_key": self.key}  # fmt: skip
        return typed | {k: e.path.text().strip() for k, e in files.items() if e.path.text().strip()}

    @staticmethod
    def _direct_url(direct: str, database: str) -> str:
        """Return the address behind "host", "host:port" or a whole one."""
        if "://" in direct:
            return without_login(direct)
        return f"postgresql://{direct}" + ("" if "/" in direct else f"/{database}")

    def _make_inputs(self) -> None:
        panel = self.panel
        self.name = QLineEdit(panel)
        self.server = QComboBox(panel)
        for embedded, text in _SERVERS:
            self.server.addItem(QCoreApplication.translate("ProfileForm", str(text)), embedded)
        self.host = QLineEdit(panel)
        self.host.setPlaceholderText(self.tr("db.example.com, or paste postgresql://…"))
        self.port = QLineEdit(panel)
        self.port.setPlaceholderText("5432")
        self.port.setValidator(QIntValidator(1, 65535, self.port))
        self.port.setFixedWidth(_PORT_WIDTH)
        self.database = QLineEdit(panel)
        self.environment = QComboBox(panel)
        for environment in Environment:
            look = look_of("environment", environment.value)
            self.environment.addItem(look.text.capitalize(), environment.value)
        self.pooled = QCheckBox(self.tr("Pooled (PgBouncer, “-pooler”)"), panel)
        self.direct = QLineEdit(panel)
        self.direct.setPlaceholderText(self.tr("the server's own host, without the pooler"))
        self.further = QLineEdit(panel)
        self.further.setPlaceholderText("channel_binding=require")
        self.ca_file = FileEdit(self.tr("CA file"), panel)
        self.ca_file.path.setPlaceholderText(self.tr("the public authorities of the web"))
        self.certificate = FileEdit(self.tr("Client certificate"), panel)
        self.key = FileEdit(self.tr("Client key"), panel)
        self.go = button(self.tr("Save"), "primary", parent=panel)
        self.go.clicked.connect(self.save)

    def _make_fields(self) -> dict[str, Field]:
        named = (
            ("name", self.tr("Name"), self.name),
            ("server", self.tr("Where the database is"), self.server),
            ("host", self.tr("Host"), self.host),
            ("port", self.tr("Port"), self.port),
            ("database", self.tr("Database"), self.database),
            ("environment", self.tr("What its data is worth"), self.environment),
            ("direct_url", self.tr("Direct address"), self.direct),
            ("further", self.tr("Further parameters"), self.further),
            ("ca_file", self.tr("CA file"), self.ca_file),
            ("client_certificate", self.tr("Client certificate"), self.certificate),
            ("client_key", self.tr("Client key"), self.key),
        )
        return {id_: Field(name, input_, self.panel) for id_, name, input_ in named}

    def _lay_out(self) -> None:
        fields = self.fields
        test = button(self.tr("Test connection"), parent=self.panel)
        test.clicked.connect(self.test)
        cancel = button(self.tr("Cancel"), parent=self.panel)
        cancel.clicked.connect(self.close_panel)
        self._test_button = test
        place = row([fields["host"], fields["port"]])
        place.setStretch(0, 1)
        left = column(
            [fields["name"], fields["server"], place, fields["database"], fields["environment"],
             None], gap=WIDE_GAP,
        )  # fmt: skip
        right = column(
            [self.pooled, fields["direct_url"], fields["ca_file"], fields["client_certificate"],
             fields["client_key"], fields["further"], None], gap=WIDE_GAP,
        )  # fmt: skip
        both = row([], gap=2 * PAGE_GAP)
        both.addLayout(left, 1)
        both.addLayout(right, 1)
        self.content.setSpacing(GAP)
        self.content.addWidget(self._title)
        self.content.addLayout(both)
        for part in (self._note, self._fault):
            self.content.addWidget(part)
        self.content.addLayout(row([test, None, cancel, self.go]))

    def _fill(self, profile: Profile | None) -> None:
        self.environment.setCurrentIndex(list(Environment).index(Environment.PRODUCTION))
        if profile is not None:
            self.name.setText(profile.name)
            self.environment.setCurrentIndex(list(Environment).index(profile.environment))
            self.server.setCurrentIndex(int(profile.embedded))
            self._fill_address(profile.url or "")
            self.pooled.setChecked(profile.pooled)
            self.direct.setText(profile.direct_url or "")
            self.direct.setCursorPosition(0)
            self.ca_file.path.setText(profile.ca_file or "")
            self.certificate.path.setText(profile.client_certificate or "")
            self.key.path.setText(profile.client_key or "")
        self._show_what_applies()

    def _fill_address(self, url: str) -> None:
        """Take an address apart into the fields."""
        if not url:
            return
        host, port, database = parts_of(url)
        own = {"host"} | ({"port"} if host.startswith("/") else set())
        further = [(n, v) for n, v in parse_qsl(urlsplit(url).query) if n not in own]
        self.host.setText(host)
        self.port.setText(str(port or ""))
        self.database.setText(database)
        self.further.setText(urlencode(further, safe="/:"))
        for edit in (self.host, self.database, self.further):
            edit.setCursorPosition(0)  # what is too long shows its beginning

    def _take_address(self, text: str) -> None:
        """Take a pasted address apart; its user name and password are left out."""
        try:
            if urlsplit(text).scheme not in SCHEMES or text.endswith("://"):
                return
            bare = without_login(text.strip())
            self.pooled.setChecked(self.pooled.isChecked() or looks_pooled(text))
            self._fill_address(bare)
        except ValueError:
            return  # half typed: it is looked at again when it is saved
        if "@" in urlsplit(text).netloc:
            self._note.setText(
                self.tr("User name and password were left out: everybody signs in as themselves.")
            )

    def _show_what_applies(self) -> None:
        embedded = bool(self.server.currentData())
        for id_ in ("host", "port", "database", "further", "ca_file", "client_certificate",
                    "client_key"):  # fmt: skip
            self.fields[id_].setVisible(not embedded)
        self.pooled.setVisible(not embedded)
        self.fields["direct_url"].setVisible(not embedded and self.pooled.isChecked())
        self._test_button.setVisible(not embedded)
        if self.isVisible():
            self._place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the form would throw away what was typed: it does nothing."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.go.isEnabled():
            self.save()
            return
        super().keyPressEvent(event)
