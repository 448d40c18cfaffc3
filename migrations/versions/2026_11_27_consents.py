"""Say who of the client consented to a public report, when, and where that is written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import bound_dates
from vln_desktop.domain.permissions import Role

revision = "consents"
down_revision = "billing"
branch_labels = None
depends_on = None

TOLD = ("consent_by", "consent_on", "consent_reference")
WORKERS = (Role.AUDITOR, Role.MANAGER)


def upgrade() -> None:
    for name in ("consent_by", "consent_reference"):
        op.add_column("reports", sa.Column(name, sa.Text(), server_default="", nullable=False),
                      schema="vln")  # fmt: skip
        op.create_check_constraint(f"{name}_length", "reports", f"length({name}) <= 200",
                                   schema="vln")  # fmt: skip
    op.add_column("reports", sa.Column("consent_on", sa.Date()), schema="vln")
    bound_dates(op.execute, "reports", "consent_on")
    # Who consented is told with a consent alone: one that was withdrawn leaves no name behind.
    op.create_check_constraint(
        "consent_told", "reports",
        "public_consent OR (consent_by = '' AND consent_on IS NULL AND consent_reference = '')",
        schema="vln",
    )  # fmt: skip
    written = ", ".join(TOLD)
    for role in WORKERS:
        op.execute(f"GRANT INSERT ({written}), UPDATE ({written}) ON vln.reports TO {role.group}")


def downgrade() -> None:
    for name in TOLD:  # their constraints go with them
        op.drop_column("reports", name, schema="vln")
