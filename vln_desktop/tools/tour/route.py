"""Where the tour goes: the start page, every pane as every role, every dialog, two papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vln_desktop.config import Profile
from vln_desktop.domain.permissions import Role
from vln_desktop.services.demo_people import DemoPerson
from vln_desktop.services.desk import Desk
from vln_desktop.services.grids import FINDINGS, INVOICES
from vln_desktop.services.listing import Listing
from vln_desktop.tools.tour.access import access_dialogs, manager_dialogs, read_the_worst
from vln_desktop.tools.tour.checklists import show_checklist, show_managed
from vln_desktop.tools.tour.findings import finding_dialogs
from vln_desktop.tools.tour.fixes import audits_where, leave_audits, show_fix_review
from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.money import show_sellers
from vln_desktop.tools.tour.past import show_past, show_past_unseen
from vln_desktop.tools.tour.people import admin_dialogs
from vln_desktop.tools.tour.reports import print_signed, show_reports
from vln_desktop.tools.tour.signing_in import Newcomer, walk_sign_in
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import act, show_open, show_overlay
from vln_desktop.ui.dialogs.add_credential import AddCredentialPanel
from vln_desktop.ui.dialogs.add_person import AddPersonPanel
from vln_desktop.ui.dialogs.connection_test import ConnectionTestPanel
from vln_desktop.ui.dialogs.crash import CrashDialog
from vln_desktop.ui.dialogs.keys import KeysPanel
from vln_desktop.ui.dialogs.new_window import NewWindowPanel
from vln_desktop.ui.dialogs.profile_form import ProfileForm
from vln_desktop.ui.dialogs.profiles import ProfilesPanel
from vln_desktop.ui.dialogs.recovery_key import NewRecoveryPanel
from vln_desktop.ui.messages import crash_of
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.pages import PagesPane

ROLES = (Role.AUDITOR, Role.MANAGER, Role.FINANCE, Role.ADMIN, Role.READONLY)

_UNREACHABLE = Profile("firm", "postgresql://127.0.0.1:9/vln")
"""A port where nobody listens, for the picture of a test that says so."""

DeskOf = Callable[[str], Desk]
"""Signs a demo person in and returns their desk."""


def walk(
    stage: Stage,
    tour: Tour,
    people: tuple[DemoPerson, ...],
    newcomer: Newcomer,
    desk_of: DeskOf,
) -> None:
    """Take every picture and print the papers."""
    with tour.making("sign-in.png") as path:
        stage.wait(lambda: bool(stage.program.page and stage.program.page.ready),
                   "the start page")  # fmt: skip
        stage.picture(path)
    _profile_dialogs(stage, tour)
    for role in ROLES:
        person = next(person for person in people if person.role is role)
        stage.sign_in(person.email)
        _panes(stage, tour, role)
        if role is Role.AUDITOR:
            _auditor_dialogs(stage, tour)
            show_past(stage, tour)
        if role is Role.MANAGER:
            _manager_dialogs(stage, tour)
        if role is Role.FINANCE:
            _finance_dialogs(stage, tour)
        if role is Role.ADMIN:
            show_past_unseen(stage, tour)
            access_dialogs(stage, tour)
            admin_dialogs(stage, tour)
        stage.sign_out()
    walk_sign_in(stage, tour, newcomer)
    _papers(tour, people, desk_of)


def _profile_dialogs(stage: Stage, tour: Tour) -> None:
    """What the start page offers about profiles; the profiles are those of this machine."""
    stage.program.edit_profiles()
    panel = stage.program.window.findChildren(ProfilesPanel)[-1]
    with tour.making("profiles.png") as path:
        stage.picture(path)
    panel.add()
    form = stage.program.window.findChildren(ProfileForm)[-1]
    with tour.making("profile-form.png") as path:
        stage.picture(path)
    form.close_panel()
    panel.test_profile(_UNREACHABLE)
    test = stage.program.window.findChildren(ConnectionTestPanel)[-1]
    with tour.making("connection-test.png") as path:
        stage.picture(path)
    for overlay in (test, panel):
        overlay.close_panel()
    stage.program.open_window()
    show_open(stage, tour, "new-window", NewWindowPanel)


def _panes(stage: Stage, tour: Tour, role: Role) -> None:
    for pane_id in stage.shell.specs:
        if isinstance(stage.shell.pane(pane_id), PagesPane):
            _pages(stage, tour, role, pane_id)
            continue
        with tour.making(f"{role.value}-{pane_id}.png", role=role.value, pane=pane_id) as path:
            pane = stage.open(pane_id)
            stage.picture(path)
        tour.files[-1]["rows"] = pane.model.rowCount()
        if role in (Role.AUDITOR, Role.FINANCE, Role.ADMIN) and not pane.detail.isHidden():
            _tabs(stage, tour, role, pane_id, pane)


def _pages(stage: Stage, tour: Tour, role: Role, pane_id: str) -> None:
    stage.shell.open_pane(pane_id)
    pages = stage.shell.pane(pane_id)
    if not isinstance(pages, PagesPane):
        raise TypeError(f"{pane_id} has no pages")
    for at, page in enumerate(pages.pages):
        pages.tabs.setCurrentIndex(at)
        name = f"{role.value}-{page.layout_data.id.replace('_', '-')}.png"
        with tour.making(name, role=role.value, pane=pane_id) as path:
            stage.wait_for_rows(page, page.layout_data.id)
            stage.picture(path)
        tour.files[-1]["rows"] = page.model.rowCount()
    pages.tabs.setCurrentIndex(0)


def _tabs(stage: Stage, tour: Tour, role: Role, pane_id: str, pane: GridPane[Any]) -> None:
    tabs = pane.detail.tabs
    for at in range(1, tabs.count()):
        if not tabs.isTabVisible(at):
            continue
        name = "-".join(tabs.tabText(at).split()).lower()
        word = name.rstrip("0123456789").rstrip("-")
        with tour.making(f"{role.value}-{pane_id}-{word}.png", role=role.value) as path:
            tabs.setCurrentIndex(at)
            stage.picture(path)
    tabs.setCurrentIndex(0)


def _auditor_dialogs(stage: Stage, tour: Tour) -> None:
    show_checklist(stage, tour)  # before the notices of other forms stand over the pictures
    show_overlay(stage, tour, "palette", stage.shell.palette_panel)
    show_overlay(stage, tour, "shortcuts", stage.shell.shortcut_sheet)
    show_overlay(stage, tour, "about", stage.shell.about_panel)
    act(stage, tour, "session.mentions", "mentions.png")
    finding_dialogs(stage, tour)
    _credential(stage, tour)
    _scope(stage, tour)
    show_fix_review(stage, tour)
    _crash(stage, tour)


def _credential(stage: Stage, tour: Tour) -> None:
    """Show a client's credential of an audit that is worked on."""
    pane = audits_where(stage, "status:in_progress")
    pane.detail.tabs.setCurrentWidget(pane.credentials)
    pane.credentials.table.selectRow(0)
    stage.shell.workbench.commands.run("audits.reveal")
    with tour.making("credential.png") as path:
        stage.picture(path)
    leave_audits(stage, pane)


