"""Which certificate signs on this machine, and where its passphrase is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authority import PASSPHRASE, Authority
from tests.documents.samples import report
from vln_desktop.documents.report import render_report
from vln_desktop.errors import UserError
from vln_desktop.services.signing import SigningService


@pytest.fixture
def file(tmp_path: Path) -> Path:
    data, _certificate = Authority().pkcs12()
    path = tmp_path / "vln.p12"
    path.write_bytes(data)
    return path


def test_what_is_chosen_is_written_beside_the_rest_and_never_the_passphrase(
    tmp_path: Path, file: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("# mine\n[profiles.firm]\nurl = 'postgresql://firm/vln'\n", encoding="utf-8")
    service = SigningService(config)

    found = service.use(file, PASSPHRASE, authority="https://tsa.example.org")

    chosen = service.chosen()
    assert chosen is not None
    assert (chosen.subject, chosen.sha256) == (found.subject, found.sha256)
    assert chosen.authority == "https://tsa.example.org"
    text = config.read_text(encoding="utf-8")
    assert "# mine" in text
    assert "[profiles.firm]" in text
    assert PASSPHRASE not in text


def test_what_it_signs_it_trusts(tmp_path: Path, file: Path) -> None:
    service = SigningService(tmp_path / "config.toml")
    service.use(file, PASSPHRASE)
    paper = render_report(report(1))

    signed = service.signs(PASSPHRASE, "Published")(paper)

    assert service.verify(signed.pdf).valid
    assert not SigningService(None).verify(signed.pdf).valid


def test_nothing_signs_before_it_is_chosen_and_after_it_is_forgotten(
    tmp_path: Path, file: Path
) -> None:
    service = SigningService(tmp_path / "config.toml")
    assert service.chosen() is None
    assert not service.asks_passphrase()
    with pytest.raises(UserError, match="No certificate"):
        service.signs(PASSPHRASE, "Published")
    service.use(file, PASSPHRASE)
    assert service.asks_passphrase()

    service.forget()

    assert service.chosen() is None


@pytest.mark.parametrize(
    ("passphrase", "options", "field"),
    [
        ("wrong", {}, "passphrase"),
        (PASSPHRASE, {"authority": "tsa.example.org"}, "authority"),
        (PASSPHRASE, {"roots": (Path("/nowhere/root.pem"),)}, "roots"),
    ],
)
def test_a_choice_that_cannot_sign_is_refused_and_not_written(
    tmp_path: Path, file: Path, passphrase: str, options: dict[str, object], field: str
) -> None:
    service = SigningService(tmp_path / "config.toml")
    with pytest.raises(UserError) as caught:
        service.use(file, passphrase, **options)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert service.chosen() is None


def test_a_missing_passphrase_is_asked_for(tmp_path: Path, file: Path) -> None:
    service = SigningService(tmp_path / "config.toml")
    service.use(file, PASSPHRASE)
    with pytest.raises(UserError) as caught:
        service.signs(None, "Published")
    assert caught.value.field == "passphrase"
