"""What is asked of a token's driver (PKCS#11); it runs in a process of its own, see `tokens`.

Every function loads the driver anew and is asked once. Bytes and dataclasses go in and out, so that
the process loads as little as it can.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vln_desktop.errors import UserError

if TYPE_CHECKING:
    import pkcs11

_MOST_CERTIFICATES = 500
"""More than any token holds; a driver that tells of ever more is not listened to."""


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate on a token, as bytes (DER); `keys` that sign for it, once its PIN was given."""

    label: str
    id: bytes
    der: bytes
    keys: int = 0


@dataclass(frozen=True, slots=True)
class Plugged:
    """A token that is plugged in, and the certificates that can be read now."""

    label: str
    serial: str
    model: str
    held: tuple[Held, ...]


def plugged(module: str) -> tuple[Plugged, ...]:
    """Return the tokens and the certificates that they show to everybody."""
    with _clearly():
        return tuple(_read(one) for one in _tokens(module))


def read_inside(module: str, serial: str, pin: str) -> Plugged:
    """Return one token with all its certificates, those too that it shows to its owner alone."""
    with _clearly(), _session(module, serial, pin) as session:
        token = session.token
        held = tuple(replace(one, keys=len(_keys(session, one))) for one in _held(session))
        return Plugged(_text(token.label), _serial(token), _text(token.model), held)


def sign_raw(module: str, serial: str, held: Held, pin: str, data: bytes) -> bytes:
    """Return the signature of the SHA-256 of some bytes, as CMS holds it.

    The token is given the hash alone: most sign nothing else, and none is slow with it then.
    """
    from asn1crypto import x509
    from pyhanko.sign.pkcs11 import PKCS11Signer

    with _clearly(), _session(module, serial, pin) as session:
        keys = _keys(session, held)
        signer = PKCS11Signer(
            session,
            signing_cert=x509.Certificate.load(held.der),
            key_label=None if held.id else held.label,
            key_id=held.id or None,
            use_raw_mechanism=True,
            base_sign_kwargs={"pin": pin} if any(map(_asks_again, keys)) else {},
        )
        return asyncio.run(signer.async_sign_raw(data, "sha256"))


@contextmanager
def _session(module: str, serial: str, pin: str) -> Iterator[pkcs11.Session]:
    from pkcs11 import exceptions

    token = next((one for one in _tokens(module) if _serial(one) == serial), None)
    if token is None:
        raise UserError(_GONE, field="token")
    try:
        session = token.open(user_pin=pin)
    except (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange):
        raise UserError(_wrong_pin(token.slot.get_token().flags), field="pin") from None
    with session:
        yield session


def _tokens(module: str) -> list[pkcs11.Token]:
    """Return the tokens that were set up; a driver may show an empty place as a token, too."""
    import pkcs11

    try:
        library = pkcs11.lib(module)
    except pkcs11.PKCS11Error as error:
        raise UserError(_unloadable(module, error), field="module") from error
    found = []
    for slot in library.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except pkcs11.PKCS11Error:
            continue  # it was pulled out meanwhile
        if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags:
            found.append(token)
    return found


def _read(token: pkcs11.Token) -> Plugged:
    with token.open() as session:
        return Plugged(_text(token.label), _serial(token), _text(token.model), _held(session))


def _held(session: pkcs11.Session) -> tuple[Held, ...]:
    from pkcs11 import Attribute, CertificateType, ObjectClass

    wanted = {
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
    }
    found: list[Held] = []
    for one in session.get_objects(wanted):
        if len(found) == _MOST_CERTIFICATES:
            raise UserError("This token tells of more certificates than any holds.", field="token")
        label = _text(_of(one, Attribute.LABEL, ""))
        found.append(Held(label, _of(one, Attribute.ID, b""), _of(one, Attribute.VALUE, b"")))
    return tuple(one for one in found if one.der)


def _keys(session: pkcs11.Session, held: Held) -> list[Any]:
    from pkcs11 import Attribute, ObjectClass

    wanted: dict[Any, Any] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.SIGN: True}
    if held.id:
        wanted[Attribute.ID] = held.id
    else:
        wanted[Attribute.LABEL] = held.label
    return list(session.get_objects(wanted))


def _asks_again(key: Any) -> bool:
    """Tell whether a key wants its PIN for each signature, as cards of qualified ones do."""
    from pkcs11 import Attribute

    return bool(_of(key, Attribute.ALWAYS_AUTHENTICATE, False))


def _of(found: Any, attribute: Any, otherwise: Any) -> Any:
    """Return what an object says of itself; drivers leave out what they do not know."""
    import pkcs11

    try:
        value = found[attribute]
    except pkcs11.PKCS11Error:
        return otherwise
    return otherwise if value is None else value


def _text(text: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in text).strip()


def _serial(token: pkcs11.Token) -> str:
    return _text(token.serial.decode("utf-8", "replace"))


_GONE = "The token is not plugged in."


def _wrong_pin(flags: Any) -> str:
    from pkcs11 import TokenFlag

    if TokenFlag.USER_PIN_LOCKED in flags:
        return _LOCKED
    if TokenFlag.USER_PIN_FINAL_TRY in flags:
        return "That is not the PIN of the token. One more wrong PIN locks it."
    return "That is not the PIN of the token. Many tokens lock after three wrong ones."


_LOCKED = "The PIN of the token is locked; whoever manages the token can unlock it."


def _unloadable(module: str, error: Exception) -> str:
    said = str(error)
    if "C_GetFunctionList" in said or "invalid ELF header" in said or "file too short" in said:
        return f"{module} is no PKCS#11 driver."
    if "OS exception" in said:
        return f"{module} cannot be loaded as a driver."
    return f"The driver {module} does not start ({type(error).__name__})."


@contextmanager
def _clearly() -> Iterator[None]:
    """Say in one sentence what a driver answers with a code."""
    import pkcs11

    try:
        yield
    except pkcs11.PKCS11Error as error:
        raise sentence_of(error) from error
    except NotImplementedError as error:
        raise UserError(
            "The key of this certificate is of a kind that cannot sign papers here.",
            field="certificate",
        ) from error


def sentence_of(error: Exception) -> UserError:
    """Return what a PKCS#11 error means to a person."""
    from pkcs11 import exceptions as told

    for kinds, sentence, field in _sentences(told):
        if isinstance(error, tuple(kinds)):
            return UserError(sentence, field=field)
    return UserError(f"The token refuses: {type(error).__name__} {error}".strip() + ".")


def _sentences(told: Any) -> Sequence[tuple[Sequence[type[Exception]], str, str]]:
    return (
        ((told.PinLocked,), _LOCKED, "pin"),
        ((told.PinExpired,), "The PIN of the token has expired and must be changed first.", "pin"),
        ((told.UserPinNotInitialized,), "The token has no PIN yet; set it up first.", "pin"),
        (
            (told.DeviceRemoved, told.TokenNotPresent, told.DeviceError, told.SlotIDInvalid,
             told.SessionHandleInvalid, told.KeyHandleInvalid, told.ObjectHandleInvalid,
             told.SessionClosed, told.TokenNotRecognised),
            "The token was pulled out or does not answer. Nothing was signed; plug it in again.",
            "token",
        ),
        (
            (told.MechanismInvalid, told.KeyTypeInconsistent, told.FunctionNotSupported,
             told.MechanismParamInvalid, told.KeySizeRange),
            "The key of this certificate is of a kind that the token signs no papers with.",
            "certificate",
        ),
        ((told.FunctionCancelled, told.FunctionRejected),
         "The token was asked and refused: nobody confirmed it there.", "token"),
    )  # fmt: skip
