"""Signing with a key on a token (SoftHSM), and what is said when it cannot be."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pkcs11
import pytest

from tests.adapters.test_signing import by_pdfsig, by_pyhanko, told
from tests.authority import Authority, served_authority
from tests.documents.samples import report
from tests.softtoken import MODULE, PIN, SoftToken, configured, made_token, new_key
from vln_desktop.adapters.apart import Bounds
from vln_desktop.adapters.signing import SigningWish, sign, verify
from vln_desktop.adapters.token_driver import sentence_of
from vln_desktop.adapters.tokens import open_token, tokens_of
from vln_desktop.documents.report import render_report
from vln_desktop.domain.interrupts import interruptible
from vln_desktop.domain.signatures import SignatureLevel
from vln_desktop.domain.tokens import TokenWish
from vln_desktop.errors import Cancelled, UserError


@pytest.fixture(scope="module")
def paper() -> bytes:
    return render_report(report(1))


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    with served_authority() as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOFTHSM2_CONF", str(configured(tmp_path / "hsm")))
    return tmp_path / "hsm"


@pytest.fixture
def token(folder: Path) -> SoftToken:
    return made_token(folder)


def refused(wish: TokenWish, pin: str = PIN) -> UserError:
    with pytest.raises(UserError) as caught:
        open_token(wish, pin)
    return caught.value


@pytest.mark.parametrize("kind", ["rsa", "ec", "p384"])
def test_a_key_on_a_token_signs_and_other_programs_accept_it(
    authority: Authority, token: SoftToken, paper: bytes, tmp_path: Path, kind: str
) -> None:
    token.put(authority, kind)
    place, key = open_token(TokenWish(MODULE), PIN)
    assert (place.token, place.serial, place.label, place.id) == (
        "VLN token", token.serial, "VLN Reports", "01",
    )  # fmt: skip

    signed = sign(paper, key, SigningWish("Published", (authority.root,)))

    assert signed.pdf.startswith(paper)
    [check] = verify(signed.pdf, [authority.root]).signatures
    assert check.valid
    assert check.signer == "VLN Reports"
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed.pdf)
    assert by_pdfsig(file)
    assert by_pyhanko(authority, file)
    assert told("qpdf", "--check", file)[0] == 0


def test_it_signs_for_long_and_embeds_the_authorities_on_the_token(
    authority: Authority, token: SoftToken, paper: bytes
) -> None:
    token.put(authority)
    token.put_certificate(authority.certificate, "Root", b"\x09")
    _place, key = open_token(TokenWish(MODULE, "VLN token"), PIN)
    wished = SigningWish("Published", (authority.root,), f"{authority.address}/tsa")

    signed = sign(paper, key, wished)

    assert signed.signature is not None
    assert signed.signature.level is SignatureLevel.B_LT
    assert len(key.chain) == 2


def test_a_key_that_asks_for_its_pin_each_time_signs(
    authority: Authority, token: SoftToken, paper: bytes
) -> None:
    """As the qualified key of a card does (CKA_ALWAYS_AUTHENTICATE)."""
    key = new_key("ec")
    token.put_key(key, "Careful", b"\x05", always_authenticate=True)
    token.put_certificate(authority.issue("Careful", key), "Careful", b"\x05")
    _place, opened = open_token(TokenWish(MODULE), PIN)

    signed = sign(paper, opened, SigningWish("Published", (authority.root,)))

    assert verify(signed.pdf, [authority.root]).valid


def test_a_certificate_that_only_its_owner_sees_is_found(
    authority: Authority, token: SoftToken
) -> None:
    key = new_key("ec")
    token.put_key(key, "Hidden", b"\x06")
    token.put_certificate(authority.issue("Hidden", key), "Hidden", b"\x06", private=True)

    [shown] = tokens_of(MODULE)
    place, opened = open_token(TokenWish(MODULE), PIN)

    assert shown.certificates == ()
    assert (place.label, opened.certificate.subject) == ("Hidden", "Hidden")


def test_tokens_and_certificates_are_listed_and_named_in_every_way(
    authority: Authority, token: SoftToken, folder: Path
) -> None:
    certificate = token.put(authority)
    token.put(authority, name="Other", ident=b"\x02")
    second = made_token(folder, "Second")

    listed = {one.label: one for one in tokens_of(MODULE)}

    assert set(listed) == {"VLN token", "Second"}
    assert listed["Second"].certificates == ()
    assert {one.label for one in listed["VLN token"].certificates} == {"VLN Reports", "Other"}
    sha256 = next(
        one.certificate.sha256
        for one in listed["VLN token"].certificates if one.label == "VLN Reports"
    )  # fmt: skip
    for named in ("VLN Reports", "01", sha256):
        for at in ("VLN token", token.serial):
            _place, key = open_token(TokenWish(MODULE, at, named), PIN)
            assert key.signer.signing_cert is not None
            assert key.signer.signing_cert.serial_number == certificate.serial_number
    several = refused(TokenWish(MODULE))
    assert several.field == "token"
    assert "Several tokens are plugged in" in str(several)
    assert second.serial in str(several)
    assert "Say which one" in str(refused(TokenWish(MODULE, "VLN token")))
    assert "No token is called Third" in str(refused(TokenWish(MODULE, "Third")))
    assert "no certificate Mine" in str(refused(TokenWish(MODULE, "VLN token", "Mine")))
    assert "holds no certificate" in str(refused(TokenWish(MODULE, "Second")))


def test_what_is_no_driver_is_said(folder: Path, tmp_path: Path) -> None:
    text = tmp_path / "driver.so"
    text.write_text("no library", encoding="utf-8")
    other = next(Path("/usr/lib/x86_64-linux-gnu").glob("libm.so.6"))
    for module, said in (
        (tmp_path / "none.so", "There is no driver at"),
        (Path("libsofthsm2.so"), "There is no driver at"),
        (tmp_path, "There is no driver at"),
        (text, "is no PKCS#11 driver"),
        (other, "is no PKCS#11 driver"),
    ):
        with pytest.raises(UserError, match=said) as caught:
            tokens_of(module)
        assert caught.value.field == "module"
    assert "No token is plugged in" in str(refused(TokenWish(MODULE)))


def test_a_driver_that_does_not_start_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "none.conf"))
    with pytest.raises(UserError, match="does not start") as caught:
        tokens_of(MODULE)
    assert caught.value.field == "module"


def test_a_wrong_pin_names_its_field_and_says_what_may_come(
    authority: Authority, token: SoftToken
) -> None:
    token.put(authority)
    for pin in ("1111", "0" * 500, "\0", "ПИН"):
        error = refused(TokenWish(MODULE), pin)
        assert error.field == "pin"
        assert "That is not the PIN of the token. Many tokens lock" in str(error)
    assert "Type the PIN" in str(refused(TokenWish(MODULE), ""))


@pytest.mark.parametrize(
    ("error", "said", "field"),
    [
        (pkcs11.PinLocked(), "is locked", "pin"),
        (pkcs11.PinExpired(), "expired", "pin"),
        (pkcs11.UserPinNotInitialized(), "no PIN yet", "pin"),
        (pkcs11.DeviceRemoved(), "pulled out", "token"),
        (pkcs11.TokenNotPresent(), "pulled out", "token"),
        (pkcs11.MechanismInvalid(), "of a kind", "certificate"),
        (pkcs11.FunctionCancelled(), "nobody confirmed", "token"),
        (pkcs11.GeneralError(), "The token refuses: GeneralError.", None),
    ],
)
def test_what_a_driver_answers_is_a_sentence(
    error: Exception, said: str, field: str | None
) -> None:
    """SoftHSM locks no PIN and has no button, so the codes are translated here."""
    told_ = sentence_of(error)
    assert said in str(told_)
    assert told_.field == field


def test_a_certificate_without_its_key_is_refused(authority: Authority, token: SoftToken) -> None:
    token.put_certificate(authority.issue("Alone", new_key("ec")), "Alone", b"\x07")
    error = refused(TokenWish(MODULE))
    assert error.field == "certificate"
    assert "no private key" in str(error)


def test_authorities_alone_are_refused(authority: Authority, token: SoftToken) -> None:
    token.put_certificate(authority.certificate, "Root", b"\x09")
    assert "authorities alone" in str(refused(TokenWish(MODULE)))


def test_a_key_of_another_certificate_is_noticed_before_it_is_published(
    authority: Authority, token: SoftToken, paper: bytes
) -> None:
    token.put_key(new_key("ec"), "Mixed", b"\x08")
    token.put_certificate(authority.issue("Mixed", new_key("ec")), "Mixed", b"\x08")
    _place, key = open_token(TokenWish(MODULE), PIN)

    with pytest.raises(UserError, match="not the one of the certificate"):
        sign(paper, key, SigningWish("Published", (authority.root,)))


def test_a_key_of_an_unsuitable_kind_is_refused(authority: Authority, token: SoftToken) -> None:
    token.put_certificate(authority.issue("Edward", new_key("ed25519")), "Edward", b"\x03")
    error = refused(TokenWish(MODULE))
    assert error.field == "certificate"
    assert "ed25519" in str(error)


def test_an_expired_certificate_does_not_sign(
    authority: Authority, token: SoftToken, paper: bytes
) -> None:
    token.put(authority, days=(-9, -1))
    _place, key = open_token(TokenWish(MODULE), PIN)
    with pytest.raises(UserError, match="expired"):
        sign(paper, key, SigningWish("Published", (authority.root,)))


def test_a_token_that_is_pulled_out_in_between_signs_nothing(
    authority: Authority, token: SoftToken, paper: bytes
) -> None:
    token.put(authority)
    _place, key = open_token(TokenWish(MODULE), PIN)
    token.pull_out()

    with pytest.raises(UserError, match="not plugged in") as caught:
        sign(paper, key, SigningWish("Published", (authority.root,)))
    assert caught.value.field == "token"


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the driver wait for ever: its configuration is a pipe into which nobody writes."""
    pipe = tmp_path / "endless.conf"
    os.mkfifo(pipe)
    monkeypatch.setenv("SOFTHSM2_CONF", str(pipe))
    return pipe


