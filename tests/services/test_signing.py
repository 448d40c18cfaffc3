"""Which certificate signs on this machine, and where its passphrase is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest

from tests.adapters.test_passwords import Memory
from tests.authority import PASSPHRASE, Authority
from tests.documents.samples import report
from tests.softtoken import MODULE, PIN, SoftToken, configured, made_token
from vln_desktop.documents.report import render_report
from vln_desktop.domain.tokens import TokenPlace, TokenWish
from vln_desktop.errors import UserError
from vln_desktop.services.signing import SigningService, Terms


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

    found = service.use(file, PASSPHRASE, Terms("https://tsa.example.org"))

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
    ("passphrase", "terms", "field"),
    [
        ("wrong", Terms(), "passphrase"),
        (PASSPHRASE, Terms("tsa.example.org"), "authority"),
        (PASSPHRASE, Terms(roots=(Path("/nowhere/root.pem"),)), "roots"),
    ],
)
def test_a_choice_that_cannot_sign_is_refused_and_not_written(
    tmp_path: Path, file: Path, passphrase: str, terms: Terms, field: str
) -> None:
    service = SigningService(tmp_path / "config.toml")
    with pytest.raises(UserError) as caught:
        service.use(file, passphrase, terms)
    assert caught.value.field == field
    assert service.chosen() is None


def test_a_missing_passphrase_is_asked_for(tmp_path: Path, file: Path) -> None:
    service = SigningService(tmp_path / "config.toml")
    service.use(file, PASSPHRASE)
    with pytest.raises(UserError) as caught:
        service.signs(None, "Published")
    assert caught.value.field == "passphrase"


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    monkeypatch.setenv("SOFTHSM2_CONF", str(configured(tmp_path / "hsm")))
    made = made_token(tmp_path / "hsm")
    made.put(Authority())
    return made


@pytest.fixture
def backend() -> Iterator[Memory]:
    before = keyring.get_keyring()
    memory = Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def test_a_certificate_on_a_token_is_remembered_and_its_pin_is_not(
    tmp_path: Path, token: SoftToken
) -> None:
    config = tmp_path / "config.toml"
    service = SigningService(config)
    service.use_token(TokenWish(MODULE, "VLN token", "VLN Reports"), PIN)

    chosen = service.chosen()
    assert chosen is not None
    assert chosen.certificate is None
    assert chosen.token == TokenPlace(MODULE, "VLN token", token.serial, "VLN Reports", "01")
    assert service.asks_passphrase()
    for file in tmp_path.iterdir():
        assert not file.is_file() or PIN not in file.read_text(encoding="utf-8")
    signed = service.signs(PIN, "Published")(render_report(report(1)))
    assert signed.signature is not None
    assert signed.signature.signer == "VLN Reports"
    with pytest.raises(UserError) as caught:
        service.signs(None, "Published")
    assert caught.value.field == "pin"


def test_another_certificate_in_its_place_was_not_chosen(tmp_path: Path, token: SoftToken) -> None:
    service = SigningService(tmp_path / "config.toml")
    service.use_token(TokenWish(MODULE, certificate="VLN Reports"), PIN)
    token.empty()
    token.put(Authority())

    with pytest.raises(UserError, match="holds no certificate") as caught:
        service.signs(PIN, "Published")
    assert caught.value.field == "certificate"


def test_the_keyring_forgets_a_pin_that_is_wrong_by_now(
    tmp_path: Path, token: SoftToken, backend: Memory
) -> None:
    """A token that is asked with it again and again would lock itself."""
    service = SigningService(tmp_path / "config.toml")
    service.use_token(TokenWish(MODULE), PIN, Terms(remember=True))
    assert not service.asks_passphrase()
    assert list(backend.kept.values()) == [PIN]
    token.change_pin("11223344")

    with pytest.raises(UserError, match="The keyring has forgotten it") as caught:
        service.signs(None, "Published")

    assert caught.value.field == "pin"
    assert service.asks_passphrase()
    assert backend.kept == {}


def test_a_wrong_pin_that_is_typed_leaves_the_keyring_alone(
    tmp_path: Path, token: SoftToken, backend: Memory
) -> None:
    service = SigningService(tmp_path / "config.toml")
    service.use_token(TokenWish(MODULE), PIN, Terms(remember=True))
    with pytest.raises(UserError, match="not the PIN"):
        service.signs("0000", "Published")
    assert list(backend.kept.values()) == [PIN]
    assert token.serial


def test_roots_are_trusted_without_a_certificate_of_ones_own(tmp_path: Path, file: Path) -> None:
    authority = Authority()
    data, _certificate = authority.pkcs12()
    file.write_bytes(data)
    signer = SigningService(tmp_path / "signer" / "config.toml")
    signer.use(file, PASSPHRASE)
    paper = signer.signs(PASSPHRASE, "Published")(render_report(report(1))).pdf
    reader = SigningService(tmp_path / "reader" / "config.toml")
    assert not reader.verify(paper).valid
    (tmp_path / "roots.pem").write_bytes(Authority(name="Other").root + authority.root)

    reader.set_terms("", (tmp_path / "roots.pem",))

    assert reader.chosen() is None
    assert reader.trusted() == (tmp_path / "roots.pem",)
    assert reader.verify(paper).valid
    reader.set_terms("", ())
    assert not reader.verify(paper).valid


def test_what_is_chosen_stays_when_the_roots_change_and_roots_when_it_is_forgotten(
    tmp_path: Path, file: Path
) -> None:
    service = SigningService(tmp_path / "config.toml")
    service.use(file, PASSPHRASE, Terms("https://tsa.example.org"))
    before = service.chosen()
    assert before is not None
    (tmp_path / "root.pem").write_bytes(Authority().root)

    service.set_terms("", (tmp_path / "root.pem",))

    after = service.chosen()
    assert after == replace(before, authority="", roots=(tmp_path / "root.pem",))
    service.forget()
    assert service.chosen() is None
    assert service.trusted() == (tmp_path / "root.pem",)


@pytest.mark.parametrize(
    "content",
    [b"", b"no certificate", b"\x30\x03\x02\x01\x01", b"-----BEGIN CERTIFICATE-----\n",
     b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
     b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", b"\x00" * 2_000_000,
     Authority().root.replace(b"CERTIFICATE", b"PRIVATE KEY"), b"\xff" * 4000,
     Authority().root + b"trailing" * 3, Authority().root[:300]],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_certificate_is_refused_when_it_is_chosen(
    tmp_path: Path, file: Path, content: bytes
) -> None:
    service = SigningService(tmp_path / "config.toml")
    root = tmp_path / "odd.pem"
    root.write_bytes(content)
    if b"trailing" in content:  # text between and behind the blocks is usual in such files
        service.set_terms("", (root,))
        return
    with pytest.raises(UserError, match=r"odd\.pem") as caught:
        service.use(file, PASSPHRASE, Terms(roots=(root,)))
    assert caught.value.field == "roots"
    assert service.chosen() is None
