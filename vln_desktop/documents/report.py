"""The audit report: cover, contents, summary, scope, findings, methodology and disclaimer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, PageBreak, Spacer

from vln_desktop.documents import fonts
from vln_desktop.documents.base import (
    ContentsEntry,
    FirstPage,
    Paper,
    PaperInfo,
    Place,
    Places,
)
from vln_desktop.documents.charts import SeverityChart
from vln_desktop.documents.cover import draw_cover
from vln_desktop.documents.finding_cards import finding_card, place_of, sort_of, title_runs
from vln_desktop.documents.markdown import flowables
from vln_desktop.documents.styles import (
    BODY,
    BODY_BLOCK,
    CELL,
    CELL_BLOCK,
    CELL_BOLD,
    CELL_HEAD,
    CELL_RIGHT,
    HEADING,
    HEADING_BLOCK,
    LINK,
    MUTED,
    NAVY,
    SEVERITY_COLOURS,
    SMALL,
    SMALL_BLOCK,
    TEXT,
    TEXT_WIDTH,
    TITLE,
    TITLE_BLOCK,
    Block,
    Ink,
)
from vln_desktop.documents.tables import RowTable
from vln_desktop.documents.text import Run, TextBlock, headed
from vln_desktop.documents.words import Words
from vln_desktop.domain.findings import FindingKind, FindingStatus, Severity
from vln_desktop.domain.reports import NO_PICTURES, Pictures, ReportContent, ReportFinding

_SETTLED = frozenset({FindingStatus.REMEDIATED, FindingStatus.DUPLICATE, FindingStatus.INVALID})
_FOLLOWING = {"scope": 300.0, "overview": 420.0, "disclaimer": 300.0}
"""These chapters follow on the same page where that much of it is left; others start a page."""
_KEPT_TEAM = 20
"""A team of no more people than this is kept together, below its heading."""
_ENTRY = Block(leading=15, before=7, after=1)
_SUBENTRY = Block(leading=13, after=1, left=48)
_CODE_CELL = Ink(face=fonts.MONO, size=7.2)


def render_report(content: ReportContent, pictures: Pictures = NO_PICTURES) -> bytes:
    """Print a report; pure: the same content and pictures give the same bytes.

    `pictures` holds the bytes of its evidence by SHA-256; what is missing is named instead.
    """
    words = Words(content.language)
    kind = words(f"report.{content.kind.value}")
    info = PaperInfo(
        title=f"{content.project} – {kind}",
        subject=f"{content.client}, {content.audit_number}, {words('version')} {content.version}",
        running_title=f"{content.project} – {kind}",
        running_note=f"{content.audit_number}  ·  {words('version')} {content.version}",
        language=content.language,
        dated=content.dated,
        draft=content.is_draft,
    )
    cover = partial(draw_cover, content=content, words=words)
    paper = Paper(info, words, FirstPage(cover, numbered=False, marked=False))
    return paper.render(_Report(content, words, paper.places, pictures).story())


class _Report:
    """Puts a report's story together, chapter by chapter."""

    def __init__(
        self, content: ReportContent, words: Words, places: Places, pictures: Pictures
    ) -> None:
        self._content, self._words, self._places = content, words, places
        self._pictures = pictures

    def story(self) -> list[Flowable]:
        """Return all flowables, the contents before the chapters they name."""
        chapters = [
            ("summary", self._summary()),
            ("scope", self._scope()),
            ("overview", self._overview()),
            ("findings", self._findings()),
            ("methodology", flowables(self._content.methodology)),
            ("disclaimer", flowables(self._content.disclaimer)),
        ]
        present = [(key, chapter) for key, chapter in chapters if chapter]
        story: list[Flowable] = [Spacer(0, 1), PageBreak(), *self._contents(present)]
        for at, (key, chapter) in enumerate(present):
            follows = at > 0 and key in _FOLLOWING
            story.append(CondPageBreak(_FOLLOWING[key]) if follows else PageBreak())
            story.append(Place(self._places, key, self._words(key), 0))
            story.append(TextBlock((Run(self._words(key), TITLE),), TITLE_BLOCK))
            story.extend(chapter)
        return story

    def _contents(self, chapters: Iterable[tuple[str, list[Flowable]]]) -> list[Flowable]:
        title = TextBlock((Run(self._words("contents"), TITLE),), TITLE_BLOCK)
        entries: list[Flowable] = [title]
        strong = Ink(face=fonts.MEDIUM, size=10.4, colour=NAVY)
        for key, _ in chapters:
            block = TextBlock((Run(self._words(key), strong),), _ENTRY)
            entries.append(ContentsEntry(self._places, key, block))
            if key == "findings":
                entries.extend(self._finding_entry(f) for f in self._content.findings)
        return entries

    def _finding_entry(self, finding: ReportFinding) -> ContentsEntry:
        label = Ink(face=fonts.MEDIUM, size=9, colour=SEVERITY_COLOURS[finding.severity])
        title = Ink(size=9, colour=TEXT)
        runs = title_runs(finding, title)
        block = TextBlock(runs, _SUBENTRY, Run(finding.label, label))
        return ContentsEntry(self._places, place_of(finding), block)

    def _summary(self) -> list[Flowable]:
        return flowables(self._content.executive_summary)

    def _scope(self) -> list[Flowable]:
        words, content = self._words, self._content
        found: list[Flowable] = []
        if content.repositories:
            found.extend(headed(words("repositories"), HEADING, HEADING_BLOCK))
            found.extend(self._repositories())
        found.extend(headed(words("files"), HEADING, HEADING_BLOCK))
        found.append(self._files() if content.scope else _plain(words("no_files")))
        return [*found, *self._deployments(), *self._team()]

    def _deployments(self) -> list[Flowable]:
        deployments = self._content.deployments
        if not deployments:
            return []
        heads = [_cell(self._words(key), CELL_HEAD) for key in ("contract", "network", "address")]
        rows = [
            [_cell(d.contract, _CODE_CELL), _cell(d.network, CELL), _cell(d.address, _CODE_CELL)]
            for d in deployments
        ]
        table = RowTable([heads, *rows], (TEXT_WIDTH - 312, 96, 216))
        return [*headed(self._words("deployments"), HEADING, HEADING_BLOCK), table]

    def _team(self) -> list[Flowable]:
        team = self._content.team
        if not team:
            return []
        rows = [[_cell(m.name, CELL_BOLD), _cell(m.duty, CELL)] for m in team]
        table = RowTable(rows, (TEXT_WIDTH * 0.4, TEXT_WIDTH * 0.6), headers=0)
        guard, title = headed(self._words("team"), HEADING, HEADING_BLOCK)
        return [KeepTogether([title, table])] if len(team) <= _KEPT_TEAM else [guard, title, table]

    def _repositories(self) -> Iterable[Flowable]:
        words = self._words
        for repository in self._content.repositories:
            link = repository.url if repository.url.startswith("https://") else ""
            ink = replace(CELL, colour=LINK if link else TEXT, link=link)
            facts = [(words("repository"), Run(repository.url, ink))]
            branch = f" ({repository.branch})" if repository.branch else ""
            facts.append((words("commit"), Run(repository.commit + branch, _CODE_CELL)))
            if repository.fix_commit:
                facts.append((words("fix_commit"), Run(repository.fix_commit, _CODE_CELL)))
            rows = [[_cell(name, CELL_HEAD), TextBlock((run,), CELL_BLOCK)] for name, run in facts]
            yield RowTable(rows, (104, TEXT_WIDTH - 104), headers=0)

    def _files(self) -> RowTable:
        words, scope = self._words, self._content.scope
        rows = [
            [
                _cell(words("file"), CELL_HEAD),
                _cell(words("sha256"), CELL_HEAD),
                _cell(words("nsloc"), CELL_HEAD, CELL_RIGHT),
            ]
        ]
        rows.extend(
            [
                _cell(file.path, _CODE_CELL),
                _cell(file.sha256, replace(_CODE_CELL, size=6.4, colour=MUTED)),
                _cell(words.number(file.nsloc), CELL, CELL_RIGHT),
            ]
            for file in scope
        )
        total = words.number(sum(file.nsloc for file in scope))
        rows.append(
            [_cell(words("total"), CELL_BOLD), _cell("", CELL), _cell(total, CELL_BOLD, CELL_RIGHT)]
        )
        return RowTable(rows, (TEXT_WIDTH - 312, 262, 50))

    def _overview(self) -> list[Flowable]:
        words, content = self._words, self._content
        found: list[Flowable] = [self._severity_table(), Spacer(0, 8)]
        found.append(SeverityChart(content.severity_counts, words))
        others = sum(f.kind is not FindingKind.VULNERABILITY for f in content.findings)
        if others:
            found.append(Spacer(0, 6))
            note = Run(words("others", count=others), SMALL)
            found.append(TextBlock((note,), SMALL_BLOCK))
        if content.findings:
            found += [Spacer(0, 12), self._finding_table()]
        return found

    def _severity_table(self) -> RowTable:
        words, findings = self._words, self._content.findings
        counts = self._content.severity_counts
        rows = [
            [
                _cell(words("severity"), CELL_HEAD),
                _cell(words("count"), CELL_HEAD, CELL_RIGHT),
                _cell(words("unresolved"), CELL_HEAD, CELL_RIGHT),
            ]
        ]
        for severity, count in counts.items():
            open_ones = _unresolved(findings, severity)
            ink = replace(CELL_BOLD, colour=SEVERITY_COLOURS[severity])
            rows.append(
                [
                    _cell(words(f"severity.{severity.value}"), ink),
                    _cell(words.number(count), CELL, CELL_RIGHT),
                    _cell(words.number(open_ones), CELL, CELL_RIGHT),
                ]
            )
        unresolved = sum(_unresolved(findings, severity) for severity in counts)
        rows.append(
            [
                _cell(words("total"), CELL_BOLD),
                _cell(words.number(sum(counts.values())), CELL_BOLD, CELL_RIGHT),
                _cell(words.number(unresolved), CELL_BOLD, CELL_RIGHT),
            ]
        )
        return RowTable(rows, (TEXT_WIDTH - 200, 100, 100))

    def _finding_table(self) -> RowTable:
        words = self._words
        heads = ("label", "title", "severity", "status")
        rows = [[_cell(words(key), CELL_HEAD) for key in heads]]
        for finding in self._content.findings:
            colour = SEVERITY_COLOURS[finding.severity]
            link = replace(CELL_BOLD, colour=colour, link=f"#{place_of(finding)}")
            rows.append(
                [
                    _cell(finding.label, link),
                    TextBlock(title_runs(finding, CELL), CELL_BLOCK),
                    _cell(sort_of(finding, words), replace(CELL, colour=colour)),
                    _cell(words(f"status.{finding.status.value}"), CELL),
                ]
            )
        return RowTable(rows, (48, TEXT_WIDTH - 212, 78, 86))

    def _findings(self) -> list[Flowable]:
        if not self._content.findings:
            return [_plain(self._words("no_findings"))]
        found: list[Flowable] = []
        for finding in self._content.findings:
            found.extend(finding_card(finding, self._words, self._places, self._pictures))
        return found


def _unresolved(findings: Sequence[ReportFinding], severity: Severity) -> int:
    return sum(
        finding.severity is severity
        and finding.kind is FindingKind.VULNERABILITY
        and finding.status not in _SETTLED
        for finding in findings
    )


def _plain(text: str) -> TextBlock:
    return TextBlock((Run(text, BODY),), BODY_BLOCK)


def _cell(text: str, ink: Ink, block: Block = CELL_BLOCK) -> TextBlock:
    return TextBlock((Run(text, ink),), block)
