"""Log changes by the statement, not by the row: one insert into the log for all rows it touched."""

from __future__ import annotations

from alembic import op

revision = "log_cost"
down_revision = "my_factor"
branch_labels = None
depends_on = None

# The times and the version change with everything, and what a search vector says stands in the
# texts. Nobody looks for these.
UNTOLD = "'{updated_at,version,created_at,search_vector}'::text[]"

# For each operation: the rows and the record they tell of, then the pairs of old and new values,
# from which object, and which keys count.
TOLD = {
    "INSERT": (
        f"SELECT to_jsonb(n) - {UNTOLD} AS record FROM new_rows n OFFSET 0",
        "jsonb_build_array(NULL, value)",
        "CASE WHEN masks THEN vln_priv.masked(r.record, NULL, hidden, large) ELSE r.record END",
        "value <> 'null'",
    ),
    "DELETE": (
        f"SELECT to_jsonb(o) - {UNTOLD} AS record FROM old_rows o OFFSET 0",
        "jsonb_build_array(value, NULL)",
        "CASE WHEN masks THEN vln_priv.masked(r.record, NULL, hidden, large) ELSE r.record END",
        "value <> 'null'",
    ),
    # Both tables hold the rows in the order they were changed in, whatever became of their keys.
    # A full join is never made by nested loops, however few rows the kept plan was made for.
    "UPDATE": (
        f"""SELECT n.record,
                   CASE WHEN masks THEN vln_priv.masked(n.record, o.record, hidden, large)
                        ELSE n.record END AS after,
                   CASE WHEN masks THEN vln_priv.masked(o.record, NULL, hidden, large)
                        ELSE o.record END AS before
              FROM (SELECT row_number() OVER () AS place, to_jsonb(r) - {UNTOLD} AS record
                      FROM old_rows r) o
              FULL JOIN (SELECT row_number() OVER () AS place, to_jsonb(r) - {UNTOLD} AS record
                           FROM new_rows r) n ON n.place = o.place
             ORDER BY n.place OFFSET 0""",
        "jsonb_build_array(r.before -> key, value)",
        "r.after",
        "value IS DISTINCT FROM r.before -> key",
    ),
}


def note(operation: str) -> str:
    """Return the statement that logs all rows of an operation; its hash is activity_hash's.

    The hash and the diff are written out: a call of a function per row costs more than they do.
    """
    rows, pair, source, counts = TOLD[operation]
    return f"""INSERT INTO vln.activity_logs (created_at, actor_id, record_class, action, entity,
                record_id, label, audit_id, team_id, fields, changes, salt, row_hash)
            SELECT e.made, actor, TG_ARGV[0], deed, entity, e.id, e.label, e.audit,
                   CASE WHEN e.audit IS NULL THEN NULL
                        WHEN e.record ? 'team_id' THEN (e.record ->> 'team_id')::uuid
                        ELSE (SELECT a.team_id FROM vln.audit_requests a WHERE a.id = e.audit) END,
                   e.names, e.pairs, e.salt,
                   sha256(convert_to(jsonb_build_array(
                       to_char(e.made AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
                       actor, TG_ARGV[0], deed, entity, e.id, e.label, e.audit, e.names, e.pairs
                   )::text, 'UTF8') || e.salt)
              FROM (SELECT clock_timestamp() AS made, uuid_send(gen_random_uuid()) AS salt,
                           r.record, told.names, told.pairs,
                           CASE WHEN TG_ARGV[1] <> '' THEN (r.record ->> TG_ARGV[1])::uuid END AS id,
                           coalesce(r.record ->> TG_ARGV[2], '') AS label,
                           CASE WHEN parent <> ''
                                THEN vln_priv.audit_of(parent, (r.record ->> reference)::uuid)
                                WHEN reference <> '' THEN (r.record ->> reference)::uuid END AS audit
                      FROM ({rows}) r
                     CROSS JOIN LATERAL (
                           SELECT coalesce(array_agg(key), '{{}}') AS names,
                                  coalesce(jsonb_object_agg(key, {pair}), '{{}}') AS pairs
                             FROM jsonb_each({source}) WHERE {counts}) told
                    OFFSET 0) e;"""


# Of the arguments, see the foundation. The kept plan serves one row as well as ten thousand: it
# has nothing to choose. A session's bytea_output would change what is told.
LOG_CHANGE = f"""CREATE OR REPLACE FUNCTION vln.log_change() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan
SET bytea_output = 'hex' AS $$
DECLARE
    actor uuid;
    deed text := lower(TG_OP);
    entity text := TG_TABLE_NAME;
    reference text := split_part(TG_ARGV[3], '>', 1);
    parent text := split_part(TG_ARGV[3], '>', 2);
    hidden text[] := string_to_array(TG_ARGV[4], ',');
    large text[] := string_to_array(TG_ARGV[5], ',');
    masks boolean := TG_ARGV[4] <> '' OR TG_ARGV[5] <> '';
    told bigint;
BEGIN
    SELECT u.id INTO actor FROM vln.users u
     WHERE u.email = session_user AND u.deleted_at IS NULL;
    IF TG_OP = 'INSERT' THEN
        {note("INSERT")}
    ELSIF TG_OP = 'UPDATE' THEN
        {note("UPDATE")}
    ELSE
        {note("DELETE")}
    END IF;
    GET DIAGNOSTICS told = ROW_COUNT;
    -- An older snapshot would hide that a login was disabled or a payment used up meanwhile.
    IF told > 0 AND actor IS NOT NULL
       AND current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'Staff write in transactions of the level read committed only.'
            USING ERRCODE = 'VL005';
    END IF;
    RETURN NULL;
END $$"""

