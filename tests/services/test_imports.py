"""Imports on the real database, as the auditor: what each result becomes, and nothing twice."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.factories import insert
from tests.firm import Firm
from tests.formats.scan_bodies import place, result, sarif_log, sarif_run
from vln_desktop.domain.imports import Became, FilePlan, ImportPlan
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services.imports import ImportsService, changes_of, read_files

FIXTURES = Path(__file__).parents[1] / "formats" / "fixtures"
SLITHER = FIXTURES / "vault.slither.json"
SARIF = FIXTURES / "vault.sarif"

Write = Callable[..., Path]


@pytest.fixture
def imports(firm: Firm) -> ImportsService:
    return ImportsService(firm.sign_in("auditor.a"))


@pytest.fixture
def audit(firm: Firm) -> UUID:
    return firm.a.id("audit_requests")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a SARIF log of one run of a tool called Probe."""

    def written(*results: Any, name: str = "probe.sarif", **run: Any) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(sarif_log(sarif_run(list(results), **run))), "utf-8")
        return path

    return written


def run(imports: ImportsService, audit: UUID, *paths: Path, **options: Any) -> ImportPlan:
    return imports.apply(audit, read_files(paths, **options))


def became(file: FilePlan) -> dict[str, int]:
    return {word.value: file.count(word) for word in Became if file.count(word)}


