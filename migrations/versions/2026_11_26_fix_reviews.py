"""Review fixes in rounds: a verdict per finding and commit, a second person where it is serious.

A finding's verdict is no longer set by hand: it follows from the latest review that counts. One of a
critical or high finding counts once somebody else than the verifier has confirmed it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import (
    ALL,
    Access,
    Log,
    bound_dates,
    keep_audit,
    keep_no_statistics,
    secure,
    through,
)
from vln_desktop.domain.permissions import Role

revision = "fix_reviews"
down_revision = "views"
branch_labels = None
depends_on = None

WORKERS = (Role.MANAGER, Role.AUDITOR)
VISIBLE = through("audit_requests", "audit_id")
COMMIT = "{column} = '' OR {column} ~ '^[0-9a-f]{{7,64}}$'"
VERDICTS = "'none', 'fixed', 'partially_fixed', 'not_fixed', 'cannot_verify'"
SERIOUS = "severity IN ('critical', 'high')"

NUMBER = """CREATE FUNCTION vln.number_fix_review() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    NEW.ordinal := vln_priv.next_number(NEW.audit_id, 'fix_review', 1);
    RETURN NEW;
END $$"""

# What is written into a round waits for whoever closes it, and the other way round.
GUARD = """CREATE FUNCTION vln.guard_fix_review() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    which uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.round_id ELSE NEW.round_id END;
    closed timestamptz;
BEGIN
    SELECT closed_at INTO closed FROM vln.fix_review_rounds WHERE id = which FOR SHARE;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'This round of the fix review is closed; open another one.'
            USING ERRCODE = 'VL002';
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.verdict <> 'none' THEN
            RAISE EXCEPTION 'A finding that has its verdict stays in the round.'
                USING ERRCODE = 'VL002';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.verdict, NEW.fix_commit, NEW.note)
            IS DISTINCT FROM (OLD.verdict, OLD.fix_commit, OLD.note) THEN
        NEW.verifier_id := CASE WHEN NEW.verdict <> 'none' THEN vln.uid() END;
        NEW.verified_at := CASE WHEN NEW.verdict <> 'none' THEN now() END;
        NEW.confirmed_by := NULL;
        NEW.confirmed_at := NULL;
    END IF;
    RETURN NEW;
END $$"""

COUNTED = f"""CREATE FUNCTION vln_priv.counted_verdict(finding uuid, severity text) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT coalesce((
        SELECT r.verdict FROM vln.fix_reviews r JOIN vln.fix_review_rounds o ON o.id = r.round_id
         WHERE r.finding_id = finding AND r.verdict <> 'none'
           AND (NOT ({SERIOUS}) OR r.confirmed_by IS NOT NULL)
         ORDER BY o.ordinal DESC LIMIT 1), 'none')
$$"""

FOLLOW = """CREATE FUNCTION vln.follow_fix_review() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE vln.findings f SET fix_verdict = vln_priv.counted_verdict(f.id, f.severity)
     WHERE f.id = NEW.finding_id
       AND f.fix_verdict <> vln_priv.counted_verdict(f.id, f.severity);
    RETURN NULL;
END $$"""

# A finding that becomes serious needs the second person that it did not need before.
REGRADE = """CREATE FUNCTION vln.regrade_fix_review() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF EXISTS (SELECT FROM vln.fix_reviews WHERE finding_id = NEW.id) THEN
        NEW.fix_verdict := vln_priv.counted_verdict(NEW.id, NEW.severity);
    END IF;
    RETURN NEW;
END $$"""

CONFIRM = """CREATE FUNCTION vln.confirm_fix_review(review uuid) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found vln.fix_reviews;
BEGIN
    SELECT * INTO found FROM vln.fix_reviews WHERE id = review FOR UPDATE;
    IF found.id IS NULL OR NOT vln.works_on(found.audit_id) THEN
        RAISE EXCEPTION 'You do not work on the audit of this review.' USING ERRCODE = '42501';
    END IF;
    IF found.verdict = 'none' THEN
        RAISE EXCEPTION 'There is no verdict to confirm yet.' USING ERRCODE = 'VL002';
    END IF;
    IF found.verifier_id = vln.uid() THEN
        RAISE EXCEPTION 'Somebody else than the verifier confirms a verdict.'
            USING ERRCODE = 'VL002';
    END IF;
    UPDATE vln.fix_reviews SET confirmed_by = vln.uid(), confirmed_at = now() WHERE id = review;