HELPERS = (
    """CREATE FUNCTION vln_priv.masked(record jsonb, earlier jsonb, hidden text[], large text[])
    RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = '' SET bytea_output = 'hex' AS $$
    DECLARE
        word text;
    BEGIN
        FOREACH word IN ARRAY hidden LOOP
            IF record ->> word IS NOT NULL THEN
                record := record || jsonb_build_object(word, CASE
                    WHEN earlier IS NOT NULL AND earlier -> word IS DISTINCT FROM record -> word
                    THEN '[hidden, changed]' ELSE '[hidden]' END);
            END IF;
        END LOOP;
        FOREACH word IN ARRAY large LOOP
            IF record ->> word IS NOT NULL THEN
                record := record || jsonb_build_object(word, vln.digest_of(record ->> word));
            END IF;
        END LOOP;
        RETURN record;
    END $$""",
    """CREATE FUNCTION vln_priv.audit_of(parent text, id uuid) RETURNS uuid LANGUAGE plpgsql STABLE
    SET search_path = '' AS $$
    DECLARE
        audit uuid;
    BEGIN
        -- The only parent so far is written out, to keep its plan.
        IF parent = 'invoices' THEN
            SELECT i.audit_id INTO audit FROM vln.invoices i WHERE i.id = audit_of.id;
        ELSE
            EXECUTE format('SELECT audit_id FROM vln.%I WHERE id = $1', parent)
               INTO audit USING id;
        END IF;
        RETURN audit;
    END $$""",
    # db/schema.py calls this where it exists: tables made before this revision had a row trigger.
    """CREATE FUNCTION vln_priv.attach_log(logged regclass, arguments text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        listed text := (SELECT string_agg(quote_literal(a.word), ', ' ORDER BY a.place)
                          FROM unnest(arguments) WITH ORDINALITY AS a (word, place));
        deed text;
        seen text;
    BEGIN
        FOREACH deed IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
            seen := concat_ws(' ', CASE WHEN deed <> 'insert' THEN 'OLD TABLE AS old_rows' END,
                                   CASE WHEN deed <> 'delete' THEN 'NEW TABLE AS new_rows' END);
            EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s REFERENCING %s '
                           'FOR EACH STATEMENT EXECUTE FUNCTION vln.log_change(%s)',
                           'z_log_' || deed, deed, logged, seen, listed);
        END LOOP;
    END $$""",
)

# A trigger's arguments are kept as bytes, each ended by a zero.
ATTACHED = """SELECT t.tgrelid::regclass AS logged,
       trim_array(string_to_array(encode(t.tgargs, 'escape'), '\\000'), 1) AS arguments
  FROM pg_catalog.pg_trigger t WHERE t.tgname = '{name}'"""

BY_STATEMENT = f"""DO $$
DECLARE
    one record;
BEGIN
    FOR one IN {ATTACHED.format(name="z_log")} LOOP
        EXECUTE format('DROP TRIGGER z_log ON %s', one.logged);
        PERFORM vln_priv.attach_log(one.logged, one.arguments);
    END LOOP;
END $$"""

BY_ROW = f"""DO $$
DECLARE
    one record;
BEGIN
    FOR one IN {ATTACHED.format(name="z_log_insert")} LOOP
        EXECUTE format('DROP TRIGGER z_log_insert ON %s', one.logged);
        EXECUTE format('DROP TRIGGER z_log_update ON %s', one.logged);
        EXECUTE format('DROP TRIGGER z_log_delete ON %s', one.logged);
        EXECUTE format('CREATE TRIGGER z_log AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW '
                       'EXECUTE FUNCTION vln.log_change(%s)', one.logged,
                       (SELECT string_agg(quote_literal(a.word), ', ' ORDER BY a.place)
                          FROM unnest(one.arguments) WITH ORDINALITY AS a (word, place)));
    END LOOP;
END $$"""


