"""Whoever has psql and a login: keys go from holder to holder, and credentials are not read unseen.

The crypto is not asked here: these are the rules that the database keeps by itself.
"""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import CHECK, FORM, FROZEN, ILLEGAL_STEP, PERMISSION, ask, refusal, run
from tests.factories import new, sealed
from tests.firm import Firm
from tests.services.keys import clear_keys
from vln_desktop.db.base import Base
from vln_desktop.db.encrypted import EncryptedText
from vln_desktop.domain.field_encryption import proof_hash, proof_of
from vln_desktop.domain.key_envelopes import new_data_key

Connection = psycopg.Connection[Any]

MAKE = "SELECT vln.make_data_key(%s, %s, %s, %s, %s, %s, %s)"
WRAP = "SELECT vln.wrap_key_for(%s, %s, %s, %s, %s)"
RECOVER = "SELECT vln.recover_key(%s, %s, %s, %s)"
ENVELOPE = ("INSERT INTO vln.key_envelopes (id, key_id, user_id, public_key, wrapped_key, vouch)"
            " VALUES (%s, %s, %s, %s, %s, %s)")  # fmt: skip
PUBLISH = "INSERT INTO vln.public_keys (user_id, public_key) VALUES (%s, %s)"
DATA_KEY = new_data_key()


def noise(length: int) -> bytes:
    return secrets.token_bytes(length)


def made_key(key_id: int) -> list[object]:
    """Return the arguments of a new key: the database cannot look into envelopes."""
    return [key_id, proof_hash(DATA_KEY), noise(32), noise(92), noise(32), noise(92), noise(32)]


class Holders:
    """A firm whose manager A set the keys up, and who published what."""

    def __init__(self, firm: Firm) -> None:
        clear_keys(firm)
        self.firm = firm
        self.public: dict[str, bytes] = {}
        for login in ("admin", "manager.a", "auditor.a", "auditor.b"):
            self.public[login] = noise(32)
            run(firm.psql(login), PUBLISH, self.id(login), self.public[login])
        run(firm.psql("manager.a"), MAKE, *made_key(1))

    def id(self, login: str) -> UUID:
        return self.firm.people[login].id

    def let_in(self, by: Connection, login: str, key_id: int = 1) -> str:
        """Return with which SQLSTATE a letting in is refused, "" if it is not."""
        arguments = (key_id, self.id(login), self.public[login], noise(92), noise(32))
        try:
            run(by, WRAP, *arguments)
        except psycopg.Error as error:
            return error.sqlstate or "?"
        return ""


@pytest.fixture
def holders(firm: Firm) -> Holders:
    return Holders(firm)


def test_nobody_writes_envelopes_or_keys_by_hand(holders: Holders) -> None:
    for login in ("admin", "manager.a", "auditor.a"):
        psql, me = holders.firm.psql(login), holders.id(login)
        assert refusal(psql, ENVELOPE, uuid7(), 1, me, holders.public[login], noise(92),
                       noise(32)) == PERMISSION  # fmt: skip
        for attack in ("INSERT INTO vln.data_keys (key_id, state, proof_hash) VALUES (9, '', '')",
                       "UPDATE vln.data_keys SET state = 'retired'",
                       "DELETE FROM vln.data_keys", "DELETE FROM vln.key_envelopes",
                       "UPDATE vln.key_envelopes SET user_id = vln.uid()",
                       "DELETE FROM vln.public_keys"):  # fmt: skip
            assert refusal(psql, attack) == PERMISSION, (login, attack)


def test_nobody_publishes_a_key_for_somebody_else(holders: Holders) -> None:
    auditor = holders.firm.psql("auditor.a")

    assert refusal(auditor, PUBLISH, holders.id("manager.b"), noise(32)) == PERMISSION
    assert run(auditor, "UPDATE vln.public_keys SET public_key = %s WHERE user_id = %s",
               noise(32), holders.id("admin")) == 0  # fmt: skip
    assert refusal(auditor, "UPDATE vln.public_keys SET user_id = %s WHERE user_id = vln.uid()",
                   holders.id("manager.b")) == PERMISSION  # fmt: skip
    assert refusal(holders.firm.psql("manager.b"), PUBLISH, holders.id("manager.b"),
                   noise(31)) == CHECK  # fmt: skip


