"""Classify findings: tags, references, links, CVSS, the whole of CWE and SWC, and more schemes.

A tag is its name: it has no table of its own, as one list for all would tell each team what the
others call things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import insert

from vln_desktop.db.schema import Access, Log, keep_audit, keep_no_statistics, secure, through
from vln_desktop.db.weaknesses import shipped_weaknesses
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.severity_schemes import STANDARD_SCHEMES

revision = "classification"
down_revision = "responses"
branch_labels = None
depends_on = None

VECTOR = r"^CVSS:(3[.]1|4[.]0)(/[A-Za-z]{1,3}:[A-Za-z]{1,8})+$"
METHODS = "'matrix', 'impact', 'cvss_3_1', 'cvss_4_0'"
VISIBLE = through("audit_requests", "audit_id")
WORKERS = (Role.MANAGER, Role.AUDITOR)

# A duplicate points at the first of its kind, never at another duplicate: both ends are locked, so
# that two people cannot make a chain of two links at once.
LINKED = """CREATE FUNCTION vln.link_findings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM 1 FROM vln.findings WHERE id IN (NEW.finding_id, NEW.other_id)
      ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM vln.finding_links l
                WHERE l.finding_id = NEW.other_id AND l.other_id = NEW.finding_id) THEN
        RAISE EXCEPTION 'These two findings are linked already.' USING ERRCODE = 'VL002';
    END IF;
    IF NEW.kind = 'duplicate_of' AND EXISTS (SELECT 1 FROM vln.finding_links l
            WHERE l.finding_id = NEW.other_id AND l.kind = 'duplicate_of') THEN
        RAISE EXCEPTION 'That finding is a duplicate itself; link to the one it duplicates.'
            USING ERRCODE = 'VL002';
    END IF;
    IF NEW.kind = 'duplicate_of' AND EXISTS (SELECT 1 FROM vln.finding_links l
            WHERE l.other_id = NEW.finding_id AND l.kind = 'duplicate_of') THEN
        RAISE EXCEPTION 'Other findings are duplicates of this one; take those links back first.'
            USING ERRCODE = 'VL002';
    END IF;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_tags()
    _create_references()
    _create_links()
    op.create_check_constraint(
        op.f("ck_findings_cvss_form"),
        "findings",
        f"cvss_vector = '' OR cvss_vector ~ '{VECTOR}'",
        schema="vln",
    )
    op.create_check_constraint(
        op.f("ck_findings_cvss_both"),
        "findings",
        "(cvss_vector = '') = (cvss_score IS NULL)",
        schema="vln",
    )
    op.add_column(
        "severity_schemes",
        sa.Column("method", sa.Text(), server_default="matrix", nullable=False),
        schema="vln",
    )
    op.create_check_constraint(
        op.f("ck_severity_schemes_method_word"),
        "severity_schemes",
        f"method IN ({METHODS})",
        schema="vln",
    )
    _fill("weaknesses", [asdict(weakness) for weakness in shipped_weaknesses()])
    _fill("severity_schemes", [
        {"id": one.id, "name": one.name, "method": one.method.value} for one in STANDARD_SCHEMES
    ])  # fmt: skip
    _fill_cells()


def _create_tags() -> None:
    op.create_table(
        "finding_tags",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _now(),
        sa.CheckConstraint("name = lower(name) AND name ~ '^[^[:space:],;#]{1,40}$'",
                           name=op.f("ck_finding_tags_name_form")),
        *_parents("finding_tags"),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        "uq_finding_tags_finding_id_name", "finding_tags", ["finding_id", "name"],
        unique=True, schema="vln",
    )  # fmt: skip
    op.create_index("idx_finding_tags_name", "finding_tags", ["name", "finding_id"], schema="vln")
    _secure("finding_tags", ("name",))


def _create_references() -> None:
    op.create_table(
        "finding_references",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        _now(),
        sa.CheckConstraint("url ~* '^https?://[^[:space:]]+$' AND length(url) <= 2000",
                           name=op.f("ck_finding_references_url_form")),
        sa.CheckConstraint("length(title) <= 300",
                           name=op.f("ck_finding_references_title_length")),
        *_parents("finding_references"),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        "uq_finding_references_finding_id_ordinal", "finding_references",
        ["finding_id", "ordinal"], unique=True, schema="vln",
    )  # fmt: skip
    _secure("finding_references", ("ordinal", "title", "url"))