END $$"""

CLOSE = f"""CREATE FUNCTION vln.close_fix_review(round uuid) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    this vln.fix_review_rounds;
    whole int;
    missing int;
    unconfirmed int;
BEGIN
    SELECT * INTO this FROM vln.fix_review_rounds WHERE id = round FOR UPDATE;
    IF this.id IS NULL OR NOT vln.works_on(this.audit_id) THEN
        RAISE EXCEPTION 'You do not work on the audit of this round.' USING ERRCODE = '42501';
    END IF;
    IF this.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'This round of the fix review is closed already.' USING ERRCODE = 'VL002';
    END IF;
    SELECT count(*), count(*) FILTER (WHERE r.verdict = 'none'),
           count(*) FILTER (WHERE r.verdict <> 'none' AND {SERIOUS} AND r.confirmed_by IS NULL)
      INTO whole, missing, unconfirmed
      FROM vln.fix_reviews r JOIN vln.findings f ON f.id = r.finding_id WHERE r.round_id = round;
    IF whole = 0 THEN
        RAISE EXCEPTION 'There is no finding in this round.' USING ERRCODE = 'VL002';
    ELSIF missing > 0 THEN
        RAISE EXCEPTION 'Not every finding of this round has its verdict: % left.', missing
            USING ERRCODE = 'VL002';
    ELSIF unconfirmed > 0 THEN
        RAISE EXCEPTION 'Critical and high ones wait for a second person: % left.', unconfirmed
            USING ERRCODE = 'VL002';
    END IF;
    UPDATE vln.fix_review_rounds SET closed_at = now(), closed_by = vln.uid() WHERE id = round;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_rounds()
    _create_reviews()
    for function in (NUMBER, GUARD, COUNTED, FOLLOW, REGRADE, CONFIRM, CLOSE):
        op.execute(function)
    for trigger in (
        "b_number BEFORE INSERT ON vln.fix_review_rounds FOR EACH ROW"
        " EXECUTE FUNCTION vln.number_fix_review()",
        "c_guard BEFORE INSERT OR UPDATE OR DELETE ON vln.fix_reviews FOR EACH ROW"
        " EXECUTE FUNCTION vln.guard_fix_review()",
        "y_follow AFTER UPDATE ON vln.fix_reviews FOR EACH ROW"
        " WHEN ((OLD.verdict, OLD.confirmed_by) IS DISTINCT FROM (NEW.verdict, NEW.confirmed_by))"
        " EXECUTE FUNCTION vln.follow_fix_review()",
        "c_regrade BEFORE UPDATE ON vln.findings FOR EACH ROW"
        " WHEN (OLD.severity <> NEW.severity AND NEW.fix_verdict <> 'none')"
        " EXECUTE FUNCTION vln.regrade_fix_review()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    groups = ", ".join(role.group for role in WORKERS)
    for function in ("confirm_fix_review", "close_fix_review"):
        op.execute(f"REVOKE ALL ON FUNCTION vln.{function}(uuid) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function}(uuid) TO {groups}")
    op.execute(f"REVOKE UPDATE (fix_verdict) ON vln.findings FROM {groups}")
    _link_kinds("'duplicate_of', 'related', 'introduced_by'")


def _create_rounds() -> None:
    op.create_table(
        "fix_review_rounds",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), server_default="0", nullable=False),
        sa.Column("base_commit", sa.Text(), server_default="", nullable=False),
        sa.Column("fix_commit", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_by", sa.UUID(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.UUID(), nullable=True),
        *_times(),
        sa.CheckConstraint(COMMIT.format(column="base_commit"),
                           name=op.f("ck_fix_review_rounds_base_commit_form")),
        sa.CheckConstraint(COMMIT.format(column="fix_commit"),
                           name=op.f("ck_fix_review_rounds_fix_commit_form")),
        *_parents("fix_review_rounds", audit_id="audit_requests", opened_by="users",
                  closed_by="users"),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        "uq_fix_review_rounds_audit_id_ordinal", "fix_review_rounds", ["audit_id", "ordinal"],
        unique=True, schema="vln",
    )  # fmt: skip
    op.create_index(
        "uq_fix_review_rounds_open", "fix_review_rounds", ["audit_id"], unique=True,
        postgresql_where=sa.text("closed_at IS NULL"), schema="vln",
    )  # fmt: skip
    bound_dates(op.execute, "fix_review_rounds", "closed_at")
    secure(
        op.execute,
        "fix_review_rounds",
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "base_commit", "fix_commit", "opened_by"),
                update=("fix_commit",),
                delete=True,
                rows=f"{VISIBLE} AND closed_at IS NULL",
                read_rows=VISIBLE,
                insert_check=f"{VISIBLE} AND opened_by = (SELECT vln.uid())",
            )
            for role in WORKERS
        ),
        log=Log("findings", audit="audit_id"),
    )