@pytest.mark.parametrize("login", ["finance", "readonly", "worker"])
def test_roles_that_read_nothing_encrypted_have_no_part_in_it(holders: Holders, login: str) -> None:
    psql = holders.firm.psql(login)

    assert refusal(psql, PUBLISH, holders.id(login), noise(32)) == PERMISSION
    for question in ("SELECT * FROM vln.key_envelopes", "SELECT * FROM vln.public_keys",
                     "SELECT * FROM vln.data_keys", "SELECT * FROM vln.key_holders()",
                     "SELECT * FROM vln.encrypted_values()"):  # fmt: skip
        assert refusal(psql, question) == PERMISSION, question
    run(holders.firm.owner, PUBLISH, holders.id(login), noise(32))
    holders.public[login] = noise(32)
    assert holders.let_in(holders.firm.psql("manager.a"), login) == PERMISSION


def test_only_a_holder_lets_in(holders: Holders) -> None:
    firm = holders.firm
    assert holders.let_in(firm.psql("admin"), "admin") == PERMISSION  # holds nothing yet
    assert holders.let_in(firm.psql("auditor.b"), "auditor.b") == PERMISSION
    assert holders.let_in(firm.psql("manager.a"), "admin") == ""
    assert holders.let_in(firm.psql("manager.a"), "auditor.a") == ""
    assert holders.let_in(firm.psql("auditor.a"), "auditor.b") == PERMISSION  # an auditor
    assert holders.let_in(firm.psql("admin"), "auditor.b") == ""


def test_an_envelope_is_for_the_published_key_alone(holders: Holders) -> None:
    manager = holders.firm.psql("manager.a")
    for public in (noise(32), holders.public["auditor.b"], holders.public["manager.a"]):
        assert refusal(manager, WRAP, 1, holders.id("auditor.a"), public, noise(92),
                       noise(32)) == PERMISSION  # fmt: skip
    assert refusal(manager, WRAP, 1, holders.id("manager.b"), noise(32), noise(92),
                   noise(32)) == PERMISSION  # fmt: skip
    assert refusal(manager, WRAP, 7, holders.id("auditor.a"), holders.public["auditor.a"],
                   noise(92), noise(32)) == PERMISSION  # fmt: skip
    assert refusal(manager, WRAP, 1, holders.id("auditor.a"), holders.public["auditor.a"],
                   noise(91), noise(32)) == CHECK  # fmt: skip


@pytest.mark.parametrize("how", ["active = false", "role = 'guest'", "deleted_at = now()",
                                 "access_ends_on = (now() AT TIME ZONE 'UTC')::date - 1",
                                 "erased_at = now()", "role = 'finance'"])  # fmt: skip
def test_who_left_is_not_let_in_and_lets_nobody_in(holders: Holders, how: str) -> None:
    firm, manager = holders.firm, holders.firm.psql("manager.a")
    assert holders.let_in(manager, "admin") == ""
    admin = firm.psql("admin")
    for login in ("auditor.a", "admin"):
        run(firm.owner, f"UPDATE vln.users SET {how} WHERE id = %s", holders.id(login))

    assert holders.let_in(manager, "auditor.a") == PERMISSION
    assert holders.let_in(admin, "auditor.b") == PERMISSION
    assert refusal(admin, MAKE, *made_key(2)) == PERMISSION


def test_a_second_letting_in_changes_nothing(holders: Holders) -> None:
    manager = holders.firm.psql("manager.a")
    assert holders.let_in(manager, "admin") == ""
    kept = ask(holders.firm.owner, "SELECT wrapped_key FROM vln.key_envelopes WHERE user_id = %s",
               holders.id("admin"))  # fmt: skip

    assert ask(manager, WRAP, 1, holders.id("admin"), holders.public["admin"], noise(92),
               noise(32)) is False  # fmt: skip
    assert kept == ask(holders.firm.owner, "SELECT wrapped_key FROM vln.key_envelopes "
                       "WHERE user_id = %s", holders.id("admin"))  # fmt: skip


def test_a_new_key_pair_ends_what_was_wrapped_for_the_old_one(holders: Holders) -> None:
    assert holders.let_in(holders.firm.psql("manager.a"), "admin") == ""

    run(holders.firm.psql("admin"), "UPDATE vln.public_keys SET public_key = %s"
        " WHERE user_id = vln.uid()", noise(32))  # fmt: skip

    assert holders.let_in(holders.firm.psql("admin"), "auditor.a") == PERMISSION


