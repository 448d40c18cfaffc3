"""Let people ask for access and others grant it; read findings on request, or by breaking glass."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import (
    ALL,
    MY_TEAMS,
    Access,
    Log,
    by_role_manager,
    enforce_transitions,
    secure,
)
from vln_desktop.domain.access import REQUEST_TRANSITIONS
from vln_desktop.domain.permissions import Role

revision = "access"
down_revision = "service_logins"
branch_labels = None
depends_on = None

# Whoever asks does not learn whether an audit of that number exists: `audit_id` is not granted.
SEEN = ("id", "kind", "status", "requester_id", "person_id", "approver_id", "wish", "reason",
        "valid_until", "decided_at", "created_at", "updated_at", "version", "remark",
        "open_rank")  # fmt: skip
ASKERS = (Role.MANAGER, Role.AUDITOR, Role.FINANCE, Role.READONLY)
OWN_BEFORE = "requester_id = (SELECT vln.uid())"
OWN = f"{OWN_BEFORE} OR person_id = (SELECT vln.uid())"
MY_TEAMS_AUDITS = (
    "kind = 'read_findings' AND audit_id IN (SELECT a.id FROM vln.audit_requests a"
    " WHERE a.team_id IN (SELECT unnest(vln.my_teams())))"
)

CHECK_WISH = """CREATE FUNCTION vln.check_wish() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    keys text[];
    person_role text;