def count(firm: Firm, table: str) -> int:
    row = firm.owner.execute(f"SELECT count(*) FROM vln.{table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def finding_of(firm: Firm, item_id: UUID | None) -> dict[str, Any]:
    columns = ("number", "title", "kind", "severity", "category", "weakness_id", "suppressed",
               "suppression_reason", "fingerprint", "review_state", "finder_id")  # fmt: skip
    row = firm.owner.execute(
        f"SELECT {', '.join(columns)} FROM vln.findings WHERE id = %s".encode(), [item_id]
    ).fetchone()
    assert row is not None
    return dict(zip(columns, row, strict=True))


def test_a_first_import_makes_findings_with_places_and_says_what_each_result_became(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    (file,) = run(imports, audit, SLITHER).files
    assert became(file) == {"created": 2}
    made = finding_of(firm, file.items[0].finding_id)
    assert made["title"] == "Reentrancy in Vault.withdraw(uint256)"
    assert (made["severity"], made["kind"]) == ("high", "vulnerability")
    assert (made["category"], made["weakness_id"]) == ("reentrancy", "CWE-841")
    assert made["review_state"] == "candidate"
    assert made["finder_id"] == firm.people["auditor.a"].id
    places = firm.owner.execute(
        "SELECT ordinal, path, start_line, function FROM vln.finding_locations"
        " WHERE finding_id = %s ORDER BY ordinal", [file.items[0].finding_id]
    ).fetchall()  # fmt: skip
    assert places == [
        (0, "contracts/Vault.sol", 11, "Vault.withdraw(uint256)"),
        (1, "contracts/Vault.sol", 13, "Vault.withdraw(uint256)"),
    ]


def test_findings_are_numbered_in_the_files_order(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    (file,) = run(imports, audit, SLITHER).files
    numbers = [finding_of(firm, item.finding_id)["number"] for item in file.items]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 2


def test_the_same_file_twice_creates_nothing(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    run(imports, audit, SLITHER)
    before = count(firm, "findings"), count(firm, "finding_locations")
    (again,) = run(imports, audit, SLITHER).files
    assert became(again) == {"known": 2}
    assert (count(firm, "findings"), count(firm, "finding_locations")) == before
    assert again.would_close == ()


def test_the_same_file_twice_in_one_import_creates_its_findings_once(
    imports: ImportsService, audit: UUID
) -> None:
    first, second = run(imports, audit, SLITHER, SLITHER).files
    assert (became(first), became(second)) == ({"created": 2}, {"known": 2})


def test_sarif_and_json_of_one_run_are_the_same_findings(
    imports: ImportsService, audit: UUID
) -> None:
    run(imports, audit, SLITHER)
    (file,) = run(imports, audit, SARIF).files
    assert became(file) == {"created": 1, "known": 1}
    assert [gone.title for gone in file.would_close] == ["solc 0.8.24 is an outdated version"]


def test_every_result_has_a_row_that_says_what_became_of_it(
    firm: Firm, imports: ImportsService, audit: UUID, write: Write
) -> None:
    twice = result(locations=[place("a.sol", 3, startColumn=2)])
    path = write(twice, twice, result("R2", kind="pass"), "nonsense")
    (file,) = run(imports, audit, path).files
    rows = firm.owner.execute(
        "SELECT i.ordinal, became, finding_id IS NULL, reason <> '' FROM vln.scan_import_items i"
        " JOIN vln.scan_imports s ON s.id = i.import_id WHERE file_name = 'probe.sarif'"
        " ORDER BY i.ordinal"
    ).fetchall()
    assert rows == [
        (0, "created", False, False),
        (1, "merged", False, True),
        (2, "refused", True, True),
        (3, "refused", True, True),
    ]
    assert became(file) == {"created": 1, "merged": 1, "refused": 2}


def test_a_suppressed_result_is_imported_and_marked(
    firm: Firm, imports: ImportsService, audit: UUID, write: Write
) -> None:
    why = [{"kind": "inSource", "justification": "by design"}]
    (file,) = run(imports, audit, write(result(suppressions=why))).files
    made = finding_of(firm, file.items[0].finding_id)
    assert (made["suppressed"], made["suppression_reason"]) == (True, "by design")
    assert file.suppressed == 1


def test_a_remediated_finding_that_comes_back_has_reappeared(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    (file,) = run(imports, audit, SLITHER).files
    firm.owner.execute(
        "UPDATE vln.findings SET fix_verdict = 'fixed' WHERE id = %s", [file.items[0].finding_id]
    )
    (again,) = run(imports, audit, SLITHER).files
    assert became(again) == {"known": 1, "reappeared": 1}


def test_a_finding_called_invalid_stays_known(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    (file,) = run(imports, audit, SLITHER).files
    firm.owner.execute(
        "UPDATE vln.findings SET review_state = 'invalid' WHERE id = %s",
        [file.items[0].finding_id],
    )
    (again,) = run(imports, audit, SLITHER).files
    assert became(again) == {"known": 2}


def test_what_a_person_wrote_is_never_overwritten(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    (file,) = run(imports, audit, SLITHER).files
    key = file.items[0].finding_id
    firm.owner.execute(
        "UPDATE vln.findings SET title = 'Mine', severity = 'low' WHERE id = %s", [key]
    )
    run(imports, audit, SLITHER)
    assert finding_of(firm, key)["title"] == "Mine"


def test_findings_that_a_tool_reports_no_more_would_close_and_stay(
    firm: Firm, imports: ImportsService, audit: UUID, write: Write
) -> None:
    run(imports, audit, write(result("R1"), result("R2")))
    before = count(firm, "findings")
    (file,) = run(imports, audit, write(result("R1"))).files
    assert [gone.title for gone in file.would_close] == ["It leaks"]
    assert count(firm, "findings") == before


def test_another_tool_closes_nothing(imports: ImportsService, audit: UUID, write: Write) -> None:
    run(imports, audit, SLITHER)
    (file,) = run(imports, audit, write(result("R1"))).files
    assert file.would_close == ()


@pytest.mark.parametrize(
    "broken", [{"results": None}, {"invocations": [{"executionSuccessful": False}]}]
)
def test_a_run_that_failed_or_says_nothing_closes_nothing(
    imports: ImportsService, audit: UUID, write: Write, tmp_path: Path, broken: dict[str, Any]
) -> None:
    run(imports, audit, write(result("R1")))
    path = tmp_path / "broken.sarif"
    path.write_text(json.dumps(sarif_log({**sarif_run([]), **broken})), "utf-8")
    (file,) = run(imports, audit, path).files
    assert file.would_close == ()
    assert file.warnings


def test_moved_lines_are_known(imports: ImportsService, audit: UUID, write: Write) -> None:
    run(imports, audit, write(result(locations=[place("a.sol", 3)])))
    (file,) = run(imports, audit, write(result(locations=[place("b/../a.sol", 90)]))).files
    assert became(file) == {"known": 1}


def test_a_preview_says_what_the_import_then_does_and_changes_nothing(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    before = count(firm, "findings"), count(firm, "scan_imports")
    preview = imports.preview(audit, read_files([SLITHER, SARIF]))
    assert (count(firm, "findings"), count(firm, "scan_imports")) == before
    applied = run(imports, audit, SLITHER, SARIF)
    assert [became(f) for f in applied.files] == [became(f) for f in preview.files]


def test_a_refused_file_does_not_stop_the_others(
    firm: Firm, imports: ImportsService, audit: UUID, tmp_path: Path
) -> None:
    broken = tmp_path / "cut.sarif"
    broken.write_bytes(SARIF.read_bytes()[:400])
    missing = tmp_path / "missing.sarif"
    before = count(firm, "scan_imports")
    cut, gone, whole = run(imports, audit, broken, missing, SLITHER).files
    assert "cut off" in cut.errors[0]
    assert gone.errors == ("There is no such file.",)
    assert became(whole) == {"created": 2}
    assert count(firm, "scan_imports") == before + 1


def test_the_firms_own_grading_goes_before_the_files(
    firm: Firm, imports: ImportsService, audit: UUID, write: Write
) -> None:
    rule = {"tool": "Probe", "rule_id": "R1", "severity": "critical", "kind": "quality"}
    insert(firm.owner, "scanner_rules", {"id": UUID(int=7), **rule})
    (file,) = run(imports, audit, write(result("R1"))).files
    made = finding_of(firm, file.items[0].finding_id)
    assert (made["severity"], made["kind"]) == ("critical", "quality")


def test_snippets_are_stored_with_the_places(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    (file,) = run(imports, audit, SARIF, source=FIXTURES / "source").files
    row = firm.owner.execute(
        "SELECT snippet FROM vln.finding_locations WHERE finding_id = %s",
        [file.items[0].finding_id],
    ).fetchone()
    assert row is not None
    assert "function withdraw" in row[0]


def test_the_json_is_the_contracts(imports: ImportsService, audit: UUID) -> None:
    (file,) = imports.preview(audit, read_files([SARIF])).files
    assert file.as_json() == {
        "file": str(SARIF),
        "tool": "Slither",
        "format": "sarif",
        "results": 2,
        "created": 2,
        "known": 0,
        "reappeared": 0,
        "merged": 0,
        "refused": 0,
        "would_close": 0,
        "suppressed": 0,
        "by_severity": {"critical": 0, "high": 1, "medium": 0, "low": 0, "informational": 1},
        "errors": [],
    }


def test_two_people_importing_one_file_at_once_create_it_once(firm: Firm, audit: UUID) -> None:
    services = [ImportsService(firm.sign_in(login)) for login in ("auditor.a", "manager.a")]
    with ThreadPoolExecutor(2) as pool:
        plans = list(pool.map(lambda service: run(service, audit, SLITHER), services))
    created = [plan.count(Became.CREATED) for plan in plans]
    assert sorted(created) == [0, 2]


def test_progress_counts_to_the_end(imports: ImportsService, audit: UUID) -> None:
    told: list[tuple[int, int]] = []
    imports.apply(audit, read_files([SLITHER]), lambda done, whole: told.append((done, whole)))
    assert told[-1][0] == told[-1][1]
    assert told == sorted(told)


def test_an_import_that_fails_leaves_nothing_behind(
    firm: Firm, imports: ImportsService, audit: UUID
) -> None:
    before = count(firm, "findings"), count(firm, "scan_imports")

    def stop(done: int, whole: int) -> None:
        if done == whole:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.apply(audit, read_files([SLITHER]), stop)
    assert (count(firm, "findings"), count(firm, "scan_imports")) == before


@pytest.mark.parametrize("login", ["auditor.b", "auditor.n", "manager.b"])
def test_who_does_not_work_on_the_audit_cannot_import(firm: Firm, audit: UUID, login: str) -> None:
    with pytest.raises(UserError, match="may not see it"):
        run(ImportsService(firm.sign_in(login)), audit, SLITHER)


@pytest.mark.parametrize("login", ["admin", "finance", "readonly"])
def test_a_role_without_the_right_cannot_import(firm: Firm, audit: UUID, login: str) -> None:
    with pytest.raises(NotPermitted):
        run(ImportsService(firm.sign_in(login)), audit, SLITHER)


def test_a_stranger_audit_is_not_there(imports: ImportsService) -> None:
    with pytest.raises(UserError):
        imports.preview(UUID(int=1), read_files([SLITHER]))


def test_changes_name_the_new_findings(imports: ImportsService, audit: UUID) -> None:
    plan = run(imports, audit, SLITHER)
    assert changes_of(plan).ids == {item.finding_id for item in plan.files[0].items}


def test_every_real_file_imports_with_all_its_results_or_not_at_all(
    firm: Firm, imports: ImportsService, audit: UUID, shared_data: Path
) -> None:
    folder = shared_data / "scans"
    with (folder / "INDEX.csv").open(encoding="utf-8", newline="") as index:
        wanted = {folder / line["file"]: line["results"] for line in csv.DictReader(index)}
    before = count(firm, "scan_import_items")
    plan = run(imports, audit, *wanted)
    whole = 0
    for file, (path, results) in zip(plan.files, wanted.items(), strict=True):
        if file.file.scan is None:
            assert len(file.errors) == 1, path.name
        else:
            assert str(len(file.items)) == results, path.name
            assert sum(file.count(word) for word in Became) == len(file.items)
            whole += len(file.items)
    assert count(firm, "scan_import_items") == before + whole
    again = imports.preview(audit, read_files(list(wanted)))
    assert again.count(Became.CREATED) == 0
