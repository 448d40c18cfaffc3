"""What is typed into forms is kept, forgotten when it is saved, and brought back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from tests.factories import new
from tests.firm import Firm
from tests.ui.desks import Bench, Open, benches, select_first
from vln_desktop.domain.drafts import Draft
from vln_desktop.domain.finding_drafts import draft_of
from vln_desktop.services.drafts import DraftsService
from vln_desktop.ui.dialogs.access_request import RequestAccessPanel
from vln_desktop.ui.dialogs.add_credential import AddCredentialPanel
from vln_desktop.ui.dialogs.drafts import DraftsPanel, Recovery
from vln_desktop.ui.dialogs.finding_editor import FindingEditor
from vln_desktop.ui.dialogs.finding_form import open_finding
from vln_desktop.ui.drafts import Drafts
from vln_desktop.ui.panes.finding_forms import editor_services
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.theme import Theme


@pytest.fixture
def bench(firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    with benches(firm, theme, tmp_path, qtbot) as make:

        def with_drafts(login: str) -> Bench:
            desk = make(login)
            service = DraftsService(desk.desk.database, tmp_path / "drafts")
            desk.desk = replace(desk.desk, drafts=service)
            work = desk.workbench
            work.drafts = Drafts(service, work.tasks, work.messages, work)
            return desk

        yield with_drafts


def _kept(desk: Bench) -> dict[str, dict[str, str]]:
    return {draft.form: draft.changed for draft in desk.desk.drafts.all()}


def _editor(desk: Bench, qtbot: QtBot) -> FindingEditor:
    pane = desk.open("findings")
    select_first(pane, qtbot)
    service = desk.desk.findings
    detail = service.get(pane.selected[0])
    opened = open_finding(detail, service.scheme(detail.audit_id))
    editor = FindingEditor(desk.workbench, editor_services(desk.desk), opened, desk.window)
    editor.show()
    return editor


def _typed_title(desk: Bench, qtbot: QtBot, title: str) -> FindingEditor:
    """Type another title over a finding's, until it is kept."""
    editor = _editor(desk, qtbot)
    editor.title.setText(title)
    qtbot.waitUntil(lambda: "finding" in _kept(desk))
    return editor


def test_a_finding_is_kept_as_it_is_typed_and_forgotten_when_it_is_saved(
    bench: Open, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    editor = _editor(desk, qtbot)

    editor.title.setText("Anyone can drain it")
    editor.texts["impact"].set_text("All of it.")
    qtbot.waitUntil(
        lambda: _kept(desk) == {"finding": {"title": "Anyone can drain it", "impact": "All of it."}}
    )
    editor.save()

    assert _kept(desk) == {}


def test_what_is_typed_back_to_what_it_was_is_no_draft(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    editor = _editor(desk, qtbot)
    before = editor.title.text()
    editor.title.setText("Another")
    qtbot.waitUntil(lambda: "finding" in _kept(desk))
    editor.title.setText(before)
    qtbot.waitUntil(lambda: _kept(desk) == {})


def test_a_draft_opens_with_its_own_base_so_that_a_colleague_is_not_overwritten(
    bench: Open, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    editor = _typed_title(desk, qtbot, "Mine")
    [draft] = desk.desk.drafts.all()
    editor.deleteLater()
    service = desk.desk.findings
    assert draft.record is not None
    base = draft_of(service.get(draft.record))
    service.save(draft.record, base, replace(base, title="Theirs", remediation="Theirs too"))

    opened = open_finding(service.get(draft.record), None, draft)
    again = FindingEditor(desk.workbench, editor_services(desk.desk), opened, desk.window)
    again.show()
    assert again.title.text() == "Mine"
    again.save()

    assert service.get(draft.record).title == "Theirs"
    assert again.isVisible()
    assert _kept(desk) == {"finding": {"title": "Mine"}}


def test_comments_belong_to_their_findings(firm: Firm, bench: Open, qtbot: QtBot) -> None:
    new(firm.owner, "findings", firm.half_of("a", "auditor.a"))
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)
    first = pane.selected[0]
    pane.discussion.text.setPlainText("about the first")
    pane.go_down()
    assert pane.discussion.text.toPlainText() == ""
    pane.discussion.text.setPlainText("about the second")
    pane.go_up()
    assert pane.discussion.text.toPlainText() == "about the first"
    qtbot.waitUntil(lambda: len(desk.desk.drafts.all()) == 2)

    pane.discussion.send()

    assert desk.desk.findings.get(first).comments[-1].body == "about the first"
    qtbot.waitUntil(lambda: len(desk.desk.drafts.all()) == 1)
    assert desk.desk.drafts.all()[0].mine == {"Comment": "about the second"}


def test_every_small_form_joins_but_for_those_of_secrets(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    panel = RequestAccessPanel(desk.desk, desk.workbench, desk.window)
    panel.open()
    [reason, *_] = [edit for edit in panel.findChildren(QPlainTextEdit) if edit.isVisible()]
    reason.setPlainText("The client asked for it")

    qtbot.waitUntil(lambda: "RequestAccessPanel" in _kept(desk))
    assert "The client asked for it" in _kept(desk)["RequestAccessPanel"].values()
    panel.close_panel()
    assert _kept(desk) == {}
    assert not AddCredentialPanel.keeps_drafts


def _panel(desk: Bench, found: dict[str, Any]) -> DraftsPanel:
    drafts = desk.workbench.drafts
    assert drafts is not None
    note: Callable[[Draft], None] = lambda draft: found.setdefault("opened", draft)  # noqa: E731
    recovery = Recovery(str.capitalize, lambda _draft: {"title": "on the server"}, note)
    panel = DraftsPanel(desk.workbench, drafts, {"finding": recovery}, desk.window)
    panel.open()
    return panel


def test_a_draft_stands_beside_what_the_server_has(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    _typed_title(desk, qtbot, "Mine")
    found: dict[str, Any] = {}

    panel = _panel(desk, found)

    cells = [panel.table.item(0, at).text() for at in range(3)]  # type: ignore[union-attr]
    assert cells == ["Title", "Mine", "on the server"]
    panel.copy.click()
    panel.go.click()
    assert found["opened"].mine["title"] == "Mine"


def test_a_draft_is_thrown_away(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    _typed_title(desk, qtbot, "Mine")
    panel = _panel(desk, {})
    assert panel.chosen is not None

    panel._throw_away(panel.chosen, "")

    assert panel.list.count() == 0
    assert not panel.away.isEnabled()