def test_people_see_their_own_envelopes(holders: Holders) -> None:
    firm = holders.firm
    assert holders.let_in(firm.psql("manager.a"), "auditor.a") == ""

    seen = {
        login: set(firm.psql(login).execute("SELECT user_id FROM vln.key_envelopes").fetchall())
        for login in ("admin", "manager.a", "auditor.a", "auditor.b")
    }

    # The recovery key's is for whoever has the paper and looks after keys.
    assert seen == {
        "admin": {(None,)},
        "manager.a": {(None,), (holders.id("manager.a"),)},
        "auditor.a": {(holders.id("auditor.a"),)},
        "auditor.b": set(),
    }


def test_only_a_holder_makes_the_next_key(holders: Holders) -> None:
    firm = holders.firm
    assert refusal(firm.psql("admin"), MAKE, *made_key(2)) == PERMISSION
    assert refusal(firm.psql("auditor.a"), MAKE, *made_key(2)) == PERMISSION
    manager = firm.psql("manager.a")
    for wrong in (1, 3, 0):
        assert refusal(manager, MAKE, *made_key(wrong)) == FROZEN
    run(manager, MAKE, *made_key(2))
    states = firm.owner.execute("SELECT key_id, state FROM vln.data_keys ORDER BY 1").fetchall()
    assert states == [(1, "retiring"), (2, "current")]


def test_two_who_rotate_at_once_make_one_key(holders: Holders) -> None:
    firm = holders.firm
    assert holders.let_in(firm.psql("manager.a"), "admin") == ""
    first, second = firm.psql("manager.a"), firm.psql("admin")
    run(second, "SET lock_timeout = '100ms'")

    with first.transaction():
        run(first, MAKE, *made_key(2))
        assert refusal(second, MAKE, *made_key(2)) == "55P03"
    assert refusal(second, MAKE, *made_key(2)) == PERMISSION  # key 2 was not shared yet


def test_recovery_needs_proof_of_the_key(holders: Holders) -> None:
    admin = holders.firm.psql("admin")

    for proof in (noise(32), proof_hash(DATA_KEY), DATA_KEY):
        assert refusal(admin, RECOVER, 1, proof, noise(92), noise(32)) == PERMISSION
    assert refusal(admin, RECOVER, 2, proof_of(DATA_KEY), noise(92), noise(32)) == PERMISSION
    assert refusal(holders.firm.psql("auditor.a"), RECOVER, 1, proof_of(DATA_KEY), noise(92),
                   noise(32)) == PERMISSION  # fmt: skip
    assert ask(admin, RECOVER, 1, proof_of(DATA_KEY), noise(92), noise(32)) is True
    assert holders.let_in(admin, "auditor.a") == ""


def test_a_key_is_retired_when_nothing_needs_it(holders: Holders) -> None:
    firm, manager = holders.firm, holders.firm.psql("manager.a")
    new(manager, "audit_credentials", firm.half_of("a", "manager.a"), secret=sealed(1))
    assert refusal(manager, "SELECT vln.retire_data_key(1)") == ILLEGAL_STEP
    run(manager, MAKE, *made_key(2))

    assert refusal(manager, "SELECT vln.retire_data_key(1)") == FROZEN
    assert refusal(firm.psql("admin"), "SELECT vln.retire_data_key(1)") == PERMISSION
    run(manager, "DELETE FROM vln.audit_credentials")
    run(manager, "SELECT vln.retire_data_key(1)")
    assert refusal(manager, "SELECT vln.retire_data_key(1)") == ILLEGAL_STEP
    assert holders.let_in(manager, "auditor.a") == PERMISSION


def test_values_take_the_form_and_the_current_key(holders: Holders) -> None:
    firm = holders.firm
    auditor = firm.psql("auditor.a")
    half = firm.half_of("a", "auditor.a")

    for secret in (b"plain text of a secret that somebody forgot", b"", sealed(1)[:29],
                   b"\2" + sealed(1)[1:]):  # fmt: skip
        with pytest.raises(psycopg.Error) as refused:
            new(auditor, "audit_credentials", half, secret=secret)
        assert refused.value.sqlstate == FORM
    with pytest.raises(psycopg.Error) as refused:
        new(auditor, "audit_credentials", half, secret=sealed(9))
    assert refused.value.sqlstate == FROZEN
    kept = new(auditor, "audit_credentials", half, secret=sealed(1))
    run(firm.psql("manager.a"), MAKE, *made_key(2))
    change = "UPDATE vln.audit_credentials SET secret = %s WHERE id = %s"
    assert refusal(auditor, change, sealed(1), kept["id"]) == FROZEN
    assert run(auditor, change, sealed(2), kept["id"]) == 1