def _create_links() -> None:
    op.create_table(
        "finding_links",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("other_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=False),
        _now(),
        sa.CheckConstraint("kind IN ('duplicate_of', 'related')",
                           name=op.f("ck_finding_links_kind_word")),
        sa.CheckConstraint("finding_id <> other_id", name=op.f("ck_finding_links_two_findings")),
        sa.CheckConstraint("btrim(reason) <> '' AND length(reason) <= 2000",
                           name=op.f("ck_finding_links_reason_length")),
        *_parents("finding_links"),
        sa.ForeignKeyConstraint(["other_id"], ["vln.findings.id"],
                                name=op.f("fk_finding_links_other_id")),
        sa.ForeignKeyConstraint(["author_id"], ["vln.users.id"],
                                name=op.f("fk_finding_links_author_id")),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        "uq_finding_links_pair", "finding_links", ["finding_id", "other_id"],
        unique=True, schema="vln",
    )  # fmt: skip
    op.create_index(
        "uq_finding_links_duplicate_of", "finding_links", ["finding_id"], unique=True,
        postgresql_where=sa.text("kind = 'duplicate_of'"), schema="vln",
    )  # fmt: skip
    op.create_index("idx_finding_links_other_id", "finding_links", ["other_id"], schema="vln")
    op.execute(LINKED)
    op.execute(
        "CREATE TRIGGER c_link BEFORE INSERT ON vln.finding_links "
        "FOR EACH ROW EXECUTE FUNCTION vln.link_findings()"
    )
    _secure(
        "finding_links",
        ("other_id", "kind", "reason", "author_id"),
        "other_id>findings",
        mine=" AND author_id = (SELECT vln.uid())",
    )


def _now() -> sa.Column[object]:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _parents(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f(f"fk_{table}_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["vln.findings.id"], name=op.f(f"fk_{table}_finding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _secure(table: str, columns: tuple[str, ...], *references: str, mine: str = "") -> None:
    """Secure a table of rows that are added and taken away, never changed."""
    keep_audit(op.execute, table, "finding_id>findings", *references)
    texts = {"name", "title", "url", "reason"}
    keep_no_statistics(op.execute, table, *(column for column in columns if column in texts))
    written = ("id", "audit_id", "finding_id", *columns)
    secure(
        op.execute,
        table,
        *(
            Access(
                role,
                select="*",
                insert=written,
                delete=True,
                rows=VISIBLE,
                insert_check=f"{VISIBLE}{mine}",
            )
            for role in WORKERS
        ),
        log=Log("findings", audit="audit_id"),
        touched="never",
    )


def _fill(table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Add the rows that are not there; the log tells of people's changes only."""
    columns: list[sa.ColumnClause[object]] = [sa.column(name) for name in rows[0]]
    op.execute(f"ALTER TABLE vln.{table} DISABLE TRIGGER USER")
    target = sa.table(table, *columns, schema="vln")
    op.execute(insert(target).values(rows).on_conflict_do_nothing())
    op.execute(f"ALTER TABLE vln.{table} ENABLE TRIGGER USER")


def _fill_cells() -> None:
    """Fill the tables of the schemes that were added, not of one that had the name already."""
    there = set(op.get_bind().scalars(sa.text("SELECT id FROM vln.severity_schemes")))
    cells = [
        {"scheme_id": scheme.id, "impact": impact.value, "likelihood": likelihood.value,
         "severity": severity.value}
        for scheme in STANDARD_SCHEMES
        if scheme.id in there
        for impact, likelihood, severity in scheme.cells
    ]  # fmt: skip
    _fill("severity_scheme_cells", cells)


def downgrade() -> None:
    """Undo this revision; what the catalogues gained stays, as findings may point to it."""
    for table in ("finding_links", "finding_references", "finding_tags"):
        op.drop_table(table, schema="vln")
    op.execute("DROP FUNCTION vln.link_findings()")
    op.drop_column("severity_schemes", "method", schema="vln")
    for name in ("cvss_form", "cvss_both"):
        op.drop_constraint(op.f(f"ck_findings_{name}"), "findings", schema="vln")
