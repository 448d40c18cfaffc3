"""ORM classes, one module per feature; importing this package fills the metadata."""

from vln_desktop.db.models import (
    access,
    activity,
    audits,
    clients,
    findings,
    firm,
    fix_reviews,
    invoices,
    keys,
    operations,
    payments,
    presence,
    reports,
    teams,
    templates,
    users,
)

__all__ = [
    "access",
    "activity",
    "audits",
    "clients",
    "findings",
    "firm",
    "fix_reviews",
    "invoices",
    "keys",
    "operations",
    "payments",
    "presence",
    "reports",
    "teams",
    "templates",
    "users",
]