LOG_CHANGE_BEFORE = """CREATE OR REPLACE FUNCTION vln.log_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' SET bytea_output = 'hex' AS $$
    DECLARE
        entry vln.activity_logs;
        before jsonb := '{}';
        after jsonb := '{}';
        present jsonb;
        hidden text[] := string_to_array(TG_ARGV[4], ',');
        large text[] := string_to_array(TG_ARGV[5], ',');
        word text;
    BEGIN
        -- What a search vector says stands in the texts, and it is long to write out.
        IF TG_TABLE_NAME IN ('findings', 'audit_requests') THEN
            IF TG_OP <> 'INSERT' THEN OLD.search_vector := NULL; END IF;
            IF TG_OP <> 'DELETE' THEN NEW.search_vector := NULL; END IF;
        END IF;
        IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
        IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;
        present := CASE WHEN TG_OP = 'DELETE' THEN before ELSE after END;

        entry.created_at := clock_timestamp();
        entry.actor_id := vln.uid();
        -- An older snapshot would hide that a login was disabled or a payment used up meanwhile.
        IF entry.actor_id IS NOT NULL
           AND current_setting('transaction_isolation') <> 'read committed' THEN
            RAISE EXCEPTION 'Staff write in transactions of the level read committed only.'
                USING ERRCODE = 'VL005';
        END IF;
        entry.record_class := TG_ARGV[0];
        entry.action := lower(TG_OP);
        entry.entity := TG_TABLE_NAME;
        IF TG_ARGV[1] <> '' THEN entry.record_id := (present ->> TG_ARGV[1])::uuid; END IF;
        entry.label := coalesce(present ->> TG_ARGV[2], '');
        IF position('>' IN TG_ARGV[3]) > 0 THEN
            EXECUTE format('SELECT audit_id FROM vln.%I WHERE id = $1', split_part(TG_ARGV[3], '>', 2))
                INTO entry.audit_id USING (present ->> split_part(TG_ARGV[3], '>', 1))::uuid;
        ELSIF TG_ARGV[3] <> '' THEN
            entry.audit_id := (present ->> TG_ARGV[3])::uuid;
        END IF;
        IF present ? 'team_id' AND entry.audit_id IS NOT NULL THEN
            entry.team_id := (present ->> 'team_id')::uuid;
        ELSIF entry.audit_id IS NOT NULL THEN
            SELECT team_id INTO entry.team_id FROM vln.audit_requests WHERE id = entry.audit_id;
        END IF;

        FOREACH word IN ARRAY hidden LOOP
            IF before ->> word IS NOT NULL THEN before := before || jsonb_build_object(word, '[hidden]'); END IF;
            IF after ->> word IS NOT NULL THEN
                after := after || jsonb_build_object(word, CASE
                    WHEN TG_OP = 'UPDATE' AND to_jsonb(OLD) -> word IS DISTINCT FROM to_jsonb(NEW) -> word
                    THEN '[hidden, changed]' ELSE '[hidden]' END);
            END IF;
        END LOOP;
        FOREACH word IN ARRAY large LOOP
            IF before ->> word IS NOT NULL THEN before := before || jsonb_build_object(word, vln.digest_of(before ->> word)); END IF;
            IF after ->> word IS NOT NULL THEN after := after || jsonb_build_object(word, vln.digest_of(after ->> word)); END IF;
        END LOOP;

        SELECT coalesce(array_agg(key), '{}'),
               coalesce(jsonb_object_agg(key, CASE TG_OP
                   WHEN 'INSERT' THEN jsonb_build_array(NULL, value)
                   WHEN 'DELETE' THEN jsonb_build_array(value, NULL)
                   ELSE jsonb_build_array(before -> key, value) END), '{}')
          INTO entry.fields, entry.changes
          FROM jsonb_each(CASE TG_OP WHEN 'DELETE' THEN before ELSE after END)
         WHERE CASE TG_OP WHEN 'UPDATE' THEN value IS DISTINCT FROM before -> key
               ELSE value <> 'null' END
           AND key NOT IN ('updated_at', 'version', 'created_at');
        entry.salt := uuid_send(gen_random_uuid());
        entry.row_hash := vln.activity_hash(entry);
        INSERT INTO vln.activity_logs (created_at, actor_id, record_class, action, entity,
            record_id, label, audit_id, team_id, fields, changes, salt, row_hash)
        VALUES (entry.created_at, entry.actor_id, entry.record_class, entry.action, entry.entity,
            entry.record_id, entry.label, entry.audit_id, entry.team_id, entry.fields,
            entry.changes, entry.salt, entry.row_hash);
        RETURN NULL;
    END $$"""


def upgrade() -> None:
    """Apply this revision."""
    op.execute("SET LOCAL check_function_bodies = off")
    for statement in (*HELPERS, LOG_CHANGE, BY_STATEMENT):
        op.execute(statement)


def downgrade() -> None:
    """Undo this revision."""
    op.execute(LOG_CHANGE_BEFORE)
    op.execute(BY_ROW)
    for function in ("attach_log(regclass, text[])", "audit_of(text, uuid)",
                     "masked(jsonb, jsonb, text[], text[])"):  # fmt: skip
        op.execute(f"DROP FUNCTION vln_priv.{function}")
