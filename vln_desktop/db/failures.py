"""Turns what the driver raises into the errors a person may see. Nothing else does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError

from vln_desktop.errors import (
    ConfirmationNeeded,
    Conflict,
    NotPermitted,
    Unavailable,
    UserError,
    VlnError,
)

STALE = "Somebody else changed this record in the meantime; nothing was overwritten."
UNREACHABLE = "The server cannot be reached; try again in a moment."
SIGN_IN_REFUSED = "E-mail or password is wrong."
BUSY = "All connections to the server are in use; try again in a moment."

_UNAVAILABLE = {
    "25006": "The server only reads at the moment; changes have to wait.",
    "53100": "The server's disk is full; nothing was changed.",
    "53300": "The server has no connection left; try again in a moment.",
    "55P03": "Somebody else is changing the same records; try again in a moment.",
    "57014": "The server took too long and gave up.",
    "57P03": "The server is starting or stopping; try again in a moment.",
}
_UNAVAILABLE_CLASSES = {"08", "53", "57", "58"}
_CONFLICTS = {
    "40001": "Somebody else changed the same records at this moment; try again.",
    "40P01": "Two changes waited for each other; nothing was changed, try again.",
}
_SIGN_IN = {
    "28P01": SIGN_IN_REFUSED,
    "28000": "This sign-in is not allowed: the account is disabled or the server refuses it.",
    "3D000": "The server has no database of that name.",
}
_DATA = {
    "22001": "The text is too long.",
    "22003": "The number is too large.",
    "22007": "The date or time cannot be read.",
    "22008": "The date or time is out of range.",
    "22021": "The text contains a character that cannot be stored.",
    "22P02": "The value has the wrong form.",
    "22P05": "The text contains a character that cannot be stored.",
}
_CONFIRM = "VL010"
_NUL = "The text contains a NUL character, which cannot be stored."
_KEY = re.compile(r"\(\"?(?P<columns>[^)=]+?)\"?\)=\(")

_REFUSALS = (
    ("password authentication failed|no password supplied", "28P01"),
    ("is not permitted to log in|no pg_hba.conf entry|[Pp]eer authentication failed", "28000"),
    ("too many connections|remaining connection slots", "53300"),
    ("the database system is", "57P03"),
    ("No space left on device", "53100"),
    ("database .+ does not exist", "3D000"),
)


@contextmanager
def plain_failures() -> Iterator[None]:
    """Let errors of the driver and of the ORM leave as errors.py's; others pass as they are."""
    try:
        yield
    except (exc.SQLAlchemyError, psycopg.Error) as error:
        plain = plain_failure(error)
        if plain is None:
            raise
        raise plain from error


def plain_failure(error: Exception) -> VlnError | None:
    """Return the error a person may see, or None if it is a bug."""
    if isinstance(error, StaleDataError):
        return Conflict(STALE)
    if isinstance(error, exc.TimeoutError):
        return Unavailable(BUSY)
    if isinstance(error, UnicodeEncodeError):  # half a character, typed or pasted
        return UserError(_DATA["22021"])
    cause = _driver_error(error)
    state = sqlstate_of(error)
    if cause is None:
        return None
    return _without_state(cause) if state is None else _by_state(state, cause)


def sqlstate_of(error: BaseException) -> str | None:
    """Return the server's error code, None if the server did not speak."""
    cause = _driver_error(error)
    return None if cause is None else cause.sqlstate


def _driver_error(error: BaseException) -> psycopg.Error | None:
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    return cause if isinstance(cause, psycopg.Error) else None


def _without_state(cause: psycopg.Error) -> VlnError | None:
    """Judge what the driver itself says, and a connection attempt.

    libpq keeps no SQLSTATE of a failed attempt, so the words tell a refused sign-in from an
    unreachable server.
    """
    said = str(cause)
    if isinstance(cause, psycopg.DataError):
        return UserError(_NUL if "NUL" in said else _DATA["22P02"])
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return None
    for words, state in _REFUSALS:
        if re.search(words, said):
            return _by_state(state, cause)
    if "certificate" in said or "SSL" in said:
        return Unavailable(f"The server could not prove who it is: {said.splitlines()[0]}")
    return Unavailable(UNREACHABLE)


def _by_state(state: str, cause: psycopg.Error) -> VlnError | None:
    if state in _SIGN_IN:
        return UserError(_SIGN_IN[state], field="password" if state == "28P01" else None)
    if state == "42501":
        return NotPermitted(_said_by_trigger(cause) or _refused(cause))
    if state == _CONFIRM:
        return ConfirmationNeeded(_primary(cause))
    if state in _CONFLICTS:
        return Conflict(_CONFLICTS[state])
    if state in _UNAVAILABLE or state[:2] in _UNAVAILABLE_CLASSES:
        return Unavailable(_UNAVAILABLE.get(state, UNREACHABLE))
    return _refused_value(state, cause)


def _refused_value(state: str, cause: psycopg.Error) -> UserError | None:
    """Return what a trigger, a constraint or a type has against a value."""
    if state.startswith("VL") or state == "P0001":
        return UserError(_primary(cause), field=cause.diag.column_name)
    if state.startswith("23"):
        return _constraint_failure(state, cause)
    if state.startswith("22"):
        return UserError(_DATA.get(state, "A value cannot be stored."))
    return None


def _primary(cause: psycopg.Error) -> str:
    return cause.diag.message_primary or str(cause)


def _said_by_trigger(cause: psycopg.Error) -> str | None:
    """Return the message of RAISE in one of our functions: a sentence for people."""
    return _primary(cause) if cause.diag.source_function == "exec_stmt_raise" else None


def _refused(cause: psycopg.Error) -> str:
    return f"Your role does not allow this ({_primary(cause)})."


def _constraint_failure(state: str, cause: psycopg.Error) -> UserError:
    said = _said_by_trigger(cause)
    field = cause.diag.column_name or _key_columns(cause)
    if said is not None:
        return UserError(said, field=field)
    sentences = {
        "23502": f"“{_words(field)}” must not be empty.",
        "23503": "A record that this one needs is gone, or others still depend on it.",
        "23505": f"There is already a record with this {_words(field)}.",
        "23514": f"A value is outside what is allowed ({_words(cause.diag.constraint_name)}).",
        "23P01": "This overlaps with another record.",
    }
    return UserError(sentences.get(state, "The database's rules do not allow this."), field=field)


def _key_columns(cause: psycopg.Error) -> str | None:
    """Return the columns a key violation names; the form "(column)=(value)" has no language."""
    found = _KEY.search(cause.diag.message_detail or "")
    return found["columns"] if found else None


def _words(name: str | None) -> str:
    return (name or "value").replace("_", " ")
