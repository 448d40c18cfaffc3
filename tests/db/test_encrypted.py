"""The column type: nothing but what was encrypted for a column gets into it, by ORM or Core."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import StatementError
from uuid_utils.compat import uuid7

from tests.db.refusal import ask
from tests.firm import Firm
from tests.services.keys import set_up
from vln_desktop.db.base import table_of
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.models.findings import FindingComment
from vln_desktop.db.models.users import OAuthAccount
from vln_desktop.domain.field_encryption import Ciphertext

TOKEN = "oauth_accounts.access_token"
PLAIN = "a-token-that-must-not-be-told"


def test_a_token_comes_back_by_orm_and_core(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    with founder.database.reading() as connection:
        ring = founder.chain.ring(connection)
    id_, accounts = uuid7(), table_of(OAuthAccount)
    row = {"id": id_, "user_id": firm.people["admin"].id, "provider": "github", "subject": "x",
           "access_token": ring.encrypt(TOKEN, id_, PLAIN)}  # fmt: skip

    with owner_engine(firm.owner_url).begin() as connection:
        connection.execute(insert(accounts), [row])
        (sealed,) = connection.execute(
            select(accounts.c.access_token).where(accounts.c.id == id_)
        ).one()
        empty = connection.scalar(select(accounts.c.refresh_token).where(accounts.c.id == id_))

    assert isinstance(sealed, Ciphertext)
    assert ring.decrypt(sealed, id_) == PLAIN
    assert empty is None
    stored = ask(firm.owner, "SELECT access_token FROM vln_priv.oauth_accounts WHERE id = %s", id_)
    assert stored == sealed.data
    assert PLAIN.encode() not in stored


@pytest.mark.parametrize(
    "wrong", [PLAIN, PLAIN.encode(), Ciphertext("audit_credentials.secret", PLAIN.encode())]
)
def test_anything_else_never_reaches_the_driver(firm: Firm, wrong: object) -> None:
    remarks = table_of(FindingComment)

    with (
        pytest.raises(StatementError, match="only what was encrypted for it") as refused,
        owner_engine(firm.owner_url).begin() as connection,
    ):
        connection.execute(update(remarks).values(secret_body=wrong))
    assert PLAIN not in str(refused.value)


def test_an_admin_encrypts_tokens_anew(firm: Firm) -> None:
    founder, _paper = set_up(firm, "admin")
    with founder.database.reading() as connection:
        ring = founder.chain.ring(connection)
    id_: UUID = uuid7()
    with owner_engine(firm.owner_url).begin() as connection:
        connection.execute(
            insert(table_of(OAuthAccount)),
            [{"id": id_, "user_id": firm.people["admin"].id, "provider": "github", "subject": "x",
              "access_token": ring.encrypt(TOKEN, id_, PLAIN)}],
        )  # fmt: skip

    done = founder.keys.rotate()

    assert (done.encrypted_anew, done.left, done.retired) == (1, 0, (1,))
    told = "SELECT changes::text FROM vln.activity_logs WHERE entity = 'oauth_accounts'"
    assert "[hidden, changed]" in ask(firm.owner, f"{told} AND action = 'update'")
