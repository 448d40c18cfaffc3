"""The import panel over a real database: preview first, then one import, then what became of it."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.formats.scan_bodies import result, sarif_log, sarif_run
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.imports import Became
from vln_desktop.services.imports import ImportsService, read_files
from vln_desktop.ui.dialogs.import_history import ImportHistoryPanel
from vln_desktop.ui.dialogs.import_scans import ImportPanel, Step
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import InlineTaskRunner, TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workbench import Workbench

FIXTURES = Path(__file__).parents[1] / "formats" / "fixtures"
SLITHER = FIXTURES / "vault.slither.json"
SARIF = FIXTURES / "vault.sarif"


@pytest.fixture
def audit(firm: Firm) -> UUID:
    return firm.a.id("audit_requests")


@pytest.fixture
def tasks(qtbot: QtBot) -> TaskRunner:
    return InlineTaskRunner()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    return window


@pytest.fixture
def panel(
    firm: Firm, audit: UUID, window: QWidget, tasks: TaskRunner, theme: Theme, tmp_path: Path
) -> ImportPanel:
    database = firm.sign_in("auditor.a")
    bench = Workbench(
        database.actor, theme, tasks, Messages(window), Preferences(tmp_path), parent=window
    )
    panel = ImportPanel(bench, ImportsService(database), audit, "ACME-7", window)
    panel.open()
    return panel


def count(firm: Firm) -> int:
    row = firm.owner.execute("SELECT count(*) FROM vln.findings").fetchone()
    assert row is not None
    return int(row[0])


def waits_for_lock(firm: Firm) -> bool:
    """Tell whether some statement waits for a lock."""
    waiting = firm.owner.execute(
        "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'vln.findings'::regclass"
    ).fetchone()
    return waiting is not None


def test_files_are_previewed_and_nothing_is_written(firm: Firm, panel: ImportPanel) -> None:
    before = count(firm)
    panel.add_files([SLITHER, SARIF])
    assert panel.step is Step.PREVIEW
    assert panel.go.text() == "Import 3 new"
    assert panel.summary.text() == "Would import: 3 new, 1 known"
    assert panel.results.rowCount() == 4
    assert count(firm) == before


def test_an_import_is_published_once_it_is_committed(
    firm: Firm, panel: ImportPanel, qtbot: QtBot
) -> None:
    told: list[Changes] = []
    panel._bench.changed.connect(told.append)
    before = count(firm)
    panel.add_files([SLITHER])
    with qtbot.waitSignal(panel.imported) as imported:
        panel.import_files()
    assert imported.args[0].count(Became.CREATED) == 2
    assert count(firm) == before + 2
    assert len(told[0].ids) == 2
    assert panel.step is Step.DONE
    assert panel.summary.text() == "Imported: 2 new"


def test_a_refused_file_is_shown_with_its_sentence_and_cannot_be_ticked(
    panel: ImportPanel, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.sarif"
    broken.write_text("{", "utf-8")
    panel.add_files([broken])
    assert panel.error.text().startswith("broken.sarif: The JSON is cut off")
    assert not panel.go.isEnabled()
    assert panel.files.flags(panel.files.index(0, 0)) == Qt.ItemFlag.NoItemFlags


def test_a_file_without_its_tick_is_left_out(firm: Firm, panel: ImportPanel) -> None:
    panel.add_files([SLITHER, SARIF])
    box = panel.files.index(0, 0)
    panel.files.setData(box, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert panel.go.text() == "Import 2 new"
    before = count(firm)
    panel.import_files()
    assert count(firm) == before + 2


def test_dropped_files_are_taken(panel: ImportPanel) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(SARIF)), QUrl("https://example.org/x.sarif")])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    panel.drop.dropEvent(event)
    assert panel.files.rowCount() == 1


def test_the_same_file_is_taken_once(panel: ImportPanel) -> None:
    panel.add_files([SARIF])
    panel.add_files([SARIF])
    assert panel.files.rowCount() == 1


def test_a_second_import_of_a_file_says_that_all_is_known(panel: ImportPanel) -> None:
    panel.add_files([SLITHER])
    panel.import_files()
    panel._show_step(Step.PREVIEW)
    panel.add_files([SLITHER])
    panel._preview()
    assert panel.summary.text() == "Would import: 2 known"


def test_a_source_folder_gives_snippets(panel: ImportPanel) -> None:
    panel.use_source(FIXTURES / "source")
    panel.add_files([SARIF])
    assert panel.plan is not None
    assert "withdraw" in panel.plan.files[0].items[0].result.place.snippet


def test_a_source_folder_that_is_gone_is_told(panel: ImportPanel, tmp_path: Path) -> None:
    panel.use_source(tmp_path / "none")
    panel.add_files([SARIF])
    assert panel.error.text().startswith("There is no folder")


def test_the_tables_keep_qts_rules(panel: ImportPanel, qtmodeltester: ModelTester) -> None:
    panel.add_files([SLITHER])
    for model in (panel.files, panel.results):
        qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_what_is_new_and_worst_stands_first(panel: ImportPanel) -> None:
    panel.add_files([SLITHER, SARIF])
    shown = [
        (panel.results.index(row, 0).data(), panel.results.index(row, 1).data())
        for row in range(panel.results.rowCount())
    ]
    assert shown == [
        ("created", "high"),
        ("created", "informational"),
        ("created", "informational"),
        ("known", "high"),
    ]


def test_hostile_text_is_text_in_tips_too(panel: ImportPanel, tmp_path: Path) -> None:
    path = tmp_path / "hostile.sarif"
    body = sarif_log(sarif_run([result(text="<img src=x onerror=alert(1)> leaks.")]))
    path.write_text(json.dumps(body), "utf-8")
    panel.add_files([path])
    tip = panel.results.index(0, 2).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in tip
    assert "<img" not in tip


class TestInTheBackground:
    """The same panel with real threads."""

    @pytest.fixture
    def tasks(self, qtbot: QtBot) -> TaskRunner:
        return TaskRunner()

    def test_preview_and_import(self, firm: Firm, panel: ImportPanel, qtbot: QtBot) -> None:
        before = count(firm)
        panel.add_files([SLITHER])
        qtbot.waitUntil(lambda: panel.step is Step.PREVIEW)
        with qtbot.waitSignal(panel.imported):
            panel.import_files()
        assert count(firm) == before + 2

    def test_a_stopped_import_leaves_nothing(
        self, firm: Firm, panel: ImportPanel, tasks: TaskRunner, qtbot: QtBot
    ) -> None:
        before = count(firm)
        panel.add_files([SLITHER])
        qtbot.waitUntil(lambda: panel.step is Step.PREVIEW)
        with firm.owner.transaction():
            firm.owner.execute("LOCK TABLE vln.findings IN SHARE MODE")
            panel.import_files()
            qtbot.waitUntil(lambda: waits_for_lock(firm))
            panel.stop()
            qtbot.waitUntil(lambda: not tasks.busy)
        assert panel.step is Step.PREVIEW
        assert count(firm) == before


def _tick(panel: ImportPanel, row: int, on: Qt.CheckState) -> bool:
    box = panel.results.index(row, 0)
    return panel.results.setData(box, on, Qt.ItemDataRole.CheckStateRole)


def _became(panel: ImportPanel) -> list[str]:
    return [panel.results.index(row, 0).data() for row in range(panel.results.rowCount())]


def test_a_new_result_can_be_left_out(firm: Firm, panel: ImportPanel) -> None:
    before = count(firm)
    panel.add_files([SLITHER])
    assert _tick(panel, 0, Qt.CheckState.Unchecked)
    assert panel.go.text() == "Import 1 new"

    panel.import_files()

    assert count(firm) == before + 1
    assert panel.summary.text() == "Imported: 1 new, 1 refused"


def test_all_new_results_are_ticked_and_unticked_at_once(panel: ImportPanel) -> None:
    panel.add_files([SLITHER])
    panel.none_new.click()
    assert panel.go.text() == "Note the import"
    panel.all_new.click()
    assert panel.go.text() == "Import 2 new"


def test_what_is_gone_is_unticked_until_one_ticks_it(
    firm: Firm, audit: UUID, panel: ImportPanel, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.sarif", tmp_path / "second.sarif"
    both = [result("R1", "It leaks."), result("R2", "It burns.")]
    first.write_text(json.dumps(sarif_log(sarif_run(both))), "utf-8")
    second.write_text(json.dumps(sarif_log(sarif_run(both[:1]))), "utf-8")
    panel._service.apply(audit, read_files([first]))
    panel.add_files([second])
    gone = _became(panel).index("would_close")
    assert panel.results.choices.close == frozenset()

    panel.all_gone.click()
    assert len(panel.results.choices.close) == 1
    assert _tick(panel, gone, Qt.CheckState.Unchecked)
    assert _tick(panel, gone, Qt.CheckState.Checked)
    panel.import_files()

    row = firm.owner.execute(
        "SELECT review_state FROM vln.findings WHERE title = 'It burns'"
    ).fetchone()
    assert row == ("invalid",)


def test_an_import_is_taken_back_from_its_panel(firm: Firm, panel: ImportPanel) -> None:
    panel.add_files([SLITHER])
    panel.import_files()

    panel.back.click()

    row = firm.owner.execute(
        "SELECT count(*) FROM vln.findings WHERE fingerprint <> '' AND deleted_at IS NOT NULL"
    ).fetchone()
    assert row == (2,)


def test_the_history_offers_to_take_back_ones_own_only(
    firm: Firm, audit: UUID, panel: ImportPanel, window: QWidget
) -> None:
    panel.add_files([SLITHER])
    panel.import_files()
    bench = panel._bench
    history = ImportHistoryPanel(
        bench, panel._service.batches, (audit, "ACME-7"), lambda _who: "Ana", window
    )

    assert history.table.item(0, 2).text() == "vault.slither.json  ·  Slither"  # type: ignore[union-attr]
    assert history.back.isEnabled()
    history.back.click()

    assert history.table.item(0, 7).text() == "taken back"  # type: ignore[union-attr]
    assert not history.back.isEnabled()
