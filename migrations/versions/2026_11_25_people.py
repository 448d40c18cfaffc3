"""Tell admins how everybody stands and what they may do, and guard who belongs to a team."""

from __future__ import annotations

from alembic import op

revision = "people"
down_revision = "keys"
branch_labels = None
depends_on = None

FUNCTIONS = {
    # In one word, for the list of people. NULL where one may not know.
    "staff_state(uuid)": """CREATE FUNCTION vln.staff_state(person uuid) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        known vln.users;
    BEGIN
        IF NOT coalesce(vln.session_ok() AND (person = vln.uid() OR vln.my_role() = 'admin'), false)
        THEN RETURN NULL;
        END IF;
        SELECT * INTO known FROM vln.users WHERE id = person AND role NOT IN ('client', 'guest');
        RETURN CASE
            WHEN known.id IS NULL THEN NULL
            WHEN NOT known.active THEN 'disabled'
            WHEN known.access_ends_on < vln.today() THEN 'ended'
            WHEN known.role = 'worker' THEN 'active'
            WHEN vln_priv.failures_of(person) >= 10 THEN 'locked'
            WHEN EXISTS (SELECT FROM vln_priv.user_secrets
                          WHERE user_id = person AND totp_secret IS NOT NULL) THEN 'active'
            WHEN EXISTS (SELECT FROM vln_priv.verification_tokens
                          WHERE user_id = person AND purpose = 'two_factor' AND used_at IS NULL
                            AND expires_at > clock_timestamp()) THEN 'invited'
            ELSE 'uninvited' END;
    END $$""",
    # From the catalogue alone: grants of the login and the policies that apply to it. `columns` is
    # NULL where a right is for whole rows, `scope` the predicate of the rows as the server keeps
    # it. Functions that may change something are rows too, with the act "execute".
    "effective_rights(uuid)": """CREATE FUNCTION vln.effective_rights(person uuid) RETURNS TABLE (
        entity text, act text, columns text[], scope text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
    #variable_conflict use_column
    DECLARE
        login name;
    BEGIN
        IF NOT coalesce(vln.session_ok() AND (person = vln.uid() OR vln.my_role() = 'admin'), false)
        THEN
            RAISE EXCEPTION 'Only an admin sees what others may do.' USING ERRCODE = '42501';
        END IF;
        SELECT r.rolname INTO login FROM vln.users u JOIN pg_catalog.pg_roles r ON r.rolname = u.email
         WHERE u.id = person AND u.role NOT IN ('client', 'guest') AND u.deleted_at IS NULL;
        IF login IS NULL THEN RETURN; END IF;
        RETURN QUERY
        WITH tables AS (
            SELECT c.oid, c.relname::text AS name FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('vln', 'vln_priv') AND c.relkind IN ('r', 'p')
               AND NOT c.relispartition AND has_schema_privilege(login, n.oid, 'USAGE')
        ), acts (place, act, privilege, cmd) AS (VALUES
            (1, 'read', 'SELECT', 'r'), (2, 'insert', 'INSERT', 'a'),
            (3, 'update', 'UPDATE', 'w'), (4, 'delete', 'DELETE', 'd')
        ), policies AS (
            SELECT p.polrelid, a.act, p.polpermissive AS permissive, p.polname <> 'second_factor' AS narrows,
                   pg_get_expr(CASE WHEN a.cmd = 'a' THEN coalesce(p.polwithcheck, p.polqual)
                                    ELSE p.polqual END, p.polrelid) AS predicate
              FROM pg_catalog.pg_policy p JOIN acts a ON p.polcmd IN (a.cmd::"char", '*')
             WHERE EXISTS (SELECT FROM unnest(p.polroles) AS named(role)
                            WHERE named.role = 0 OR pg_has_role(login, named.role, 'USAGE'))
        ), ruled AS (
            SELECT polrelid, p.act,
                   string_agg(predicate, ' OR ' ORDER BY predicate) FILTER (WHERE permissive) AS allowed,
                   string_agg(predicate, ' AND ' ORDER BY predicate)
                       FILTER (WHERE NOT permissive AND narrows) AS narrowed
              FROM policies p GROUP BY polrelid, p.act
        ), granted AS (
            SELECT t.name, a.place, a.act, r.allowed, r.narrowed, count(*) AS given,
                   (SELECT count(*) FROM pg_catalog.pg_attribute every WHERE every.attrelid = t.oid
                       AND every.attnum > 0 AND NOT every.attisdropped) AS most,
                   array_agg(c.attname::text ORDER BY c.attnum) AS names
              FROM tables t CROSS JOIN acts a
              JOIN ruled r ON r.polrelid = t.oid AND r.act = a.act
              JOIN pg_catalog.pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0
               AND NOT c.attisdropped
             WHERE r.allowed IS NOT NULL
               AND CASE WHEN a.act = 'delete' THEN has_table_privilege(login, t.oid, a.privilege)
                        ELSE has_column_privilege(login, t.oid, c.attnum, a.privilege) END
             GROUP BY t.oid, t.name, a.place, a.act, r.allowed, r.narrowed
        )
        SELECT g.name, g.act, CASE WHEN g.given < g.most THEN g.names END,
               g.allowed || coalesce(' AND ' || g.narrowed, '')
          FROM (SELECT * FROM granted ORDER BY name, place) g
        UNION ALL
        SELECT f.name, 'execute', NULL, ''
          FROM (SELECT p.proname::text AS name FROM pg_catalog.pg_proc p
                  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                 WHERE n.nspname = 'vln' AND p.provolatile = 'v'
                   AND p.prorettype <> 'pg_catalog.trigger'::regtype
                   AND has_function_privilege(login, p.oid, 'EXECUTE') ORDER BY 1) f;
    END $$""",
}