def test_a_writer_with_the_old_key_and_a_rotation_wait_for_each_other(holders: Holders) -> None:
    auditor, manager = holders.firm.psql("auditor.a"), holders.firm.psql("manager.a")
    run(manager, "SET lock_timeout = '100ms'")

    with auditor.transaction():
        new(auditor, "audit_credentials", holders.firm.half_of("a", "auditor.a"), secret=sealed(1))
        assert refusal(manager, MAKE, *made_key(2)) == "55P03"
    run(manager, MAKE, *made_key(2))


def test_a_comment_stays_open_or_secret(holders: Holders) -> None:
    firm = holders.firm
    auditor, half = firm.psql("auditor.a"), firm.half_of("a", "auditor.a")
    opened = new(auditor, "finding_comments", half, author_id=half.person, body="open")
    secret = new(auditor, "finding_comments", half, author_id=half.person, body="",
                 secret_body=sealed(1))  # fmt: skip
    hide = "UPDATE vln.finding_comments SET body = '', secret_body = %s WHERE id = %s"
    show = "UPDATE vln.finding_comments SET body = 'x', secret_body = NULL WHERE id = %s"

    assert refusal(auditor, hide, sealed(1), opened["id"]) == FROZEN
    assert refusal(auditor, show, secret["id"]) == FROZEN
    both = "UPDATE vln.finding_comments SET body = 'x' WHERE id = %s"
    assert refusal(auditor, both, secret["id"]) == CHECK
    assert run(firm.psql("manager.a"), "UPDATE vln.finding_comments SET secret_body = %s"
               " WHERE id = %s", sealed(1), secret["id"]) == 0  # fmt: skip


@pytest.fixture
def credential(holders: Holders) -> UUID:
    """A credential of audit A."""
    half = holders.firm.half_of("a", "auditor.a")
    row = new(holders.firm.psql("auditor.a"), "audit_credentials", half, secret=sealed(1))
    assert isinstance(row["id"], UUID)
    return row["id"]


def test_nobody_selects_a_secret(holders: Holders, credential: UUID) -> None:
    firm = holders.firm
    for login in firm.people:
        for attack in ("SELECT secret FROM vln.audit_credentials",
                       "SELECT * FROM vln.audit_credentials",
                       "SELECT c::text FROM vln.audit_credentials c",
                       "COPY vln.audit_credentials TO STDOUT",
                       "UPDATE vln.audit_credentials SET label = 'x' RETURNING secret",
                       "DELETE FROM vln.audit_credentials RETURNING secret"):  # fmt: skip
            assert refusal(firm.psql(login), attack) == PERMISSION, (login, attack)


@pytest.mark.parametrize("login", ["auditor.b", "auditor.n", "manager.b", "manager.n"])
def test_a_stranger_to_the_audit_sees_no_credential(
    holders: Holders, credential: UUID, login: str
) -> None:
    stranger = holders.firm.psql(login)

    for question in ("SELECT label FROM vln.audit_credentials WHERE id = %s",
                     "SELECT id FROM vln.credential_reveals WHERE credential_id = %s"):  # fmt: skip
        assert ask(stranger, question, credential) is None
    assert run(stranger, "DELETE FROM vln.audit_credentials WHERE id = %s", credential) == 0
    assert run(stranger, "UPDATE vln.audit_credentials SET label = 'x' WHERE id = %s",
               credential) == 0  # fmt: skip
    for attack in ("note_reveal", "revealed_secret"):
        assert refusal(stranger, f"SELECT vln.{attack}(%s)", credential) == PERMISSION
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        new(stranger, "audit_credentials", holders.firm.half_of("a", login), secret=sealed(1))


@pytest.mark.parametrize("login", ["admin", "finance", "readonly", "worker"])
def test_roles_without_texts_read_no_credential(
    holders: Holders, credential: UUID, login: str
) -> None:
    psql = holders.firm.psql(login)

    assert refusal(psql, "SELECT label FROM vln.audit_credentials") == PERMISSION
    for attack in ("note_reveal", "revealed_secret"):
        assert refusal(psql, f"SELECT vln.{attack}(%s)", credential) == PERMISSION


def test_nobody_adds_a_credential_in_another_name(holders: Holders) -> None:
    half = holders.firm.half_of("a", "manager.a")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        new(holders.firm.psql("auditor.a"), "audit_credentials", half, secret=sealed(1))


