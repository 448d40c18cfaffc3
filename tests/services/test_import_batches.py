"""Two scans of two commits, what a person chooses, and batches that are taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests.firm import Firm
from tests.formats.commits import AFTER, BEFORE, slither_of, write_sources
from vln_desktop.domain.findings import ReviewState, Severity, TriageField
from vln_desktop.domain.imports import LEFT_OUT, Became, Choices, ImportPlan
from vln_desktop.errors import UserError
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.import_batches import ImportBatches
from vln_desktop.services.imports import ImportsService, read_files


class Desk:
    """An auditor with an audit, who scans commits."""

    def __init__(self, firm: Firm, folder: Path) -> None:
        database = firm.sign_in("auditor.a")
        self.audit: UUID = firm.a.id("audit_requests")
        self.imports = ImportsService(database)
        self.findings = FindingsService(database)
        self.batches = ImportBatches(database)
        self._folder = folder

    def file(self, sources: dict[str, str], name: str, *, source: bool = True) -> Path:
        """Write a scan of sources; `source`: lay the tree beside it too."""
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(slither_of(sources)), "utf-8")
        if source:
            write_sources(sources, self.tree(name))
        return path

    def tree(self, name: str) -> Path:
        return self._folder / name

    def scan(
        self, sources: dict[str, str], name: str, *, source: bool = True,
        choices: Choices | None = None,
    ) -> ImportPlan:  # fmt: skip
        path = self.file(sources, name, source=source)
        read = read_files([path], source=self.tree(name) if source else None)
        return self.imports.apply(self.audit, read, choices=choices or Choices())


@pytest.fixture
def desk(firm: Firm, tmp_path: Path) -> Desk:
    return Desk(firm, tmp_path)


def _numbers(plan: ImportPlan, became: Became) -> list[str]:
    return [i.result.title for f in plan.files for i in f.items if i.became is became]


@pytest.mark.parametrize("source", [True, False])
def test_a_second_commit_brings_nothing_new_and_loses_nothing(desk: Desk, source: bool) -> None:
    first = desk.scan(BEFORE, "before", source=source)
    ids = [item.finding_id for item in first.files[0].items if item.finding_id]
    assert len(ids) == 9
    desk.findings.triage(ids[:4], TriageField.REVIEW_STATE, ReviewState.CONFIRMED.value)
    desk.findings.triage(ids, TriageField.SEVERITY, Severity.LOW.value)
    state = {one: desk.findings.get(one) for one in ids}

    second = desk.scan(AFTER, "after", source=source)

    assert _numbers(second, Became.CREATED) == []
    assert second.count(Became.KNOWN) == 9
    assert {item.finding_id for item in second.files[0].items} == set(ids)
    assert second.files[0].would_close == ()
    for one in ids:
        found = desk.findings.get(one)
        assert found.severity is Severity.LOW
        assert found.review_state is state[one].review_state


def test_each_result_is_the_finding_of_its_own_statement(desk: Desk) -> None:
    first = desk.scan(BEFORE, "before")
    second = desk.scan(AFTER, "after")
    said = {item.finding_id: item.result for item in first.files[0].items}
    for item in second.files[0].items:
        before = said[item.finding_id]
        assert before.rule == item.result.rule
        assert before.place.function == item.result.place.function


def test_what_is_gone_is_offered_unticked_and_closed_only_if_chosen(desk: Desk) -> None:
    desk.scan(BEFORE, "before")
    fixed = {path: text.replace("//@ tx-origin Medium", "") for path, text in AFTER.items()}
    [gone] = desk.scan(fixed, "fixed").files[0].would_close
    assert desk.findings.get(gone.id).review_state is ReviewState.CANDIDATE

    plan = desk.scan(fixed, "fixed", choices=Choices(close=frozenset({gone.id})))

    assert [one.id for one in plan.files[0].closed] == [gone.id]
    assert desk.findings.get(gone.id).review_state is ReviewState.INVALID


def test_what_somebody_has_judged_is_never_closed_by_a_scan(desk: Desk) -> None:
    desk.scan(BEFORE, "before")
    fixed = {path: text.replace("//@ tx-origin Medium", "") for path, text in AFTER.items()}
    [gone] = desk.scan(fixed, "fixed").files[0].would_close
    desk.findings.triage([gone.id], TriageField.REVIEW_STATE, ReviewState.CONFIRMED.value)

    plan = desk.scan(fixed, "fixed", choices=Choices(close=frozenset({gone.id})))

    assert plan.files[0].closed == ()
    assert desk.findings.get(gone.id).review_state is ReviewState.CONFIRMED


def test_a_scan_of_other_code_of_the_audit_closes_nothing(desk: Desk) -> None:
    desk.scan(BEFORE, "before")
    other = {"bridge/Relay.sol": BEFORE["contracts/Owned.sol"].replace("Owned", "Relay")}
    assert desk.scan(other, "other").files[0].would_close == ()


def test_a_failed_run_closes_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.scan(BEFORE, "before")
    body = slither_of({"contracts/Owned.sol": BEFORE["contracts/Owned.sol"]})
    path = tmp_path / "failed.json"
    path.write_text(json.dumps(body | {"success": False, "error": "compiler not found"}), "utf-8")
    [file] = desk.imports.preview(desk.audit, read_files([path])).files
    assert file.would_close == ()
    assert "failed" in file.errors[0]


def test_a_result_that_is_left_out_is_told_and_makes_no_finding(desk: Desk) -> None:
    plan = desk.scan(BEFORE, "before", choices=Choices(left_out=frozenset({(0, 1), (0, 2)})))
    assert plan.count(Became.CREATED) == 7
    assert [i.reason for i in plan.files[0].items if i.became is Became.REFUSED] == [LEFT_OUT] * 2
    assert desk.scan(BEFORE, "before").count(Became.CREATED) == 2


def test_a_batch_is_taken_back_but_for_what_was_touched_since(desk: Desk) -> None:
    plan = desk.scan(BEFORE, "before")
    touched, commented, *_ = [i.finding_id for i in plan.files[0].items if i.finding_id]
    desk.findings.triage([touched], TriageField.SEVERITY, Severity.CRITICAL.value)
    desk.findings.comment(commented, "Look at this.")
    assert plan.batch_id is not None

    undone = desk.batches.undo(plan.batch_id)

    assert (undone.archived, undone.reopened, len(undone.kept)) == (7, 0, 2)
    assert desk.findings.get(touched).severity is Severity.CRITICAL
    with pytest.raises(UserError, match="already"):
        desk.batches.undo(plan.batch_id)
    again = desk.scan(BEFORE, "before")
    assert (again.count(Became.CREATED), again.count(Became.KNOWN)) == (7, 2)


def test_taking_back_opens_again_what_the_batch_closed(desk: Desk) -> None:
    desk.scan(BEFORE, "before")
    fixed = {path: text.replace("//@ tx-origin Medium", "") for path, text in AFTER.items()}
    [gone] = (
        desk.imports.preview(
            desk.audit, read_files([desk.file(fixed, "fixed")], source=desk.tree("fixed"))
        )
        .files[0]
        .would_close
    )
    plan = desk.scan(fixed, "fixed", choices=Choices(close=frozenset({gone.id})))
    assert plan.batch_id is not None

    assert desk.batches.undo(plan.batch_id).reopened == 1
    assert desk.findings.get(gone.id).review_state is ReviewState.CANDIDATE


def test_the_history_tells_each_batch_newest_first(desk: Desk) -> None:
    desk.scan(BEFORE, "before")
    read = read_files([desk.file(AFTER, "one"), desk.file(AFTER, "two")])
    desk.imports.apply(desk.audit, read)

    newest, oldest, *_ = desk.batches.list(desk.audit)

    assert [file.name for file in newest.files] == ["one.json", "two.json"]
    assert (newest.created, oldest.created) == (0, 9)
    assert oldest.files[0].counts == {Became.CREATED: 9}
    assert newest.mine


def test_nobody_takes_back_what_a_colleague_imported(desk: Desk, firm: Firm) -> None:
    plan = desk.scan(BEFORE, "before")
    assert plan.batch_id is not None
    with pytest.raises(UserError):
        ImportBatches(firm.sign_in("manager.a")).undo(plan.batch_id)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        firm.psql("manager.a").execute("UPDATE vln.scan_imports SET undone_at = now()")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        firm.psql("auditor.a").execute("UPDATE vln.scan_imports SET closed_ids = '{}'")


def test_findings_of_the_same_text_in_one_file_stay_apart(desk: Desk) -> None:
    twice = {"a.sol": BEFORE["contracts/Owned.sol"], "b.sol": BEFORE["contracts/Owned.sol"]}
    plan = desk.scan(twice, "twice")
    kept = {item.fingerprint for item in plan.files[0].items}
    assert len(kept) == len(plan.files[0].items)
    assert replace(plan, batch_id=None).count(Became.CREATED) == 6