# Who joins a team reads what is confidential in its audits: an admin types the code again, does it
# to nobody's own account, and the person's security events tell of it. A membership is never
# deleted but ends: the row says who had access until when, and is used again if it comes back.
# After the row, not before: an upsert's vain attempt to insert must not tell an event.
GUARDS = (
    """CREATE FUNCTION vln.guard_membership() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    DECLARE
        team vln.teams;
        live boolean := NEW.valid_until IS NULL OR NEW.valid_until >= vln.today();
    BEGIN
        PERFORM vln_priv.require_admin('changes teams', NEW.user_id);
        SELECT * INTO team FROM vln.teams WHERE id = NEW.team_id FOR SHARE;
        IF live AND team.deleted_at IS NOT NULL THEN
            RAISE EXCEPTION 'This team is archived; restore it first.' USING ERRCODE = 'VL005';
        END IF;
        IF TG_OP = 'INSERT' OR (OLD.duty, OLD.valid_until) IS DISTINCT FROM (NEW.duty, NEW.valid_until)
        THEN
            PERFORM vln_priv.note(
                CASE WHEN live THEN 'access_granted' ELSE 'access_ended' END, NEW.user_id,
                jsonb_strip_nulls(jsonb_build_object('team', team.name, 'duty', NEW.duty,
                                                     'last_day', NEW.valid_until)));
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION vln.guard_team() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    DECLARE
        open_audits int;
    BEGIN
        SELECT count(*) INTO open_audits FROM vln.audit_requests
         WHERE team_id = NEW.id AND deleted_at IS NULL
           AND status NOT IN ('completed', 'cancelled');
        IF open_audits > 0 THEN
            RAISE EXCEPTION 'This team still has % open audit(s); a team is archived when they are done.',
                open_audits USING ERRCODE = 'VL005';
        END IF;
        RETURN NEW;
    END $$""",
)

# A manager knows the people who are in the teams now, not everybody who ever was.
MY_PEOPLE = """CREATE OR REPLACE FUNCTION vln.my_people() RETURNS uuid[] LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce(array_agg(DISTINCT user_id), '{{}}') FROM vln.team_members
    WHERE team_id = ANY (vln.my_teams()){now}
$$"""
NOW = " AND (valid_until IS NULL OR valid_until >= vln.today())"


def upgrade() -> None:
    """Apply this revision."""
    for signature, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{signature} TO vln_staff")
    for statement in GUARDS:
        op.execute(statement)
    op.execute(
        "CREATE TRIGGER y_guard AFTER INSERT OR UPDATE ON vln.team_members "
        "FOR EACH ROW EXECUTE FUNCTION vln.guard_membership()"
    )
    op.execute(
        "CREATE TRIGGER b_guard BEFORE UPDATE ON vln.teams FOR EACH ROW "
        "WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) "
        "EXECUTE FUNCTION vln.guard_team()"
    )
    op.create_check_constraint(
        op.f("ck_teams_name_form"), "teams",
        "name = btrim(name) AND length(name) BETWEEN 1 AND 100", schema="vln",
    )  # fmt: skip
    op.create_index("idx_teams_name", "teams", ["name", "id"], schema="vln")
    op.execute(MY_PEOPLE.format(now=NOW))


def downgrade() -> None:
    """Undo this revision."""
    op.execute(MY_PEOPLE.format(now=""))
    op.drop_index("idx_teams_name", "teams", schema="vln")
    op.drop_constraint(op.f("ck_teams_name_form"), "teams", schema="vln")
    op.execute("DROP TRIGGER b_guard ON vln.teams")
    op.execute("DROP TRIGGER y_guard ON vln.team_members")
    op.execute("DROP FUNCTION vln.guard_team()")
    op.execute("DROP FUNCTION vln.guard_membership()")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION vln.{signature}")
