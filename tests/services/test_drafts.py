"""The draft journal: sealed on the machine, opened by a live session alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.firm import Firm
from vln_desktop.domain.drafts import Draft, DraftCipher, file_name
from vln_desktop.errors import NotPermitted, SessionEnded, UserError
from vln_desktop.services.drafts import DraftsService

SOME = UUID(int=7)
NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def draft(text: str, record: UUID | None = SOME, form: str = "finding") -> Draft:
    return Draft(form, record, "ACME-7-F03", {"title": "old"}, {"title": text}, NOW)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_draft_comes_back_to_the_same_person_only(firm: Firm, tmp_path: Path) -> None:
    DraftsService(firm.sign_in("auditor.a"), tmp_path).keep(draft("mine"))

    again = DraftsService(firm.sign_in("auditor.a"), tmp_path)
    assert [one.mine for one in again.all()] == [{"title": "mine"}]
    assert again.all()[0].changed == {"title": "mine"}
    assert DraftsService(firm.sign_in("auditor.b"), tmp_path).all() == ()


def test_a_later_draft_of_a_form_takes_the_place_of_the_earlier(firm: Firm, tmp_path: Path) -> None:
    service = DraftsService(firm.sign_in("auditor.a"), tmp_path)
    service.keep(draft("one"))
    service.keep(draft("two"))
    service.keep(draft("three", form="comment"))
    assert sorted(one.mine["title"] for one in service.all()) == ["three", "two"]

    service.drop("finding", SOME)
    service.drop("finding", SOME)
    assert [one.form for one in service.all()] == ["comment"]


def test_nothing_of_a_draft_stands_in_plain_on_the_disk(firm: Firm, tmp_path: Path) -> None:
    DraftsService(firm.sign_in("auditor.a"), tmp_path).keep(draft("the-secret-weakness"))
    [file] = files(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o077 == 0
    assert str(SOME) not in file.name
    for words in (b"weakness", b"ACME", b"title", SOME.hex.encode()):
        assert words not in file.read_bytes()


def test_who_was_sent_away_cannot_open_their_drafts(firm: Firm, tmp_path: Path) -> None:
    database = firm.sign_in("auditor.a")
    DraftsService(database, tmp_path).keep(draft("mine"))
    firm.owner.execute("UPDATE vln_priv.sessions SET revoked_at = now()")

    with pytest.raises((NotPermitted, SessionEnded)):
        DraftsService(database, tmp_path).all()


def test_a_draft_is_kept_while_the_server_is_away_once_it_was_prepared(
    firm: Firm, tmp_path: Path
) -> None:
    database = firm.sign_in("auditor.a")
    service = DraftsService(database, tmp_path)
    service.prepare()
    database.sign_out()

    service.keep(draft("typed while the link was down"))

    assert service.all()[0].mine["title"] == "typed while the link was down"


def test_a_damaged_moved_or_foreign_file_is_passed_over(firm: Firm, tmp_path: Path) -> None:
    service = DraftsService(firm.sign_in("auditor.a"), tmp_path)
    service.keep(draft("whole"))
    service.keep(draft("other", record=None))
    [whole] = [one for one in files(tmp_path) if one.name == file_name(f"finding/{SOME}")]
    data = whole.read_bytes()
    for number, broken in enumerate((data[:-1], data[:5], b"", b"\x02" + data[1:], data + b"x")):
        (whole.parent / f"{number}.draft").write_bytes(broken)
    whole.rename(whole.with_name(file_name("finding/another")))

    assert [one.mine["title"] for one in service.all()] == ["other"]


def test_a_draft_that_is_too_long_is_refused_and_the_last_one_stays(
    firm: Firm, tmp_path: Path
) -> None:
    service = DraftsService(firm.sign_in("auditor.a"), tmp_path)
    service.keep(draft("short"))
    with pytest.raises(UserError, match="too long"):
        service.keep(draft("x" * 5_000_000))
    assert service.all()[0].mine["title"] == "short"


def test_a_folder_that_cannot_be_written_is_told(firm: Firm, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    service = DraftsService(firm.sign_in("auditor.a"), tmp_path / "file")
    with pytest.raises(UserError, match="cannot be made"):
        service.keep(draft("mine"))


def test_without_a_folder_nothing_is_kept(firm: Firm) -> None:
    service = DraftsService(firm.sign_in("auditor.a"))
    service.keep(draft("mine"))
    assert service.all() == ()


@given(st.text(max_size=200), st.dictionaries(st.text(max_size=20), st.text(max_size=50)))
def test_whatever_is_typed_comes_back_as_it_was(title: str, mine: dict[str, str]) -> None:
    cipher = DraftCipher(b"s" * 32)
    kept = Draft("form", None, title, {}, mine, NOW)
    opened = cipher.open(file_name(kept.key), cipher.seal(kept))
    assert opened == kept


def test_half_a_character_survives() -> None:
    cipher = DraftCipher(b"s" * 32)
    kept = draft("\ud83d")
    assert cipher.open(file_name(kept.key), cipher.seal(kept)) == kept


def test_another_secret_opens_nothing() -> None:
    kept = draft("mine", record=uuid4())
    sealed = DraftCipher(b"s" * 32).seal(kept)
    assert DraftCipher(b"t" * 32).open(file_name(kept.key), sealed) is None
    assert json.dumps({"title": "mine"}).encode() not in sealed
