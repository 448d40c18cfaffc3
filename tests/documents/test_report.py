"""The printed report, as independent readers see it."""

from __future__ import annotations

import io
import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from zlib import crc32

import pikepdf
import pytest
from PIL import Image

from tests.documents.readers import check_paper, engine_pages, flat, pages_of, read_with, text_of
from tests.documents.samples import gas_finding, report, sections
from vln_desktop.documents.report import render_report
from vln_desktop.domain.report_content import (
    ReportContent,
    ReportEvidence,
    ReportLocation,
    ScopeFile,
    TeamMember,
)
from vln_desktop.domain.report_json import from_json, to_json
from vln_desktop.domain.reports import (
    ReportStatus,
    SectionKind,
)

GREEK_AND_CYRILLIC = "Αποκεντρωμένο Ανταλλακτήριο «Ёжик»"
LONG = "Übermäßig langer Name " * 9 + "X" * 120
SHAPES = {
    "one": report(1),
    "fourteen": report(14),
    "none": report(0, sections=sections("", "", ""), scope=(), team=()),
    "names": report(2, client=LONG, project=LONG, distribution=LONG, language="de"),
    "scripts": report(2, project=GREEK_AND_CYRILLIC, status=ReportStatus.DRAFT),
    "titles": report(
        2, findings=tuple(replace(f, title="W" * 10_000 + "\n") for f in report(2).findings)
    ),
    "locations": report(
        1, findings=(replace(report(1).findings[0], locations=(ReportLocation(LONG),) * 300),)
    ),
    "gas": report(2, findings=(*report(1).findings, gas_finding())),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_of_any_shape_is_sound(shape: str) -> None:
    check_paper(render_report(SHAPES[shape]))


def test_every_title_stands_once_in_the_contents_and_once_on_its_card() -> None:
    content = report(14)
    pdf = render_report(content)
    pages = pages_of(pdf)
    contents = flat(pages[1])
    start = next(at for at, page in enumerate(pages) if "Findings\n" in page and at > 3)
    cards = flat("".join(pages[start:]))
    for finding in content.findings:
        title = re.escape(finding.title) + r"(?! \(case)"
        assert len(re.findall(title, contents)) == 1, finding.title
        assert len(re.findall(title, cards)) == 1, finding.title


def test_contents_name_the_page_on_which_each_finding_stands() -> None:
    content = report(14)
    pdf = render_report(content)
    contents = read_with("pdftotext", pdf, "-f", "2", "-l", "2", "-layout", "PDF", "-")
    for finding in content.findings:
        line = next(row for row in contents.splitlines() if finding.label in row)
        named = re.search(r"(\d+)$", line.strip())
        if named is None:  # the title takes two lines, the number stands on the second
            continue
        page = read_with("pdftotext", pdf, "-f", named[1], "-l", named[1], "PDF", "-")
        assert finding.label in page


def test_pages_are_counted() -> None:
    pdf = render_report(report(3))
    pages = pages_of(pdf)
    assert "Page" not in pages[0].split("\n")[-2]
    for number, page in enumerate(pages[1:], 2):
        assert f"Page {number} of {len(pages)}" in page


def test_links_and_bookmarks_lead_to_every_finding() -> None:
    content = report(14)
    with pikepdf.open(io.BytesIO(render_report(content))) as pdf:
        with pdf.open_outline() as outline:
            chapters = {item.title: item for item in outline.root}
            titles = [child.title for child in chapters["Findings"].children]
        assert titles == [f"{f.label} {f.title}" for f in content.findings]
        links = [a for a in pdf.pages[1].Annots if a.Subtype == "/Link"]
        assert len(links) == len(content.findings) + len(chapters)


@pytest.mark.parametrize("status", list(ReportStatus))
def test_every_page_of_a_draft_says_so(status: ReportStatus) -> None:
    content = report(2, status=status)
    marked = ["DRAFT" in page for page in engine_pages(render_report(content))]
    assert all(marked) if content.is_draft else not any(marked)


def test_same_content_gives_the_same_bytes() -> None:
    content = from_json(to_json(report(3)))
    assert render_report(report(3)) == render_report(content)


def test_metadata_tells_title_and_the_reports_own_date() -> None:
    with pikepdf.open(io.BytesIO(render_report(report(1)))) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Vault Protocol – Security audit report"
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260324")
        assert str(pdf.Root.Lang) == "en"


def test_german_reports_speak_german() -> None:
    text = text_of(render_report(report(2, language="de")))
    for word in ("Zusammenfassung", "Prüfgegenstand", "Kritisch", "20. März 2026", "Seite 2 von"):
        assert word in text


def test_hashes_of_the_scope_are_printed_whole() -> None:
    content = report(1)
    text = text_of(render_report(content))
    for file in content.scope:
        assert file.sha256 in text


def test_text_that_hides_or_reorders_is_shown_as_code_points() -> None:
    finding = replace(report(1).findings[0], title="safe\u202egnp.exe\u200b 한글 \x07")
    text = flat(read_with("pdftotext", render_report(report(1, findings=(finding,))), "PDF", "-"))
    for named in ("safe[U+202E]gnp.exe[U+200B]", "[U+D55C U+AE00]", "[U+0007]"):
        assert named in text


def test_a_process_of_its_own_prints_the_same_bytes() -> None:
    content = report(2)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(render_report, content).result() == render_report(content)


def test_threads_print_different_reports_at_once() -> None:
    contents = [report(count, project=f"Project {count}") for count in (1, 2, 3, 4)]
    expected = [render_report(content) for content in contents]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(render_report, contents)) == expected