def _scope(stage: Stage, tour: Tour) -> None:
    """Show what is known of an audit that is worked on, and the forms of its scope."""
    pane = audits_where(stage, "status:in_progress service:smart_contract_audit")
    pane.detail.tabs.setCurrentWidget(pane.known)
    with tour.making("known-issues.png") as path:
        stage.picture(path)
    act(stage, tour, "audits.known_add", "known-issue.png")
    act(stage, tour, "audits.add_deployment", "deployment.png")
    leave_audits(stage, pane)


def _crash(stage: Stage, tour: Tour) -> None:
    dialog = CrashDialog(stage.program.theme, stage.program.window)
    dialog.show_crash(crash_of(RuntimeError("a made-up fault, for the picture")))
    with tour.making("crash.png") as path:
        stage.picture(path, dialog)
    dialog.close()


def _manager_dialogs(stage: Stage, tour: Tour) -> None:
    show_managed(stage, tour)
    pane = stage.open("audits")
    if not isinstance(pane, AuditsPane):
        raise TypeError("the audits pane is another one")
    pane.add_person()
    show_open(stage, tour, "add-person", AddPersonPanel)
    pane.credentials.add()
    show_open(stage, tour, "add-credential", AddCredentialPanel)
    act(stage, tour, "audits.schemes", "severity-scheme.png")
    stage.shell.workbench.commands.run("session.keys")
    stage.rest()
    keys = stage.program.window.window().findChildren(KeysPanel)[-1]
    keys.set_up.click()
    show_open(stage, tour, "recovery-key", NewRecoveryPanel)
    show_open(stage, tour, "keys", KeysPanel)
    manager_dialogs(stage, tour)
    show_reports(stage, tour)
    stage.open("scanner_rules")
    act(stage, tour, "scanner_rules.edit", "scanner-rule.png")


def _finance_dialogs(stage: Stage, tour: Tour) -> None:
    act(stage, tour, "access.read", "findings-on-request.png", read_the_worst)
    pane = stage.open("invoices")
    for state, command in (("draft", "edit"), ("draft", "issue"), ("open", "payment"),
                           ("draft", "new")):  # fmt: skip
        pane.filter_bar.set_text(f"state:{state}")
        stage.rest()
        stage.open("invoices")
        act(stage, tour, f"invoices.{command}", f"invoice-{command}.png")
    pane.filter_bar.set_text("")
    show_sellers(stage, tour)


def _papers(tour: Tour, people: tuple[DemoPerson, ...], desk_of: DeskOf) -> None:
    """Print the report with the most findings and the newest paid invoice."""
    manager = desk_of(next(p.email for p in people if p.role is Role.MANAGER))
    audits: dict[str, int] = {}
    for record in Listing(manager.database, FINDINGS).records("state:confirmed,ready"):
        number = str(record["number"]).rpartition("-")[0]
        audits[number] = audits.get(number, 0) + 1
    number = max(audits, key=lambda one: (audits[one], one))
    with tour.making("report.pdf", audit=number, findings=audits[number]) as path:
        manager.report_papers.write(manager.audits.find(number), path)
    print_signed(tour, manager)
    finance = desk_of(next(p.email for p in people if p.role is Role.FINANCE))
    paid = next(Listing(finance.database, INVOICES).records("state:paid", 1))
    with tour.making("invoice.pdf", invoice=paid["number"]) as path:
        path.write_bytes(finance.invoice_papers.print(finance.invoices.find(str(paid["number"]))))