def test_a_driver_that_hangs_is_ended(hanging: Path) -> None:
    assert hanging.is_fifo()
    with pytest.raises(UserError, match="did not answer in 2 seconds and was stopped") as caught:
        tokens_of(MODULE, Bounds(2))
    assert caught.value.field == "module"
    assert not children()


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL])
def test_a_driver_that_crashes_is_told_and_takes_nobody_along(
    hanging: Path, how: signal.Signals
) -> None:
    def crash() -> None:
        # Who opens the other end waits for the driver, which is in the middle of its start then.
        with hanging.open("wb", buffering=0):
            [child] = children()
            os.kill(child, how)

    thread = threading.Thread(target=crash)
    thread.start()
    with pytest.raises(UserError, match="crashed"):
        tokens_of(MODULE)
    thread.join()


def test_who_cancels_does_not_wait_for_the_driver(hanging: Path) -> None:
    stops = Stops()

    def cancel() -> None:
        with hanging.open("wb", buffering=0):
            stops.stop()

    thread = threading.Thread(target=cancel)
    thread.start()
    with interruptible(stops.register), pytest.raises(Cancelled):
        tokens_of(MODULE)
    thread.join()


class Stops:
    """Keeps what stops the work, as the window's task runner does."""

    def __init__(self) -> None:
        self.stop: Callable[[], None] = lambda: None

    def register(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """Take what stops the work."""
        self.stop = stop
        return nullcontext()


def test_the_pin_is_in_no_argument_environment_log_or_file(
    authority: Authority, token: SoftToken, paper: bytes, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level("DEBUG")
    token.put(authority)
    seen: list[bytes] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for child in children():
                for what in ("cmdline", "environ"):
                    try:
                        seen.append(Path(f"/proc/{child}/{what}").read_bytes())
                    except OSError:
                        continue  # it has ended

    thread = threading.Thread(target=watch)
    thread.start()
    _place, key = open_token(TokenWish(MODULE), PIN)
    signed = sign(paper, key, SigningWish("Published", (authority.root,)))
    done.set()
    thread.join()

    assert any(b"spawn" in one for one in seen)
    assert not any(PIN.encode() in one for one in seen)
    assert PIN not in caplog.text
    assert PIN not in repr(key)
    assert PIN.encode() not in signed.pdf
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or PIN.encode() not in file.read_bytes(), file


def children() -> list[int]:
    """Return the processes of drivers that this one started and that live."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if parent == os.getpid() and b"multiprocessing.spawn" in words:
            found.append(int(entry.name))
    return found
