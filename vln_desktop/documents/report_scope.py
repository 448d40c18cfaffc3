"""The scope of a report: repositories and commits, files, deployed contracts, the team."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reportlab.platypus import Flowable, KeepTogether

from vln_desktop.documents import fonts
from vln_desktop.documents.styles import (
    CELL,
    CELL_BLOCK,
    CELL_BOLD,
    CELL_HEAD,
    CELL_RIGHT,
    HEADING,
    HEADING_BLOCK,
    LINK,
    MUTED,
    TEXT,
    TEXT_WIDTH,
    Ink,
)
from vln_desktop.documents.tables import RowTable, cell
from vln_desktop.documents.text import Run, TextBlock, headed, plain
from vln_desktop.documents.words import Words
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.report_content import ReportContent

_KEPT_TEAM = 20
"""A team of no more people than this is kept together, below its heading."""
_CODE_CELL = Ink(face=fonts.MONO, size=7.2)


def scope_chapter(content: ReportContent, words: Words) -> list[Flowable]:
    """Return what was audited, by whom."""
    found: list[Flowable] = []
    if content.repositories:
        found.extend(headed(words("repositories"), HEADING, HEADING_BLOCK))
        found.extend(repository_tables(content, words))
    if content.scope:
        found.extend(headed(words("files"), HEADING, HEADING_BLOCK))
        found.append(_files(content, words))
    elif content.service_type is ServiceType.SMART_CONTRACT_AUDIT and not content.deployments:
        found.append(plain(words("no_files")))
    return [*found, *_deployments(content, words), *_team(content, words)]


def repository_tables(content: ReportContent, words: Words) -> Iterable[Flowable]:
    """Return each repository with its commits."""
    for repository in content.repositories:
        link = repository.url if repository.url.startswith("https://") else ""
        ink = replace(CELL, colour=LINK if link else TEXT, link=link)
        facts = [(words("repository"), Run(repository.url, ink))]
        branch = f" ({repository.branch})" if repository.branch else ""
        facts.append((words("commit"), Run(repository.commit + branch, _CODE_CELL)))
        if repository.fix_commit:
            facts.append((words("fix_commit"), Run(repository.fix_commit, _CODE_CELL)))
        rows = [[cell(name, CELL_HEAD), TextBlock((run,), CELL_BLOCK)] for name, run in facts]
        yield RowTable(rows, (104, TEXT_WIDTH - 104), headers=0)


def _files(content: ReportContent, words: Words) -> RowTable:
    scope = content.scope
    rows = [
        [
            cell(words("file"), CELL_HEAD),
            cell(words("sha256"), CELL_HEAD),
            cell(words("nsloc"), CELL_HEAD, CELL_RIGHT),
        ]
    ]
    rows.extend(
        [
            cell(file.path, _CODE_CELL),
            cell(file.sha256, replace(_CODE_CELL, size=6.4, colour=MUTED)),
            cell(words.number(file.nsloc), CELL, CELL_RIGHT),
        ]
        for file in scope
    )
    total = words.number(sum(file.nsloc for file in scope))
    rows.append(
        [cell(words("total"), CELL_BOLD), cell("", CELL), cell(total, CELL_BOLD, CELL_RIGHT)]
    )
    return RowTable(rows, (TEXT_WIDTH - 312, 262, 50))


def _deployments(content: ReportContent, words: Words) -> list[Flowable]:
    deployments = content.deployments
    if not deployments:
        return []
    heads = [cell(words(key), CELL_HEAD) for key in ("contract", "network", "address")]
    rows = [
        [cell(d.contract, _CODE_CELL), cell(d.network, CELL), cell(d.address, _CODE_CELL)]
        for d in deployments
    ]
    table = RowTable([heads, *rows], (TEXT_WIDTH - 312, 96, 216))
    return [*headed(words("deployments"), HEADING, HEADING_BLOCK), table]


def _team(content: ReportContent, words: Words) -> list[Flowable]:
    team = content.team
    if not team:
        return []
    rows = [[cell(m.name, CELL_BOLD), cell(m.duty, CELL)] for m in team]
    table = RowTable(rows, (TEXT_WIDTH * 0.4, TEXT_WIDTH * 0.6), headers=0)
    guard, title = headed(words("team"), HEADING, HEADING_BLOCK)
    return [KeepTogether([title, table])] if len(team) <= _KEPT_TEAM else [guard, title, table]