def test_code_in_a_title_is_set_as_code_without_its_marks() -> None:
    finding = replace(report(1).findings[0], title="`Vault.sweep` is open ` to all")
    pdf = render_report(report(1, findings=(finding,)))
    assert flat(text_of(pdf)).count("Vault.sweep is open ` to all") == 3
    with pikepdf.open(io.BytesIO(pdf)) as paper, paper.open_outline() as outline:
        titles = [child.title for item in outline.root for child in item.children]
    assert titles == ["C-01 Vault.sweep is open ` to all"]


TEAM = tuple(TeamMember(f"Member {at} of the team", "Auditor") for at in range(4))


@pytest.mark.parametrize("files", [8, 9, 10, 11, 12])
def test_a_team_stands_on_one_page_below_its_heading(files: int) -> None:
    scope = tuple(ScopeFile(f"src/F{at}.sol", "ab" * 32, 10) for at in range(files))
    pages = pages_of(render_report(report(1, scope=scope, team=TEAM)))
    assert [page for page in pages if "Member" in page] == [
        page for page in pages if all(member.name in page for member in TEAM) and "Team\n" in page
    ]


@pytest.mark.parametrize("text", ["A text.", "As follows:\n\n```\n" + "call()\n" * 9 + "```\n"])
@pytest.mark.parametrize("places", range(1, 15))
def test_facts_never_end_a_page_without_the_text_they_introduce(places: int, text: str) -> None:
    locations = tuple(ReportLocation(f"src/F{at}.sol") for at in range(places))
    first, *others = report(7).findings
    longer = tuple(replace(one, description=f"{text}\n\n{one.description}") for one in others)
    content = report(7, findings=(replace(first, locations=locations), *longer))
    pages = pages_of(render_report(content))
    cards = [page for page in pages if "Locations" in page]
    assert cards
    assert [page for page in cards if "Description" not in page.rpartition("Locations")[2]] == []


@pytest.mark.parametrize("lines", [2, 18])
def test_a_short_listing_is_not_torn_apart(lines: int) -> None:
    (first,) = report(1).findings
    code = "```\n" + "".join(f"short({at})\n" for at in range(9)) + "```\n"
    told = replace(first, proof=code, impact="A paragraph.\n\n" * 2 * lines)
    pages = pages_of(render_report(report(1, findings=(told,))))
    (page,) = [page for page in pages if "short(" in page]
    assert "Proof of concept" in page.partition("short(0)")[0]


def painted(width: int, height: int, mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (width, height), 200).save(stream, "PNG")
    return stream.getvalue()


def with_evidence(*data: bytes) -> tuple[ReportContent, dict[str, bytes]]:
    """Return a report whose first finding is shown by pictures, and their bytes."""
    pictures = {sha256(one).hexdigest(): one for one in data}
    evidence = tuple(
        ReportEvidence(f"shot-{at}.png", "image/png", digest, f"Caption number {at}.")
        for at, digest in enumerate(pictures)
    )
    [first, *others] = report(3).findings
    return report(3, findings=(replace(first, evidence=evidence), *others)), pictures


