"""Let an admin offboard somebody in one transaction, and keep a checklist as evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import ALL, Access, Log, by_role_manager, secure
from vln_desktop.domain.permissions import Role

revision = "offboarding"
down_revision = "access_reviews"
branch_labels = None
depends_on = None

FUNCTIONS = (
    # What is open in a person's name, and whether the successor may take it over: who is assigned
    # to the audit, who manages its team, and as a new lead who is of its team.
    """CREATE FUNCTION vln_priv.open_work(person uuid, successor uuid) RETURNS TABLE (
        kind text, audit_id uuid, label text, how_many int, entitled boolean)
    LANGUAGE sql STABLE SET search_path = '' AS $$
        WITH heir AS (
            SELECT u.id, u.role FROM vln.users u
             WHERE u.id = successor AND u.active AND u.role IN ('auditor', 'manager')
        ), running AS (
            SELECT a.id, a.number,
                   EXISTS (SELECT FROM heir h JOIN vln.team_members m ON m.user_id = h.id
                            WHERE m.team_id = a.team_id
                              AND (m.valid_until IS NULL OR m.valid_until >= vln.today())) AS of_team,
                   EXISTS (SELECT FROM heir h JOIN vln.audit_assignments s ON s.user_id = h.id
                            WHERE s.audit_id = a.id AND h.role = 'auditor'
                              AND (s.valid_until IS NULL OR s.valid_until >= vln.today())) AS assigned,
                   EXISTS (SELECT FROM vln.audit_assignments s
                            WHERE s.audit_id = a.id AND s.user_id = person AND s.duty = 'lead'
                              AND (s.valid_until IS NULL OR s.valid_until >= vln.today())) AS led
              FROM vln.audit_requests a
             WHERE a.status NOT IN ('completed', 'cancelled') AND a.deleted_at IS NULL
        )
        SELECT 'audit_led', r.id, r.number, 1, r.of_team OR r.assigned FROM running r WHERE r.led
        UNION ALL
        SELECT 'findings', r.id, r.number, count(*)::int,
               r.assigned OR (r.of_team AND (r.led OR (SELECT h.role = 'manager' FROM heir h)))
          FROM vln.findings f JOIN running r ON r.id = f.audit_id
         WHERE f.assignee_id = person AND f.status IN ('open', 'acknowledged') AND f.deleted_at IS NULL
         GROUP BY r.id, r.number, r.assigned, r.of_team, r.led
        UNION ALL
        SELECT 'reports', r.id, r.number, count(*)::int, false
          FROM vln.reports p JOIN running r ON r.id = p.audit_id
         WHERE p.author_id = person AND p.status IN ('draft', 'review') GROUP BY r.id, r.number
    $$""",
    # The checklist: the same lines as a preview and as evidence.
    """CREATE FUNCTION vln_priv.offboarding_lines(person uuid, successor uuid) RETURNS TABLE (
        kind text, label text, how_many int, outcome text, remark text)
    LANGUAGE sql STABLE SET search_path = '' AS $$
        SELECT 'login', '', 1, 'done', ''
        UNION ALL SELECT 'sessions', '', count(*)::int, 'done', '' FROM vln_priv.sessions s
         WHERE s.user_id = person AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
        UNION ALL SELECT 'teams', '', count(*)::int, 'done', '' FROM vln.team_members m
         WHERE m.user_id = person AND (m.valid_until IS NULL OR m.valid_until > vln.today())
        UNION ALL SELECT 'assignments', '', count(*)::int, 'done', '' FROM vln.audit_assignments s
         WHERE s.user_id = person AND (s.valid_until IS NULL OR s.valid_until > vln.today())
        UNION ALL SELECT 'requests', '', count(*)::int, 'done', '' FROM vln.access_requests r
         WHERE person IN (r.requester_id, r.person_id) AND r.status = 'requested'
        UNION ALL SELECT 'api_keys', '', count(*)::int, 'done', '' FROM vln_priv.api_keys k
         WHERE k.user_id = person AND k.revoked_at IS NULL
        UNION ALL SELECT * FROM (
            SELECT w.kind, w.label, w.how_many,
                   CASE WHEN w.kind = 'reports' THEN 'to_do' WHEN w.entitled THEN 'handed_over'
                        ELSE 'not_handed_over' END,
                   CASE WHEN w.kind = 'reports' OR w.entitled THEN ''
                        WHEN successor IS NULL THEN 'no successor was named'
                        ELSE 'the successor does not work on this audit' END
              FROM vln_priv.open_work(person, successor) w ORDER BY w.kind, w.label) work
        UNION ALL SELECT 'rotate_keys', '', count(*)::int, 'to_do', '' FROM vln.key_envelopes e
         WHERE e.user_id = person
        UNION ALL SELECT 'devices', '', 1, 'to_do', ''
    $$""",
    """CREATE FUNCTION vln.offboarding_preview(person uuid, successor uuid) RETURNS TABLE (
        kind text, label text, how_many int, outcome text, remark text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        IF NOT coalesce(vln.my_role() = 'admin' AND vln.session_ok(), false) THEN
            RAISE EXCEPTION 'Only an admin offboards people.' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY SELECT * FROM vln_priv.offboarding_lines(person, successor);
    END $$""",
    """CREATE FUNCTION vln_priv.hand_over(person uuid, successor uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        led uuid[];
        worked uuid[];
    BEGIN
        SELECT coalesce(array_agg(w.audit_id) FILTER (WHERE w.kind = 'audit_led'), '{}'),
               coalesce(array_agg(w.audit_id) FILTER (WHERE w.kind = 'findings'), '{}')
          INTO led, worked FROM vln_priv.open_work(person, successor) w WHERE w.entitled;
        INSERT INTO vln.audit_assignments AS s (id, audit_id, user_id, duty)
        SELECT gen_random_uuid(), audit, successor, 'lead' FROM unnest(led) audit
        ON CONFLICT (user_id, audit_id) DO UPDATE SET duty = 'lead',
            valid_until = CASE WHEN s.valid_until < vln.today() THEN NULL ELSE s.valid_until END;
        UPDATE vln.findings f SET assignee_id = successor
         WHERE f.assignee_id = person AND f.audit_id = ANY (worked)
           AND f.status IN ('open', 'acknowledged') AND f.deleted_at IS NULL;
    END $$""",
    """CREATE FUNCTION vln_priv.end_access(person uuid) RETURNS void LANGUAGE plpgsql
    SET search_path = '' AS $$
    BEGIN
        UPDATE vln.users SET active = false, access_ends_on = least(access_ends_on, vln.today())
         WHERE id = person;
        PERFORM vln_priv.end_sessions(person);
        UPDATE vln.team_members SET valid_until = vln.today()
         WHERE user_id = person AND (valid_until IS NULL OR valid_until > vln.today());
        UPDATE vln.audit_assignments SET valid_until = vln.today()
         WHERE user_id = person AND (valid_until IS NULL OR valid_until > vln.today());
        UPDATE vln.access_requests SET status = 'withdrawn', decided_at = clock_timestamp()
         WHERE person IN (requester_id, person_id) AND status = 'requested';
        UPDATE vln_priv.api_keys SET revoked_at = clock_timestamp()
         WHERE user_id = person AND revoked_at IS NULL;
    END $$""",
    """CREATE FUNCTION vln.register_offboarding(person uuid, successor uuid, reason text,
        OUT offboarding uuid, OUT login text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        leaver vln.users := vln_priv.managed('offboards people', person);
    BEGIN
        IF vln.uid() IS NULL THEN
            RAISE EXCEPTION 'A person offboards people, so that it is known who.'
                USING ERRCODE = '42501';
        END IF;
        IF leaver.role = 'admin' THEN PERFORM vln_priv.keep_an_admin(person); END IF;
        IF coalesce(length(btrim(reason)) NOT BETWEEN 10 AND 2000, true) THEN
            RAISE EXCEPTION 'Say in at least 10 characters why the person leaves.'
                USING ERRCODE = 'VL005';
        END IF;
        IF successor IS NOT NULL AND NOT EXISTS (
            SELECT FROM vln.users u WHERE u.id = successor AND u.id <> person AND u.active
               AND u.deleted_at IS NULL AND u.erased_at IS NULL AND u.role NOT IN ('client', 'guest')
               AND (u.access_ends_on IS NULL OR u.access_ends_on >= vln.today())) THEN
            RAISE EXCEPTION 'The successor must be another, active member of staff.'
                USING ERRCODE = 'VL005';
        END IF;
        offboarding := gen_random_uuid();
        login := leaver.email;
        INSERT INTO vln.offboardings (id, person_id, successor_id, reason, done_by)
        VALUES (offboarding, person, successor, btrim(reason), vln.uid());
        INSERT INTO vln.offboarding_items (id, offboarding_id, ordinal, kind, label, how_many,
                                           outcome, remark, done_by, done_at)
        SELECT gen_random_uuid(), offboarding, l.ordinality, l.kind, l.label, l.how_many, l.outcome,
               l.remark,
               CASE WHEN l.outcome IN ('done', 'handed_over') THEN vln.uid() END,
               CASE WHEN l.outcome IN ('done', 'handed_over') THEN clock_timestamp() END
          FROM vln_priv.offboarding_lines(person, successor) WITH ORDINALITY l;
        PERFORM vln_priv.hand_over(person, successor);
        PERFORM vln_priv.end_access(person);
        PERFORM vln_priv.note('disabled', person);
        PERFORM vln_priv.note('access_ended', person, jsonb_build_object(
            'offboarding', offboarding, 'successor', successor, 'reason', btrim(reason)));
    END $$""",
    """CREATE FUNCTION vln.finish_offboarding_item(item uuid, remark text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        line vln.offboarding_items;
    BEGIN
        IF NOT coalesce(vln.my_role() = 'admin' AND vln.session_ok(), false) THEN
            RAISE EXCEPTION 'Only an admin ticks what an offboarding leaves to do.'
                USING ERRCODE = '42501';
        END IF;
        SELECT * INTO line FROM vln.offboarding_items i WHERE i.id = item FOR UPDATE;
        IF line.id IS NULL OR coalesce(length(btrim(remark)) NOT BETWEEN 3 AND 2000, true) THEN
            RAISE EXCEPTION 'Say what was done.' USING ERRCODE = 'VL005';
        END IF;
        UPDATE vln.offboarding_items i
           SET outcome = 'done', remark = btrim(finish_offboarding_item.remark),
               done_by = vln.uid(), done_at = clock_timestamp()
         WHERE i.id = item;
    END $$""",
)

OFFBOARD = {
    "offboard_staff(uuid, uuid, text)": """CREATE FUNCTION vln.offboard_staff(
        person uuid, successor uuid, reason text)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        done record;
    BEGIN
        SELECT * INTO done FROM vln.register_offboarding(person, successor, reason);
        EXECUTE format('ALTER ROLE %I NOLOGIN', done.login);
        RETURN done.offboarding;
    END $$"""
}
REGISTER = "register_offboarding(uuid, uuid, text)"
FOR_ADMINS = ("offboarding_preview(uuid, uuid)", "finish_offboarding_item(uuid, text)")


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    for statement in FUNCTIONS:
        op.execute(statement)
    for trigger in (
        "b_keep BEFORE UPDATE OR DELETE ON vln.offboardings FOR EACH ROW "
        "EXECUTE FUNCTION vln.refuse_change()",
        "b_keep BEFORE UPDATE OR DELETE ON vln.offboarding_items FOR EACH ROW "
        "WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION vln.refuse_change()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    for function in FOR_ADMINS:
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_admin")
    op.execute(f"GRANT EXECUTE ON FUNCTION vln.{REGISTER} TO vln_rolemgr")
    by_role_manager(op.execute, OFFBOARD, "vln_admin")
    for table in ("offboardings", "offboarding_items"):
        secure(
            op.execute, table, Access(Role.ADMIN, select=ALL), log=Log("identity"), touched="never"
        )


def _create_tables() -> None:
    now = sa.text("now()")
    op.create_table(
        "offboardings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("successor_id", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done_by", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.CheckConstraint("successor_id <> person_id",
                           name=op.f("ck_offboardings_successor_not_person")),
        sa.CheckConstraint("done_by <> person_id",
                           name=op.f("ck_offboardings_done_by_not_person")),
        sa.CheckConstraint("length(btrim(reason)) >= 10",
                           name=op.f("ck_offboardings_reason_length")),
        *(
            sa.ForeignKeyConstraint([column], ["vln.users.id"],
                                    name=op.f(f"fk_offboardings_{column}"))
            for column in ("person_id", "successor_id", "done_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offboardings")),
        schema="vln",
    )  # fmt: skip
    op.create_index("idx_offboardings_created_at", "offboardings", ["created_at", "id"],
                    schema="vln")  # fmt: skip
    op.create_index("idx_offboardings_person_id", "offboardings", ["person_id", "created_at"],
                    schema="vln")  # fmt: skip
    op.create_table(
        "offboarding_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("offboarding_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("how_many", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column("done_by", sa.UUID(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.CheckConstraint(
            "kind IN ('login', 'sessions', 'teams', 'assignments', 'requests', 'api_keys',"
            " 'audit_led', 'findings', 'reports', 'rotate_keys', 'devices')",
            name=op.f("ck_offboarding_items_kind_word"),
        ),
        sa.CheckConstraint("outcome IN ('done', 'handed_over', 'not_handed_over', 'to_do')",
                           name=op.f("ck_offboarding_items_outcome_word")),
        sa.ForeignKeyConstraint(["offboarding_id"], ["vln.offboardings.id"],
                                name=op.f("fk_offboarding_items_offboarding_id")),
        sa.ForeignKeyConstraint(["done_by"], ["vln.users.id"],
                                name=op.f("fk_offboarding_items_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offboarding_items")),
        schema="vln",
    )  # fmt: skip
    op.create_index("uq_offboarding_items_offboarding_id_ordinal", "offboarding_items",
                    ["offboarding_id", "ordinal"], unique=True, schema="vln")  # fmt: skip


def downgrade() -> None:
    """Undo this revision."""
    op.execute("SET LOCAL ROLE vln_rolemgr")
    for signature in OFFBOARD:
        op.execute(f"DROP FUNCTION vln.{signature}")
    op.execute("RESET ROLE")
    op.drop_table("offboarding_items", schema="vln")
    op.drop_table("offboardings", schema="vln")
    for function in (*FOR_ADMINS, REGISTER):
        op.execute(f"DROP FUNCTION vln.{function}")
    for function in ("end_access(uuid)", "hand_over(uuid, uuid)", "offboarding_lines(uuid, uuid)",
                     "open_work(uuid, uuid)"):  # fmt: skip
        op.execute(f"DROP FUNCTION vln_priv.{function}")