def test_a_secret_is_read_after_a_note_that_cannot_be_taken_back(
    holders: Holders, credential: UUID
) -> None:
    auditor, manager = holders.firm.psql("auditor.a"), holders.firm.psql("manager.a")
    read, note = "SELECT vln.revealed_secret(%s)", "SELECT vln.note_reveal(%s)"
    assert refusal(auditor, read, credential) == PERMISSION

    with auditor.transaction(force_rollback=True):  # noting and reading, to undo both
        run(auditor, note, credential)
        assert refusal(auditor, read, credential) == PERMISSION
        with auditor.transaction():
            run(auditor, note, credential)
        assert refusal(auditor, read, credential) == PERMISSION
    assert refusal(auditor, read, credential) == PERMISSION

    run(auditor, note, credential)
    assert len(ask(auditor, read, credential)) == 42
    assert refusal(manager, read, credential) == PERMISSION  # a note is for who made it
    run(holders.firm.owner, "UPDATE vln.credential_reveals SET created_at = now()"
        " - interval '61 seconds'")  # fmt: skip
    assert refusal(auditor, read, credential) == PERMISSION
    for attack in ("DELETE FROM vln.credential_reveals",
                   "UPDATE vln.credential_reveals SET created_at = now()",
                   "INSERT INTO vln.credential_reveals DEFAULT VALUES"):  # fmt: skip
        assert refusal(auditor, attack) == PERMISSION, attack


def test_each_reading_stands_in_the_activity_log(holders: Holders, credential: UUID) -> None:
    run(holders.firm.psql("manager.a"), "SELECT vln.note_reveal(%s)", credential)

    row = holders.firm.owner.execute(
        "SELECT actor_id, action, record_class, audit_id FROM vln.activity_logs"
        " WHERE entity = 'credential_reveals' AND record_id = %s", [credential],
    ).fetchall()  # fmt: skip
    assert row == [(holders.id("manager.a"), "insert", "findings",
                    holders.firm.a.id("audit_requests"))]  # fmt: skip


def test_what_is_encrypted_anew_is_of_ones_own_audits(holders: Holders, credential: UUID) -> None:
    firm, manager = holders.firm, holders.firm.psql("manager.a")
    new(firm.owner, "audit_credentials", firm.half_of("b", "manager.b"), secret=sealed(1))
    old = ask(firm.owner, "SELECT secret FROM vln.audit_credentials WHERE id = %s", credential)
    renew = "SELECT vln.renew_values('audit_credentials.secret', %s, %s, %s)"
    wanted = "SELECT id FROM vln.outdated_values(10)"
    assert ask(manager, wanted) is None  # no key is about to be retired
    assert ask(manager, renew, [credential], [old], [sealed(1)]) == 0
    run(manager, MAKE, *made_key(2))

    assert manager.execute(wanted.encode()).fetchall() == [(credential,)]
    for by in ("auditor.a", "admin"):
        assert refusal(firm.psql(by), wanted) == PERMISSION
        assert refusal(firm.psql(by), renew, [credential], [old], [sealed(2)]) == PERMISSION
    assert refusal(manager, renew, [credential], [old], [sealed(1)]) == FROZEN
    assert ask(manager, renew, [credential], [sealed(1)], [sealed(2)]) == 0  # not what is there
    assert ask(manager, renew, [credential], [old], [sealed(2, 41)]) == 0  # a longer text
    assert refusal(manager, "SELECT vln.renew_values('users.email', %s, %s, %s)",
                   [credential], [old], [sealed(2)]) == FORM  # fmt: skip
    assert ask(manager, renew, [credential], [old], [sealed(2)]) == 1
    assert ask(manager, renew, [credential], [old], [sealed(2)]) == 0


def test_every_encrypted_column_is_counted_checked_and_hidden_from_the_log(firm: Firm) -> None:
    known = {
        (table.schema, table.name, column.name): column.type.place
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    }
    assert len(known) == 4
    assert all(place == f"{tab}.{col}" for (_, tab, col), place in known.items())

    listed = firm.owner.execute("SELECT space, tab, col FROM vln_priv.encrypted_columns()")
    assert set(listed) == set(known)
    triggers = dict(firm.owner.execute(
        "SELECT tgname || ' ' || tgrelid::regclass, encode(tgargs, 'escape') FROM pg_trigger"
        " WHERE tgname IN ('b_encrypted', 'z_log_insert')").fetchall())  # fmt: skip
    for space, tab, col in known:
        checked = triggers[f"b_encrypted {space}.{tab}"].split("\\000")
        hidden = triggers[f"z_log_insert {space}.{tab}"].split("\\000")[4].split(",")
        assert col in checked
        assert col in hidden