def test_pictures_of_evidence_are_printed_with_their_captions_in_any_shape() -> None:
    content, pictures = with_evidence(
        painted(1600, 900), painted(30, 20, "L"), painted(200, 9000), painted(4000, 12)
    )
    pdf = render_report(content, pictures)
    check_paper(pdf)
    _head, _line, *images = read_with("pdfimages", pdf, "-list", "PDF").splitlines()
    assert len(images) == 4
    text = flat(text_of(pdf))
    assert all(f"Caption number {at}." in text for at in range(4))
    assert len(pdf) < 10 * len(render_report(content)), "scaled down to what paper shows"


def test_a_picture_that_is_missing_damaged_or_a_file_is_named_with_its_hash() -> None:
    content, pictures = with_evidence(painted(10, 10), b"\x89PNG\r\n\x1a\nbroken")
    for given in ({}, dict.fromkeys(pictures, b"\x89PNG\r\n\x1a\nbroken")):
        pdf = render_report(content, given)
        check_paper(pdf)
        text = flat(text_of(pdf)).replace(" ", "")
        assert all(digest in text for digest in pictures)
        assert " image " not in read_with("pdfimages", pdf, "-list", "PDF")


CHINESE = (
    "提款函数在更新余额之前发送以太币，攻击者可以重复提取同一笔余额，直到金库被掏空（重入攻击）。"
)


@pytest.mark.parametrize("count", [1, 14, 100])
def test_chinese_stands_in_titles_texts_code_contents_and_outline(count: int) -> None:
    told = f"| 步骤 | 金库 |\n|---|---|\n| 之前 | {CHINESE} |\n\n{CHINESE * 4}\n\n- 列表 `代码`\n"
    code = f"```solidity\nfunction f() {{}} // {CHINESE * 2}\n```\n"
    content = report(count, project="Хранилище Αρχή 金库协议", client="北京示例科技有限公司")
    findings = tuple(
        replace(one, title=f"重入提款 {one.title} 第{at}号", description=told, proof=code)
        for at, one in enumerate(content.findings)
    )
    pdf = render_report(replace(content, findings=findings))
    check_paper(pdf)
    pages = [re.sub(r"\s", "", page) for page in pages_of(pdf)]
    assert "金库协议" in pages[0]
    assert CHINESE.removesuffix("）。") in "".join(pages)
    with pikepdf.open(io.BytesIO(pdf)) as paper, paper.open_outline() as outline:
        titles = [child.title for item in outline.root for child in item.children]
    assert titles == [f"{one.label} {one.title}" for one in findings]
    whole = re.sub(r"[^\w]", "", "".join(pages))
    for one in findings:
        assert re.sub(r"[^\w]", "", one.title) in whole


def test_a_few_chinese_characters_make_a_paper_little_larger() -> None:
    plain = report(1)
    chinese = replace(plain, project="Vault Protocol 金库协议")
    assert len(render_report(chinese)) - len(render_report(plain)) < 12_000


def saved(picture: Image.Image, form: str) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form)
    return stream.getvalue()


NOISE = Image.effect_noise((40, 30), 90).convert("RGB")
HUGE = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
LIES = {
    "a program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n",
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "another format": saved(NOISE, "TIFF"),
    "half a picture": saved(NOISE, "PNG")[:900],
    "an enormous size": b"\x89PNG\r\n\x1a\n" + b"\0\0\0\r" + HUGE + crc32(HUGE).to_bytes(4, "big"),
    "no bytes": b"",
}


@pytest.mark.parametrize("lie", LIES)
def test_what_only_claims_to_be_a_picture_is_named_with_its_hash(lie: str) -> None:
    content, pictures = with_evidence(LIES[lie])
    pdf = render_report(content, pictures)
    check_paper(pdf)
    (digest,) = pictures
    assert digest in flat(text_of(pdf)).replace(" ", "")
    assert " image " not in read_with("pdfimages", pdf, "-list", "PDF")


def test_a_picture_of_another_kind_than_it_claims_is_printed_as_what_it_is() -> None:
    content, pictures = with_evidence(saved(NOISE, "JPEG"), saved(NOISE, "GIF"))
    pdf = render_report(content, pictures)
    check_paper(pdf)
    _head, _line, *images = read_with("pdfimages", pdf, "-list", "PDF").splitlines()
    assert len(images) == 2


def test_a_report_without_its_findings_chapter_prints_their_table_without_links() -> None:
    """A link that leads nowhere would be refused by what writes the file."""
    content = report(3)
    left = tuple(one for one in content.sections if one.kind is not SectionKind.FINDINGS)

    pdf = render_report(replace(content, sections=left))

    check_paper(pdf)
    assert all(finding.label in text_of(pdf) for finding in content.findings)
