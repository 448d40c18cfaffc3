"""Who may do what in the window; the database keeps the same rules by grants and policies.

The table below only decides what the window offers. It is never the boundary: see
`vln_desktop.db.schema` and the role matrix test.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The roles that have a login; `client` and `guest` users have rows but cannot sign in."""

    ADMIN = "admin"
    MANAGER = "manager"
    AUDITOR = "auditor"
    FINANCE = "finance"
    READONLY = "readonly"
    WORKER = "worker"

    @property
    def group(self) -> str:
        """The PostgreSQL group role that carries this role's grants."""
        return f"vln_{self.value}"


STAFF = (Role.ADMIN, Role.MANAGER, Role.AUDITOR, Role.FINANCE, Role.READONLY)
"""The roles of people; the worker is a machine."""


class Service(StrEnum):
    """The machines that have a login of their own; each login belongs to one of these groups."""

    BACKUP = "backup"
    PORTAL = "portal"
    REPLICA = "replica"

    @property
    def group(self) -> str:
        """The PostgreSQL group role that carries this service's grants."""
        return f"vln_{self.value}"


class Right(StrEnum):
    """A thing the window can offer; `needs` of a command and of a column names one."""

    AUDITS_READ = "audits.read"
    AUDITS_NAMES = "audits.names"
    AUDITS_EDIT = "audits.edit"
    AUDITS_STEP = "audits.step"
    FINDINGS_READ = "findings.read"
    FINDINGS_TITLES = "findings.titles"
    FINDINGS_TEXT = "findings.text"
    FINDINGS_EDIT = "findings.edit"
    FINDINGS_IMPORT = "findings.import"
    CHECKLISTS_EDIT = "checklists.edit"
    TIME_ENTER = "time.enter"
    RULES_READ = "rules.read"
    RULES_EDIT = "rules.edit"
    REPORTS_READ = "reports.read"
    REPORTS_EDIT = "reports.edit"
    REPORTS_APPROVE = "reports.approve"
    INVOICES_READ = "invoices.read"
    INVOICES_TOTALS = "invoices.totals"
    INVOICES_EDIT = "invoices.edit"
    PAYMENTS_RECORD = "payments.record"
    SELLERS_EDIT = "sellers.edit"
    CLIENTS_EDIT = "clients.edit"
    ACTIVITY_READ = "activity.read"
    USERS_READ = "users.read"
    USERS_EDIT = "users.edit"
    KEYS_HOLD = "keys.hold"
    KEYS_GRANT = "keys.grant"
    TEAMS_READ = "teams.read"
    TEAMS_EDIT = "teams.edit"
    SECURITY_READ = "security.read"
    ACCESS_ASK = "access.ask"
    ACCESS_READ = "access.read"
    ACCESS_DECIDE = "access.decide"


_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(
        {
            Right.AUDITS_READ,
            Right.AUDITS_NAMES,
            Right.FINDINGS_READ,
            Right.ACTIVITY_READ,
            Right.USERS_READ,
            Right.USERS_EDIT,
            Right.KEYS_HOLD,
            Right.KEYS_GRANT,
            Right.TEAMS_READ,
            Right.TEAMS_EDIT,
            Right.SECURITY_READ,
            Right.ACCESS_ASK,
            Right.ACCESS_READ,
            Right.ACCESS_DECIDE,
        }
    ),
    Role.MANAGER: frozenset(
        {
            Right.AUDITS_READ,
            Right.AUDITS_NAMES,
            Right.AUDITS_EDIT,
            Right.AUDITS_STEP,
            Right.FINDINGS_READ,
            Right.FINDINGS_TITLES,
            Right.FINDINGS_TEXT,
            Right.FINDINGS_EDIT,
            Right.FINDINGS_IMPORT,
            Right.CHECKLISTS_EDIT,
            Right.TIME_ENTER,
            Right.RULES_READ,
            Right.RULES_EDIT,
            Right.REPORTS_READ,
            Right.REPORTS_EDIT,
            Right.REPORTS_APPROVE,
            Right.INVOICES_TOTALS,
            Right.ACTIVITY_READ,
            Right.USERS_READ,
            Right.KEYS_HOLD,
            Right.KEYS_GRANT,
            Right.TEAMS_READ,
            Right.SECURITY_READ,
            Right.ACCESS_ASK,
            Right.ACCESS_READ,
            Right.ACCESS_DECIDE,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Right.AUDITS_READ,
            Right.AUDITS_NAMES,
            Right.AUDITS_STEP,
            Right.FINDINGS_READ,
            Right.FINDINGS_TITLES,
            Right.FINDINGS_TEXT,
            Right.FINDINGS_EDIT,
            Right.FINDINGS_IMPORT,
            Right.TIME_ENTER,
            Right.RULES_READ,
            Right.REPORTS_READ,
            Right.REPORTS_EDIT,
            Right.ACTIVITY_READ,
            Right.KEYS_HOLD,
            Right.SECURITY_READ,
            Right.ACCESS_ASK,
            Right.ACCESS_READ,
        }
    ),
    Role.FINANCE: frozenset(
        {
            Right.AUDITS_READ,
            Right.AUDITS_NAMES,
            Right.FINDINGS_READ,
            Right.FINDINGS_TITLES,
            Right.INVOICES_READ,
            Right.INVOICES_TOTALS,
            Right.INVOICES_EDIT,
            Right.PAYMENTS_RECORD,
            Right.SELLERS_EDIT,
            Right.CLIENTS_EDIT,
            Right.ACTIVITY_READ,
            Right.SECURITY_READ,
            Right.ACCESS_ASK,
            Right.ACCESS_READ,
        }
    ),
    Role.READONLY: frozenset(
        {Right.AUDITS_READ, Right.FINDINGS_READ, Right.SECURITY_READ, Right.ACCESS_ASK}
    ),
    Role.WORKER: frozenset(),
}


def may(role: Role, right: Right | None) -> bool:
    """Tell whether a role has a right; None stands for what everybody signed in may do."""
    return right is None or right in _RIGHTS[role]
