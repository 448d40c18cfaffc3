"""Review every quarter who has what access: a snapshot, decided one by one and then kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, by_role_manager, enforce_transitions, secure
from vln_desktop.domain.access_reviews import ACCESS_REVIEW_TRANSITIONS
from vln_desktop.domain.permissions import Role

revision = "access_reviews"
down_revision = "access"
branch_labels = None
depends_on = None

# The numbers of a person's audits tell of clients, and those of other teams are not a manager's.
FOR_MANAGERS = ("id", "review_id", "person_id", "role", "snapshot", "reviewer_id", "decision",
                "remark", "decided_at", "open_rank", "created_at")  # fmt: skip
# Managers attest their people, and the admins, about whom a lone admin could not decide.
FOR_MANAGERS_ROWS = "role = 'admin' OR person_id IN (SELECT unnest(vln.my_people()))"

FUNCTIONS = (
    """CREATE FUNCTION vln.keep_review_items() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    BEGIN
        IF EXISTS (SELECT FROM vln.access_reviews r
                    WHERE r.id = CASE TG_OP WHEN 'DELETE' THEN OLD.review_id ELSE NEW.review_id END
                      AND r.status = 'finished')
           OR (TG_OP = 'UPDATE' AND (OLD.review_id, OLD.person_id, OLD.role, OLD.snapshot, OLD.audits)
               IS DISTINCT FROM (NEW.review_id, NEW.person_id, NEW.role, NEW.snapshot, NEW.audits)) THEN
            RAISE EXCEPTION 'This review is finished, and what it saw is kept as it was.'
                USING ERRCODE = 'VL002';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$""",
    """CREATE FUNCTION vln.start_access_review(quarter text, due date) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        review uuid := gen_random_uuid();
    BEGIN
        IF NOT coalesce(vln.my_role() = 'admin' AND vln.session_ok(), false) THEN
            RAISE EXCEPTION 'Only an admin starts a review.' USING ERRCODE = '42501';
        END IF;
        PERFORM vln_priv.require_second_factor();
        IF coalesce(quarter !~ '^[0-9]{4}-Q[1-4]$' OR due < vln.today(), true) THEN
            RAISE EXCEPTION 'A review is of a quarter such as 2026-Q4, and due in the future.'
                USING ERRCODE = 'VL005';
        END IF;
        IF EXISTS (SELECT FROM vln.access_reviews r WHERE r.period = quarter) THEN
            RAISE EXCEPTION 'The review of % was started already.', quarter USING ERRCODE = 'VL005';
        END IF;
        INSERT INTO vln.access_reviews (id, period, started_by, due_on)
        VALUES (review, quarter, vln.uid(), due);
        INSERT INTO vln.access_review_items (id, review_id, person_id, role, snapshot, audits)
        SELECT gen_random_uuid(), review, u.id, u.role,
               jsonb_build_object(
                   'last_sign_in', u.last_sign_in_at, 'access_ends_on', u.access_ends_on,
                   'teams', coalesce((
                       SELECT jsonb_agg(t.name || CASE m.duty WHEN 'lead' THEN ' (lead)' ELSE '' END
                                        ORDER BY t.name)
                         FROM vln.team_members m JOIN vln.teams t ON t.id = m.team_id
                        WHERE m.user_id = u.id AND t.deleted_at IS NULL
                          AND (m.valid_until IS NULL OR m.valid_until >= vln.today())), '[]')),
               ARRAY(SELECT a.number FROM vln.audit_assignments s
                       JOIN vln.audit_requests a ON a.id = s.audit_id
                      WHERE s.user_id = u.id AND a.deleted_at IS NULL
                        AND (s.valid_until IS NULL OR s.valid_until >= vln.today())
                      ORDER BY a.number)
          FROM vln.users u
         WHERE u.role NOT IN ('client', 'guest') AND u.active AND u.deleted_at IS NULL
           AND u.erased_at IS NULL;
        RETURN review;
    END $$""",
    # Returns the person whose login ends at once, if one does.
    """CREATE FUNCTION vln.register_review_decision(
        item uuid, decision text, remark text, at_once boolean)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        seen vln.access_review_items;
    BEGIN
        SELECT * INTO seen FROM vln.access_review_items i WHERE i.id = item FOR UPDATE;
        IF NOT coalesce(vln.session_ok() AND (vln.my_role() = 'admin' OR (
               vln.my_role() = 'manager'
               AND (seen.role = 'admin' OR seen.person_id = ANY (vln.my_people())))), false)
           OR seen.id IS NULL OR seen.person_id = vln.uid() THEN
            RAISE EXCEPTION 'This is not yours to decide; nobody decides about themselves.'
                USING ERRCODE = '42501';
        END IF;
        IF coalesce(decision NOT IN ('keep', 'change', 'remove'), true) OR length(remark) > 2000
           OR (decision <> 'keep' AND coalesce(length(btrim(remark)) < 3, true)) THEN
            RAISE EXCEPTION 'A decision is keep, change or remove; the last two say why.'
                USING ERRCODE = 'VL005';
        END IF;
        IF at_once AND decision <> 'remove' THEN
            RAISE EXCEPTION 'Only what is removed ends at once.' USING ERRCODE = 'VL005';
        END IF;
        UPDATE vln.access_review_items i
           SET reviewer_id = vln.uid(), decision = register_review_decision.decision,
               remark = btrim(coalesce(register_review_decision.remark, '')),
               decided_at = clock_timestamp()
         WHERE i.id = item;
        RETURN CASE WHEN at_once THEN seen.person_id END;
    END $$""",
    """CREATE FUNCTION vln.finish_access_review(review uuid) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        undecided int;
    BEGIN
        IF NOT coalesce(vln.my_role() = 'admin' AND vln.session_ok(), false) THEN
            RAISE EXCEPTION 'Only an admin finishes a review.' USING ERRCODE = '42501';
        END IF;
        PERFORM FROM vln.access_reviews r WHERE r.id = review FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'There is no such review.' USING ERRCODE = 'VL005';
        END IF;
        SELECT count(*) INTO undecided FROM vln.access_review_items i
         WHERE i.review_id = review AND i.decision IS NULL;
        IF undecided > 0 THEN
            RAISE EXCEPTION '% people are not decided yet.', undecided USING ERRCODE = 'VL005';
        END IF;
        UPDATE vln.access_reviews r
           SET status = 'finished', finished_at = clock_timestamp(), finished_by = vln.uid()
         WHERE r.id = review;
    END $$""",
)

DECIDE = {
    "decide_access_review(uuid, text, text, boolean)": """CREATE FUNCTION vln.decide_access_review(
        item uuid, decision text, remark text, at_once boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        ended uuid := vln.register_review_decision(item, decision, remark, at_once);
    BEGIN
        IF ended IS NOT NULL THEN PERFORM vln.disable_staff(ended); END IF;
    END $$"""
}
REGISTER = "register_review_decision(uuid, text, text, boolean)"
FOR_STAFF = ("start_access_review(text, date)", "finish_access_review(uuid)")


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    for statement in FUNCTIONS:
        op.execute(statement)
    for trigger in (
        "b_keep BEFORE UPDATE OR DELETE ON vln.access_reviews FOR EACH ROW "
        "WHEN (OLD.status = 'finished') EXECUTE FUNCTION vln.refuse_change()",
        "b_keep BEFORE INSERT OR UPDATE OR DELETE ON vln.access_review_items FOR EACH ROW "
        "EXECUTE FUNCTION vln.keep_review_items()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    enforce_transitions(op.execute, "access_reviews", "status", ACCESS_REVIEW_TRANSITIONS)
    for function in FOR_STAFF:
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_staff")
    op.execute(f"GRANT EXECUTE ON FUNCTION vln.{REGISTER} TO vln_rolemgr")
    by_role_manager(op.execute, DECIDE, "vln_staff")
    secure(
        op.execute,
        "access_reviews",
        *(Access(role, select=ALL) for role in (Role.ADMIN, Role.MANAGER)),
        log=Log("identity", label="period"),
    )
    secure(
        op.execute,
        "access_review_items",
        Access(Role.ADMIN, select=ALL),
        Access(Role.MANAGER, select=FOR_MANAGERS, rows=FOR_MANAGERS_ROWS),
        log=Log("identity"),
        touched="never",
    )


def _create_tables() -> None:
    now = sa.text("now()")
    op.create_table(
        "access_reviews",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("started_by", sa.UUID(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_by", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("status IN ('open', 'finished')",
                           name=op.f("ck_access_reviews_status_word")),
        sa.CheckConstraint("period ~ '^[0-9]{4}-Q[1-4]$'",
                           name=op.f("ck_access_reviews_period_form")),
        *(
            sa.ForeignKeyConstraint([column], ["vln.users.id"],
                                    name=op.f(f"fk_access_reviews_{column}"))
            for column in ("started_by", "finished_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_reviews")),
        schema="vln",
    )  # fmt: skip
    op.create_index("uq_access_reviews_period", "access_reviews", ["period"], unique=True,
                    schema="vln")  # fmt: skip
    table = "access_review_items"
    op.create_table(
        table,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("review_id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
        sa.Column("audits", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"),
                  nullable=False),
        sa.Column("reviewer_id", sa.UUID(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "open_rank", sa.SmallInteger(),
            sa.Computed("CASE WHEN decision IS NULL THEN 1 ELSE 0 END", persisted=True),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.CheckConstraint("decision IN ('keep', 'change', 'remove')",
                           name=op.f(f"ck_{table}_decision_word")),
        sa.CheckConstraint("reviewer_id <> person_id",
                           name=op.f(f"ck_{table}_reviewer_not_person")),
        sa.CheckConstraint("num_nonnulls(reviewer_id, decision, decided_at) IN (0, 3)",
                           name=op.f(f"ck_{table}_decision_whole")),
        *(
            sa.ForeignKeyConstraint([column], [f"vln.{parent}.id"],
                                    name=op.f(f"fk_{table}_{column}"))
            for column, parent in (("review_id", "access_reviews"), ("person_id", "users"),
                                   ("reviewer_id", "users"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        schema="vln",
    )  # fmt: skip
    op.create_index(f"uq_{table}_review_id_person_id", table, ["review_id", "person_id"],
                    unique=True, schema="vln")  # fmt: skip
    op.create_index(f"idx_{table}_open_rank", table, ["open_rank", "created_at", "id"],
                    schema="vln")  # fmt: skip
    op.create_index(f"idx_{table}_person_id", table, ["person_id"], schema="vln")


def downgrade() -> None:
    """Undo this revision."""
    op.execute("SET LOCAL ROLE vln_rolemgr")
    for signature in DECIDE:
        op.execute(f"DROP FUNCTION vln.{signature}")
    op.execute("RESET ROLE")
    op.drop_table("access_review_items", schema="vln")
    op.drop_table("access_reviews", schema="vln")
    for function in (*FOR_STAFF, REGISTER, "keep_review_items()"):
        op.execute(f"DROP FUNCTION vln.{function}")