BEGIN
    IF jsonb_typeof(NEW.wish) IS DISTINCT FROM 'object' OR octet_length(NEW.wish::text) > 2000 THEN
        RAISE EXCEPTION 'A wish names what is asked for, in a few words.' USING ERRCODE = 'VL005';
    END IF;
    keys := ARRAY(SELECT key FROM jsonb_each(NEW.wish)
                   WHERE jsonb_typeof(value) = 'string' AND btrim(value #>> '{}') <> '' ORDER BY 1);
    IF keys IS DISTINCT FROM ARRAY(SELECT jsonb_object_keys(NEW.wish) ORDER BY 1)
       OR keys IS DISTINCT FROM (CASE NEW.kind
           WHEN 'create' THEN '{email,id,name,role,sort_key}' WHEN 'role' THEN '{role}'
           WHEN 'team' THEN '{duty,team}' WHEN 'read_findings' THEN '{audit}' END)::text[] THEN
        RAISE EXCEPTION 'This is no whole wish of its kind.' USING ERRCODE = 'VL005';
    END IF;
    IF NEW.wish ->> 'role' NOT IN ('admin', 'manager', 'auditor', 'finance', 'readonly') THEN
        RAISE EXCEPTION 'The role % is not given by a request.', NEW.wish ->> 'role'
            USING ERRCODE = 'VL005';
    END IF;
    IF NEW.wish ->> 'duty' NOT IN ('lead', 'member') THEN
        RAISE EXCEPTION 'In a team one is lead or member.' USING ERRCODE = 'VL005';
    END IF;
    IF NEW.valid_until <= clock_timestamp() OR (NEW.kind = 'role' AND NEW.valid_until IS NOT NULL) THEN
        RAISE EXCEPTION 'Access ends in the future, and a role has no end.' USING ERRCODE = 'VL005';
    END IF;
    IF NEW.kind = 'create' THEN
        PERFORM vln_priv.check_address(NEW.wish ->> 'email');
        IF NEW.person_id IS NOT NULL OR NEW.wish ->> 'id' !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
            RAISE EXCEPTION 'Who is not here yet has an id of their own.' USING ERRCODE = 'VL005';
        END IF;
        RETURN NEW;
    END IF;
    SELECT role INTO person_role FROM vln.users
     WHERE id = NEW.person_id AND active AND deleted_at IS NULL AND erased_at IS NULL
       AND role NOT IN ('client', 'guest');
    IF person_role IS NULL THEN
        RAISE EXCEPTION 'There is no such member of staff.' USING ERRCODE = 'VL005';
    END IF;
    IF NEW.kind = 'role' AND (person_role = 'worker' OR person_role = NEW.wish ->> 'role') THEN
        RAISE EXCEPTION 'This person has that role already, or can have no other.'
            USING ERRCODE = 'VL005';
    END IF;
    IF NEW.kind = 'read_findings' THEN
        IF NEW.person_id <> NEW.requester_id
           OR person_role NOT IN ('admin', 'manager', 'auditor', 'finance') THEN
            RAISE EXCEPTION 'Who asks to read findings asks for themselves, and is no outsider.'
                USING ERRCODE = '42501';
        END IF;
        IF coalesce(NEW.valid_until > clock_timestamp() + interval '7 days', true) THEN
            RAISE EXCEPTION 'Findings are read for seven days at most.' USING ERRCODE = 'VL005';
        END IF;
        SELECT id INTO NEW.audit_id FROM vln.audit_requests
         WHERE number = NEW.wish ->> 'audit' AND deleted_at IS NULL;
    END IF;
    RETURN NEW;
END $$"""

# Making somebody an admin takes two people, by whatever way. A second admin who was disabled or
# demoted less than a week ago still counts as there: else one act would lead to the other.
FOUR_EYES = (
    """CREATE FUNCTION vln_priv.lone_admin() RETURNS boolean LANGUAGE sql STABLE
    SET search_path = '' AS $$
        SELECT NOT EXISTS (
            SELECT FROM vln.users u WHERE u.role = 'admin' AND u.active AND u.deleted_at IS NULL
               AND u.erased_at IS NULL AND u.id <> vln.uid()
               AND (u.access_ends_on IS NULL OR u.access_ends_on >= vln.today()))
        AND NOT EXISTS (
            SELECT FROM vln.security_events e LEFT JOIN vln.users u ON u.id = e.person_id
             WHERE e.created_at > clock_timestamp() - interval '7 days' AND e.person_id <> vln.uid()
               AND (e.kind IN ('disabled', 'access_end_set') AND u.role = 'admin'
                    OR e.kind = 'role_changed' AND e.detail -> 'role' ->> 0 = 'admin'))
    $$""",
    """CREATE FUNCTION vln.two_make_an_admin() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    BEGIN
        IF pg_catalog.pg_has_role(session_user, 'vln_rolemgr', 'MEMBER')
           OR vln_priv.lone_admin()
           OR EXISTS (
               SELECT FROM vln.access_requests r
                WHERE r.status = 'approved' AND r.approver_id = vln.uid()
                  AND r.decided_at >= transaction_timestamp() AND r.wish ->> 'role' = 'admin'
                  AND (r.kind = 'role' AND r.person_id = NEW.id
                       OR r.kind = 'create' AND r.wish ->> 'id' = NEW.id::text)) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'Making somebody an admin takes two people: one asks, another admin approves.'
            USING ERRCODE = '42501';
    END $$""",
)

DECIDING = (
    """CREATE FUNCTION vln_priv.require_second_factor() RETURNS void LANGUAGE plpgsql
    SET search_path = '' AS $$
    BEGIN
        IF NOT vln_priv.confirmed() THEN
            RAISE EXCEPTION 'This asks for the code of your second factor again.'
                USING ERRCODE = 'VL010';
        END IF;
    END $$""",
    """CREATE FUNCTION vln_priv.require_decider(asked vln.access_requests) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
    BEGIN
        IF NOT vln.session_ok() OR NOT coalesce(CASE asked.kind
            WHEN 'read_findings' THEN vln.my_role() = 'manager' AND EXISTS (
                SELECT FROM vln.audit_requests a
                 WHERE a.id = asked.audit_id AND a.team_id = ANY (vln.my_teams()))
            ELSE vln.my_role() = 'admin' AND asked.id IS NOT NULL END, false) THEN
            RAISE EXCEPTION 'There is no such request, or it is not yours to decide.'
                USING ERRCODE = '42501';
        END IF;
        IF vln.uid() IN (asked.requester_id, asked.person_id) THEN
            RAISE EXCEPTION 'Nobody decides about their own access or what they asked for.'
                USING ERRCODE = '42501';
        END IF;
        PERFORM vln_priv.require_second_factor();
        IF asked.status <> 'requested' THEN
            RAISE EXCEPTION 'This request is % already.', asked.status USING ERRCODE = 'VL001';
        END IF;
    END $$""",
    # What changes no login; returns the request, whose login the caller then changes.
    """CREATE FUNCTION vln.register_decision(request uuid, approve boolean, remark text)
    RETURNS vln.access_requests LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        asked vln.access_requests;
    BEGIN
        SELECT * INTO asked FROM vln.access_requests r WHERE r.id = request FOR UPDATE;
        PERFORM vln_priv.require_decider(asked);
        IF approve IS NULL OR length(remark) > 2000
           OR (NOT approve AND coalesce(btrim(remark), '') = '') THEN
            RAISE EXCEPTION 'Say whether, and if not, why.' USING ERRCODE = 'VL005';
        END IF;
        IF approve AND asked.valid_until <= clock_timestamp() THEN
            RAISE EXCEPTION 'What was asked for has ended already.' USING ERRCODE = 'VL005';
        END IF;
        UPDATE vln.access_requests r
           SET status = CASE WHEN approve THEN 'approved' ELSE 'refused' END,
               approver_id = vln.uid(), decided_at = clock_timestamp(),
               remark = btrim(coalesce(register_decision.remark, ''))
         WHERE r.id = request RETURNING * INTO asked;
        IF NOT approve THEN RETURN asked; END IF;
        IF asked.kind = 'team' THEN PERFORM vln_priv.join_team(asked); END IF;
        IF asked.kind = 'read_findings' THEN
            EXECUTE format('CREATE SEQUENCE %s', vln_priv.readings_of(request));
        END IF;
        IF asked.kind <> 'create' THEN
            PERFORM vln_priv.note('access_granted', asked.person_id, asked.wish ||
                jsonb_build_object('request', request, 'kind', asked.kind, 'until', asked.valid_until));
        END IF;
        RETURN asked;
    END $$""",
    """CREATE FUNCTION vln_priv.join_team(asked vln.access_requests) RETURNS void LANGUAGE plpgsql
    SET search_path = '' AS $$
    BEGIN
        INSERT INTO vln.team_members AS m (id, team_id, user_id, duty, valid_until)
        SELECT gen_random_uuid(), t.id, asked.person_id, asked.wish ->> 'duty',
               (asked.valid_until AT TIME ZONE 'UTC')::date
          FROM vln.teams t WHERE t.name = asked.wish ->> 'team' AND t.deleted_at IS NULL
        ON CONFLICT (team_id, user_id) DO UPDATE
           SET duty = excluded.duty, valid_until = excluded.valid_until;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'There is no team called %.', asked.wish ->> 'team'
                USING ERRCODE = 'VL005';
        END IF;
    END $$""",
    """CREATE FUNCTION vln.withdraw_access_request(request uuid) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        asked vln.access_requests;
    BEGIN
        SELECT * INTO asked FROM vln.access_requests r
         WHERE r.id = request AND r.requester_id = vln.uid() AND vln.session_ok() FOR UPDATE;
        IF asked.id IS NULL THEN
            RAISE EXCEPTION 'There is no such request of yours.' USING ERRCODE = '42501';
        END IF;
        IF asked.status <> 'requested' THEN
            RAISE EXCEPTION 'This request is % already.', asked.status USING ERRCODE = 'VL001';
        END IF;
        UPDATE vln.access_requests r
           SET status = 'withdrawn', decided_at = clock_timestamp() WHERE r.id = request;
    END $$""",
)

# The logins, by the one role that may change any; a person's first password comes from whoever
# approves, who hands it over.
DECIDE = {
    "decide_access_request(uuid, boolean, text, text, bytea)": """CREATE FUNCTION
    vln.decide_access_request(request uuid, approve boolean, remark text,
        password text DEFAULT NULL, invite_hash bytea DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        asked vln.access_requests := vln.register_decision(request, approve, remark);
        person uuid;
    BEGIN
        IF asked.status <> 'approved' THEN RETURN; END IF;
        IF asked.kind = 'role' THEN
            PERFORM vln.change_role(asked.person_id, asked.wish ->> 'role');
        ELSIF asked.kind = 'create' THEN
            IF coalesce(length(password) < 12, true) THEN
                RAISE EXCEPTION 'A new login needs a first password.' USING ERRCODE = 'VL005';
            END IF;
            person := (asked.wish ->> 'id')::uuid;
            PERFORM vln.create_staff(person, asked.wish ->> 'email', asked.wish ->> 'name',
                asked.wish ->> 'sort_key', asked.wish ->> 'role', password, invite_hash);
            IF asked.valid_until IS NOT NULL THEN
                PERFORM vln.set_access_end(person, (asked.valid_until AT TIME ZONE 'UTC')::date);
            END IF;
        END IF;
    END $$"""
}

# Reading on request goes by functions alone, for every role: no policy grows wider or slower,
# nothing can be written, and each reading is noted. A note can be rolled back by whoever reads
# inside a transaction; the sequence of the grant counts that reading all the same.
READING = (
    """CREATE FUNCTION vln_priv.readings_of(leave uuid) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = '' AS $$
        SELECT 'vln_priv.readings_' || replace(leave::text, '-', '')
    $$""",
    """CREATE FUNCTION vln_priv.readings(leave uuid) RETURNS int LANGUAGE plpgsql STABLE
    SET search_path = '' AS $$
    DECLARE
        counted int;
    BEGIN
        IF to_regclass(vln_priv.readings_of(leave)) IS NULL THEN RETURN 0; END IF;
        EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s',
                       vln_priv.readings_of(leave)) INTO counted;
        RETURN counted;
    END $$""",
    """CREATE FUNCTION vln_priv.leaves() RETURNS TABLE (
        leave uuid, audit_id uuid, audit_number text, kind text, until timestamptz)
    LANGUAGE sql STABLE SET search_path = '' AS $$
        SELECT r.id, r.audit_id, r.wish ->> 'audit', 'request', r.valid_until
          FROM vln.access_requests r
         WHERE r.person_id = vln.uid() AND r.kind = 'read_findings' AND r.status = 'approved'
           AND r.valid_until > clock_timestamp()
           AND vln.session_ok() AND vln.my_role() IN ('admin', 'manager', 'auditor', 'finance')
        UNION ALL
        SELECT b.id, b.audit_id, b.audit_number, 'break_glass', b.expires_at
          FROM vln.break_glass_uses b
         WHERE b.user_id = vln.uid() AND b.expires_at > clock_timestamp()
           AND b.created_at < transaction_timestamp()  -- committed: what is rolled back opens nothing
           AND vln.session_ok() AND vln.my_role() IN ('admin', 'manager')
    $$""",
    """CREATE FUNCTION vln_priv.note_reading(audit uuid, what jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        found record;
    BEGIN
        SELECT * INTO found FROM vln_priv.leaves() l WHERE l.audit_id = audit LIMIT 1;
        IF found.leave IS NULL THEN
            RAISE EXCEPTION 'You have no leave to read these findings now.' USING ERRCODE = '42501';
        END IF;
        PERFORM vln_priv.note('viewed', vln.uid(), what || jsonb_build_object(
            'audit', found.audit_number, 'by', found.kind, 'leave', found.leave,
            'reading', nextval(vln_priv.readings_of(found.leave)::regclass)));
    END $$""",
    """CREATE FUNCTION vln.reading_grants() RETURNS TABLE (
        audit_id uuid, audit_number text, kind text, until timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
        SELECT l.audit_id, l.audit_number, l.kind, l.until FROM vln_priv.leaves() l
         WHERE l.audit_id IS NOT NULL ORDER BY l.until DESC
    $$""",
    """CREATE FUNCTION vln.findings_on_request(audit uuid) RETURNS TABLE (
        id uuid, number text, title text, severity text, status text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        PERFORM vln_priv.note_reading(audit, '{"what": "list"}');
        RETURN QUERY SELECT f.id, f.number, f.title, f.severity, f.status FROM vln.findings f
            WHERE f.audit_id = audit AND f.deleted_at IS NULL
            ORDER BY f.severity_rank DESC, f.ordinal;
    END $$""",
    """CREATE FUNCTION vln.read_finding_on_request(finding uuid) RETURNS TABLE (
        number text, title text, severity text, status text, description text, impact text,
        likelihood text, remediation text, proof text, places text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        found vln.findings;
    BEGIN
        SELECT * INTO found FROM vln.findings f WHERE f.id = finding AND f.deleted_at IS NULL;
        PERFORM vln_priv.note_reading(found.audit_id, jsonb_build_object('finding', found.number));
        RETURN QUERY SELECT found.number, found.title, found.severity, found.status,
            found.description, found.impact, found.likelihood, found.remediation, found.proof,
            coalesce((SELECT string_agg(l.path || coalesce(':' || l.start_line, ''), E'\\n'
                                        ORDER BY l.ordinal)
                        FROM vln.finding_locations l WHERE l.finding_id = finding), '');
    END $$""",
    """CREATE FUNCTION vln.files_on_request(audit uuid) RETURNS TABLE (
        name text, mime text, size bigint, sha256 text, kind text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        PERFORM vln_priv.note_reading(audit, '{"what": "files"}');
        RETURN QUERY SELECT f.name, f.mime, f.size, f.sha256, f.kind FROM vln.uploaded_files f
            WHERE f.audit_id = audit AND f.deleted_at IS NULL ORDER BY f.created_at, f.id;
    END $$""",
)

BREAK_GLASS = (
    """CREATE FUNCTION vln.break_glass(audit text, reason text) RETURNS uuid LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        use uuid := gen_random_uuid();
        wanted vln.audit_requests;
        told uuid;
    BEGIN
        IF NOT coalesce(vln.session_ok() AND vln.my_role() IN ('admin', 'manager'), false) THEN
            RAISE EXCEPTION 'Only a manager or an admin breaks the glass.' USING ERRCODE = '42501';
        END IF;
        PERFORM vln_priv.require_second_factor();
        IF coalesce(length(btrim(reason)) NOT BETWEEN 20 AND 2000, true) THEN
            RAISE EXCEPTION 'Say in at least 20 characters why this cannot wait.'
                USING ERRCODE = 'VL005';
        END IF;
        SELECT * INTO wanted FROM vln.audit_requests a
         WHERE a.number = upper(btrim(audit)) AND a.deleted_at IS NULL;
        IF wanted.id IS NULL OR vln.works_on(wanted.id)
           OR EXISTS (SELECT FROM vln_priv.leaves() l WHERE l.audit_id = wanted.id) THEN
            RAISE EXCEPTION 'There is no audit of this number that you cannot read already.'
                USING ERRCODE = 'VL005';
        END IF;
        INSERT INTO vln.break_glass_uses (id, user_id, audit_id, audit_number, team_id, reason, expires_at)
        VALUES (use, vln.uid(), wanted.id, wanted.number, wanted.team_id, btrim(reason),
                clock_timestamp() + interval '60 minutes');
        EXECUTE format('CREATE SEQUENCE %s', vln_priv.readings_of(use));
        -- Admins see every event, the team's managers those that name them.
        FOR told IN SELECT vln.uid() UNION
            SELECT u.id FROM vln.team_members m JOIN vln.users u ON u.id = m.user_id
             WHERE m.team_id = wanted.team_id AND u.role = 'manager' AND u.active
               AND (m.valid_until IS NULL OR m.valid_until >= vln.today()) LOOP
            PERFORM vln_priv.note('break_glass', told, jsonb_build_object(
                'audit', wanted.number, 'by', vln.uid(), 'reason', btrim(reason), 'use', use));
        END LOOP;
        RETURN use;
    END $$""",
    """CREATE FUNCTION vln.review_break_glass(use uuid, verdict text, remark text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        broken vln.break_glass_uses;
    BEGIN
        SELECT * INTO broken FROM vln.break_glass_uses b WHERE b.id = use FOR UPDATE;
        IF NOT coalesce(vln.session_ok() AND (vln.my_role() = 'admin' OR (
               vln.my_role() = 'manager' AND broken.team_id = ANY (vln.my_teams()))), false)
           OR broken.id IS NULL OR broken.user_id = vln.uid() THEN
            RAISE EXCEPTION 'An admin or a manager of the team reviews this, and never who did it.'
                USING ERRCODE = '42501';
        END IF;
        PERFORM vln_priv.require_second_factor();
        IF broken.verdict IS NOT NULL THEN
            RAISE EXCEPTION 'This was reviewed already.' USING ERRCODE = 'VL002';
        END IF;
        IF coalesce(verdict NOT IN ('justified', 'not_justified'), true)
           OR coalesce(length(btrim(remark)) NOT BETWEEN 3 AND 2000, true) THEN
            RAISE EXCEPTION 'A review says whether it was justified, and why.' USING ERRCODE = 'VL005';
        END IF;
        UPDATE vln.break_glass_uses b
           SET reviewed_by = vln.uid(), reviewed_at = clock_timestamp(),
               verdict = review_break_glass.verdict, remark = btrim(review_break_glass.remark),
               expires_at = least(b.expires_at, clock_timestamp())
         WHERE b.id = use;
    END $$""",
    """CREATE FUNCTION vln.break_glass_readings() RETURNS TABLE (use uuid, readings int)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
        SELECT b.id, vln_priv.readings(b.id) FROM vln.break_glass_uses b
         WHERE vln.session_ok() AND (vln.my_role() = 'admin' OR b.user_id = vln.uid()
               OR (vln.my_role() = 'manager' AND b.team_id = ANY (vln.my_teams())))
    $$""",
)

FORGET_READINGS = """DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT sequencename FROM pg_catalog.pg_sequences
                WHERE schemaname = 'vln_priv' AND sequencename LIKE 'readings\\_%' LOOP
        EXECUTE format('DROP SEQUENCE vln_priv.%I', name);
    END LOOP;
END $$"""

FOR_STAFF = (
    "withdraw_access_request(uuid)", "reading_grants()", "findings_on_request(uuid)",
    "read_finding_on_request(uuid)", "files_on_request(uuid)", "break_glass(text, text)",
    "review_break_glass(uuid, text, text)", "break_glass_readings()",
)  # fmt: skip
OWN_PLACE = "user_id <> (SELECT vln.uid())"


def upgrade() -> None:
    """Apply this revision."""
    _widen_requests()
    _create_break_glass_uses()
    op.execute("SET LOCAL check_function_bodies = off")
    for statement in (CHECK_WISH, *FOUR_EYES, *DECIDING, *READING, *BREAK_GLASS):
        op.execute(statement)
    for trigger in (
        "b_wish BEFORE INSERT ON vln.access_requests FOR EACH ROW "
        "EXECUTE FUNCTION vln.check_wish()",
        "b_keep BEFORE UPDATE OR DELETE ON vln.access_requests FOR EACH ROW "
        "WHEN (OLD.status <> 'requested') EXECUTE FUNCTION vln.refuse_change()",
        "b_keep BEFORE UPDATE OR DELETE ON vln.break_glass_uses FOR EACH ROW "
        "WHEN (OLD.verdict IS NOT NULL) EXECUTE FUNCTION vln.refuse_change()",
        "c_first_admin BEFORE INSERT ON vln.users FOR EACH ROW WHEN (NEW.role = 'admin') "
        "EXECUTE FUNCTION vln.two_make_an_admin()",
        "c_next_admin BEFORE UPDATE ON vln.users FOR EACH ROW "
        "WHEN (NEW.role = 'admin' AND OLD.role <> 'admin') "
        "EXECUTE FUNCTION vln.two_make_an_admin()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    enforce_transitions(op.execute, "access_requests", "status", REQUEST_TRANSITIONS)
    for function in FOR_STAFF:
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_staff")
    for function in ("register_decision(uuid, boolean, text)", "set_access_end(uuid, date)"):
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_rolemgr")
    by_role_manager(op.execute, DECIDE, "vln_staff")
    # Nobody gives themselves a place in a team, which is the one table of access admins write.
    op.execute(f"ALTER POLICY admin_insert ON vln.team_members WITH CHECK ({OWN_PLACE})")
    op.execute(
        f"ALTER POLICY admin_update ON vln.team_members USING ({OWN_PLACE}) WITH CHECK ({OWN_PLACE})"
    )


def _widen_requests() -> None:
    table = "access_requests"
    for column in (
        sa.Column("audit_id", sa.UUID(), nullable=True),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "open_rank", sa.SmallInteger(),
            sa.Computed("CASE status WHEN 'requested' THEN 1 ELSE 0 END", persisted=True),
            nullable=False,
        ),
    ):  # fmt: skip
        op.add_column(table, column, schema="vln")
    op.create_foreign_key(
        op.f("fk_access_requests_audit_id"), table, "audit_requests", ["audit_id"], ["id"],
        source_schema="vln", referent_schema="vln",
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_access_requests_reason_length"), table, "length(btrim(reason)) >= 10",
        schema="vln",
    )  # fmt: skip
    op.create_index("idx_access_requests_open_rank", table, ["open_rank", "created_at", "id"],
                    schema="vln")  # fmt: skip
    op.create_index("idx_access_requests_person_id", table, ["person_id", "audit_id"],
                    schema="vln")  # fmt: skip
    for role in ASKERS:
        rows = f"{OWN} OR ({MY_TEAMS_AUDITS})" if role is Role.MANAGER else OWN
        op.execute(f"REVOKE SELECT ON vln.{table} FROM {role.group}")
        op.execute(f"GRANT SELECT ({', '.join(SEEN)}) ON vln.{table} TO {role.group}")
        op.execute(f"ALTER POLICY {role.value}_select ON vln.{table} USING ({rows})")


def _create_break_glass_uses() -> None:
    op.create_table(
        "break_glass_uses",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("audit_number", sa.Text(), nullable=False),
        sa.Column("team_id", sa.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.UUID(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "open_rank", sa.SmallInteger(),
            sa.Computed("CASE WHEN verdict IS NULL THEN 1 ELSE 0 END", persisted=True),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.CheckConstraint("verdict IN ('justified', 'not_justified')",
                           name=op.f("ck_break_glass_uses_verdict_word")),
        sa.CheckConstraint("reviewed_by <> user_id",
                           name=op.f("ck_break_glass_uses_reviewer_not_user")),
        sa.CheckConstraint("num_nonnulls(reviewed_by, reviewed_at, verdict) IN (0, 3)",
                           name=op.f("ck_break_glass_uses_review_whole")),
        sa.CheckConstraint("length(btrim(reason)) >= 20",
                           name=op.f("ck_break_glass_uses_reason_length")),
        *(
            sa.ForeignKeyConstraint([column], [f"vln.{table}.id"],
                                    name=op.f(f"fk_break_glass_uses_{column}"))
            for column, table in (("user_id", "users"), ("reviewed_by", "users"),
                                  ("audit_id", "audit_requests"), ("team_id", "teams"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass_uses")),
        schema="vln",
    )  # fmt: skip
    op.create_index("idx_break_glass_uses_open_rank", "break_glass_uses",
                    ["open_rank", "created_at", "id"], schema="vln")  # fmt: skip
    op.create_index("idx_break_glass_uses_user_id", "break_glass_uses",
                    ["user_id", "audit_id"], schema="vln")  # fmt: skip
    secure(
        op.execute,
        "break_glass_uses",
        Access(Role.ADMIN, select=ALL),
        Access(Role.MANAGER, select=ALL, rows=f"user_id = (SELECT vln.uid()) OR {MY_TEAMS}"),
        log=Log("identity", label="audit_number"),
        touched="never",
    )


def downgrade() -> None:
    """Undo this revision."""
    op.execute("ALTER POLICY admin_insert ON vln.team_members WITH CHECK (true)")
    op.execute("ALTER POLICY admin_update ON vln.team_members USING (true) WITH CHECK (true)")
    op.execute("SET LOCAL ROLE vln_rolemgr")
    for signature in DECIDE:
        op.execute(f"DROP FUNCTION vln.{signature}")
    op.execute("RESET ROLE")
    op.execute("REVOKE EXECUTE ON FUNCTION vln.set_access_end(uuid, date) FROM vln_rolemgr")
    for name in ("c_first_admin", "c_next_admin"):
        op.execute(f"DROP TRIGGER {name} ON vln.users")
    for name in ("b_wish", "b_keep", "b_legal_status"):
        op.execute(f"DROP TRIGGER {name} ON vln.access_requests")
    for function in (*FOR_STAFF, "register_decision(uuid, boolean, text)", "two_make_an_admin()",
                     "check_wish()"):  # fmt: skip
        op.execute(f"DROP FUNCTION vln.{function}")
    for function in (
        "note_reading(uuid, jsonb)", "leaves()", "readings(uuid)", "readings_of(uuid)",
        "join_team(vln.access_requests)", "require_decider(vln.access_requests)",
        "require_second_factor()", "lone_admin()",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION vln_priv.{function}")
    op.execute(FORGET_READINGS)
    op.drop_table("break_glass_uses", schema="vln")
    _narrow_requests()


def _narrow_requests() -> None:
    table = "access_requests"
    for role in ASKERS:
        op.execute(f"REVOKE SELECT ON vln.{table} FROM {role.group}")
        op.execute(f"ALTER POLICY {role.value}_select ON vln.{table} USING ({OWN_BEFORE})")
    op.drop_index("idx_access_requests_person_id", table, schema="vln")
    op.drop_index("idx_access_requests_open_rank", table, schema="vln")
    op.drop_constraint(op.f("ck_access_requests_reason_length"), table, schema="vln")
    for column in ("open_rank", "remark", "audit_id"):
        op.drop_column(table, column, schema="vln")
    for role in ASKERS:
        op.execute(f"GRANT SELECT ON vln.{table} TO {role.group}")