def _create_reviews() -> None:
    op.create_table(
        "fix_reviews",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("round_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("verdict", sa.Text(), server_default="none", nullable=False),
        sa.Column("fix_commit", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("verifier_id", sa.UUID(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.UUID(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        *_times(),
        sa.CheckConstraint(f"verdict IN ({VERDICTS})", name=op.f("ck_fix_reviews_verdict_word")),
        sa.CheckConstraint(COMMIT.format(column="fix_commit"),
                           name=op.f("ck_fix_reviews_fix_commit_form")),
        sa.CheckConstraint("length(note) <= 200000", name=op.f("ck_fix_reviews_note_length")),
        sa.CheckConstraint("(verdict = 'none') = (verifier_id IS NULL)",
                           name=op.f("ck_fix_reviews_verified_by_somebody")),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> verifier_id",
                           name=op.f("ck_fix_reviews_two_people")),
        *_parents("fix_reviews", audit_id="audit_requests", round_id="fix_review_rounds",
                  finding_id="findings", verifier_id="users", confirmed_by="users"),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        "uq_fix_reviews_round_id_finding_id", "fix_reviews", ["round_id", "finding_id"],
        unique=True, schema="vln",
    )  # fmt: skip
    op.create_index("idx_fix_reviews_finding_id", "fix_reviews", ["finding_id"], schema="vln")
    keep_audit(op.execute, "fix_reviews", "round_id>fix_review_rounds", "finding_id>findings")
    keep_no_statistics(op.execute, "fix_reviews", "note")
    bound_dates(op.execute, "fix_reviews", "verified_at", "confirmed_at")
    secure(
        op.execute,
        "fix_reviews",
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "round_id", "finding_id"),
                update=("verdict", "fix_commit", "note"),
                delete=True,
                rows=VISIBLE,
            )
            for role in WORKERS
        ),
        log=Log("findings", audit="audit_id"),
    )


def _times() -> tuple[sa.Column[object], ...]:
    now = sa.text("now()")
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )


def _parents(table: str, **parents: str) -> tuple[sa.Constraint, ...]:
    return (
        *(
            sa.ForeignKeyConstraint(
                [column], [f"vln.{parent}.id"], name=op.f(f"fk_{table}_{column}")
            )
            for column, parent in parents.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _link_kinds(words: str) -> None:
    name = op.f("ck_finding_links_kind_word")
    op.drop_constraint(name, "finding_links", schema="vln")
    op.create_check_constraint(name, "finding_links", f"kind IN ({words})", schema="vln")


def downgrade() -> None:
    """Undo this revision; verdicts stay on their findings, links of fixes become related."""
    op.execute("ALTER TABLE vln.finding_links DISABLE TRIGGER USER")
    op.execute("UPDATE vln.finding_links SET kind = 'related' WHERE kind = 'introduced_by'")
    op.execute("ALTER TABLE vln.finding_links ENABLE TRIGGER USER")
    _link_kinds("'duplicate_of', 'related'")
    groups = ", ".join(role.group for role in WORKERS)
    op.execute(f"GRANT UPDATE (fix_verdict) ON vln.findings TO {groups}")
    op.execute("DROP TRIGGER c_regrade ON vln.findings")
    op.drop_table("fix_reviews", schema="vln")
    op.drop_table("fix_review_rounds", schema="vln")
    for function in (
        "vln.regrade_fix_review()", "vln.follow_fix_review()", "vln.guard_fix_review()",
        "vln.number_fix_review()", "vln.confirm_fix_review(uuid)", "vln.close_fix_review(uuid)",
        "vln_priv.counted_verdict(uuid, text)",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}")
