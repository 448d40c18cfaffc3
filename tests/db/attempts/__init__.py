"""What insiders try, by what they are after."""

from __future__ import annotations

from tests.db.attempts.money import MONEY
from tests.db.attempts.possible import POSSIBLE
from tests.db.attempts.reading import READING
from tests.db.attempts.reports import REPORTS
from tests.db.attempts.roles import ROLES
from tests.db.attempts.schema import SCHEMA
from tests.db.attempts.secrets import SECRETS
from tests.db.attempts.server import SERVER
from tests.db.attempts.work import WORK

__all__ = ["ATTEMPTS", "POSSIBLE"]

ATTEMPTS = (*ROLES, *SCHEMA, *SERVER, *SECRETS, *READING, *WORK, *REPORTS, *MONEY)
