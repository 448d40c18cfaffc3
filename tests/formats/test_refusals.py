"""Files that cannot be read are refused in one plain sentence, never with a traceback."""

from __future__ import annotations

import codecs
import json

import pytest

from tests.formats.scan_bodies import result, sarif_log, sarif_run
from vln_desktop.domain import scans
from vln_desktop.errors import UserError
from vln_desktop.formats import json_text, sarif
from vln_desktop.formats.detect import LATER_FORMATS, read_scan

LOG = json.dumps(sarif_log(sarif_run([result(text="naïve “quote”")])), ensure_ascii=False)


@pytest.mark.parametrize(
    "data",
    [
        LOG.encode("utf-8"),
        LOG.encode("utf-8-sig"),
        LOG.encode("utf-16"),
        codecs.BOM_UTF16_LE + LOG.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + LOG.encode("utf-16-be"),
        LOG.encode("utf-16-le"),
        LOG.encode("utf-16-be"),
        LOG.encode("utf-32"),
    ],
)
def test_every_unicode_encoding_is_read(data: bytes) -> None:
    assert read_scan(data).results[0].message == "naïve “quote”"


def test_a_few_foreign_bytes_are_replaced_with_a_warning() -> None:
    data = LOG.encode().replace("ï".encode(), b"\xef")
    file = read_scan(data)
    assert "�" in file.results[0].message
    assert file.warnings


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "empty"),
        (b"hello", "neither SARIF nor JSON"),
        (b"<sarif/>", "neither SARIF nor JSON"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (bytes(range(256)) * 40, "not text"),
        (LOG.encode()[:-9], "cut off"),
        (b'{"version": "2.1.0", "ru', "cut off"),
        (b'{"version": "2.1.0", "runs": [],\n}', "comma too many"),
        (b'{"version": "2.1.0", "runs": [1,]}', "comma too many"),
        (b"{'version': 1}", "line 1"),
        (b"{} trailing", "more text"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[" + b"9" * 10_000 + b"]", "number too long"),
        (b"{}", "which tool"),
        (b"[]", "which tool"),
        (b'"just text"', "not known"),
        (b"[1, 2, 3]", "not known"),
        (b'{"runs": {}, "version": "2.1.0"}', "no list of runs"),
        (b'{"runs": [7], "version": "2.1.0", "$schema": "sarif"}', "no object"),
        (b'{"runs": [{"results": {}}], "version": "2.1.0"}', "no list"),
        (b'[{"filePath": "a.js", "messages": []}]', "ESLint JSON comes in a later version"),
        (b'[{"check_type": "terraform"}]', "Checkov JSON comes in a later version"),
        (b'title,severity,description\n"a', "table cannot be read"),
    ],
)
def test_each_is_refused_with_its_own_sentence(data: bytes, words: str) -> None:
    with pytest.raises(UserError) as refused:
        read_scan(data)
    sentence = str(refused.value)
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_file_over_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_FILE_BYTES", 1024 * 1024)
    with pytest.raises(UserError, match="larger than 1 MB"):
        read_scan(b" " * (1024 * 1024 + 1))
    assert scans.MAX_FILE_BYTES == 100 * 1024 * 1024


def test_too_many_results_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    with pytest.raises(UserError, match="3 results"):
        read_scan(json.dumps(sarif_log(sarif_run([result()] * 3))).encode())


def test_a_name_that_stands_twice_is_told() -> None:
    data = b'{"version": "2.0.0", "version": "2.1.0", "runs": []}'
    assert "version" in read_scan(data).warnings[0]


@pytest.mark.timeout(20)
def test_an_object_of_very_many_names_is_no_trap() -> None:
    names = ", ".join(f'"n{number}": 1' for number in range(200_000))
    data = '{"version": "2.1.0", "runs": [], "n7": 0, ' + names + "}"
    assert "n7" in read_scan(data.encode()).warnings[0]


def test_nan_and_infinity_are_read_as_absent() -> None:
    data = LOG.replace('"ruleId"', '"rank": NaN, "x": -Infinity, "ruleId"').encode()
    assert len(read_scan(data).results) == 1


def test_the_asked_format_is_enforced() -> None:
    with pytest.raises(UserError, match="not the JSON of Slither"):
        read_scan(LOG.encode(), "slither")
    with pytest.raises(UserError, match="not SARIF"):
        read_scan(b'{"success": true, "error": null, "results": {}}', "sarif")


@pytest.mark.parametrize("format", LATER_FORMATS)
def test_a_later_format_is_refused_by_name(format: str) -> None:
    with pytest.raises(UserError, match="later version"):
        read_scan(LOG.encode(), format)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UserError, match="no format 'nessus'"):
        read_scan(LOG.encode(), "nessus")
