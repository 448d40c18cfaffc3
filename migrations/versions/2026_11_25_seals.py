"""Seal the activity log in batches, so that nobody, its owner included, rewrites it unseen.

A seal is one link of a chain. Its batch is every entry with an id above the last seal's `last_id`
and up to its own, so each entry lies in exactly one; a batch ends where the next entry's month (UTC
month of `created_at`) differs, and at 100,000 rows. Where ids and times interleave at a month's
edge, this makes a few short batches, and archiving a month still moves whole ones.

    rows_digest = sha256(id as 8 bytes, big-endian || row_hash, of every row by id)
    digest      = sha256(previous_digest || header || rows_digest)
    header      = seq|YYYY-MM|first_id|last_id|row_count|sealed_at in UTC, microseconds|sealed_by

The first seal's `previous_digest` is sha256 of the log's id (`schema_settings.log_id`) as text. An
entry's `team_id` is outside its hash: it says who may read the entry now, and moves with the audit.

An entry whose payload was taken out keeps its `row_hash`, which cannot be computed again. What is
left of it is held by the entry of the redaction itself: the hash of its remaining columns.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, secure
from vln_desktop.domain.permissions import Role

revision = "seals"
down_revision = "staff"
branch_labels = None
depends_on = None

# What vln.activity_hash hashes, without the salt. Written out: a call per row costs half the time.
HASHED = """jsonb_build_array(
        to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        l.actor_id, l.record_class, l.action, l.entity, l.record_id,
        l.label, l.audit_id, l.fields, l.changes)::text"""

REQUIRE_SESSION = """CREATE FUNCTION vln_priv.require_session() RETURNS void LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    IF NOT vln.session_ok() THEN
        RAISE EXCEPTION 'This needs a live session.' USING ERRCODE = '42501';
    END IF;
END $$"""

SEAL = (
    """CREATE FUNCTION vln_priv.seal_digest(seal vln.log_seals) RETURNS bytea LANGUAGE sql STABLE
    SET search_path = '' AS $$
        SELECT sha256(seal.previous_digest || convert_to(concat_ws('|', seal.seq,
            to_char(seal.month, 'YYYY-MM'), seal.first_id, seal.last_id, seal.row_count,
            to_char(seal.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            coalesce(seal.sealed_by::text, '')), 'UTF8') || seal.rows_digest)
    $$""",
    # Every writer holds ROW EXCLUSIVE on the log from its first entry, whose id is taken then, to
    # its end. So with SHARE in hand nobody is half-way, and every id up to the highest is final.
    # The lock is undone at once by an error of our own: the digests are made without it. ONLY: a
    # lock on the partitions would wait for autovacuum, and no writer names them.
    """CREATE FUNCTION vln_priv.last_final_id() RETURNS bigint LANGUAGE plpgsql
    SET search_path = '' SET lock_timeout = '50ms' AS $$
    DECLARE
        found bigint;
    BEGIN
        LOCK TABLE ONLY vln.activity_logs IN SHARE MODE;
        SELECT coalesce(max(id), 0) INTO found FROM vln.activity_logs;
        RAISE EXCEPTION 'Undo the lock.' USING ERRCODE = 'VL000';
    EXCEPTION
        WHEN SQLSTATE 'VL000' THEN RETURN found;
        WHEN lock_not_available THEN RETURN NULL;
    END $$""",
    """CREATE FUNCTION vln_priv.seal_batch(final bigint, sealer uuid) RETURNS bigint
    LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        before vln.log_seals;
        seal vln.log_seals;
        since timestamptz;
        until timestamptz;
        stop bigint;
    BEGIN
        SELECT * INTO before FROM vln.log_seals ORDER BY seq DESC LIMIT 1;
        before.last_id := coalesce(before.last_id, -9223372036854775808);
        SELECT date_trunc('month', created_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' INTO since
          FROM vln.activity_logs WHERE id > before.last_id AND id <= final ORDER BY id LIMIT 1;
        IF since IS NULL THEN RETURN 0; END IF;
        until := ((since AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
        SELECT min(id) INTO stop FROM vln.activity_logs
         WHERE id > before.last_id AND id <= final AND (created_at < since OR created_at >= until);
        SELECT min(id), max(id), count(*),
               sha256(string_agg(int8send(id) || row_hash, ''::bytea ORDER BY id))
          INTO seal.first_id, seal.last_id, seal.row_count, seal.rows_digest
          FROM (SELECT id, row_hash FROM vln.activity_logs
                 WHERE id > before.last_id AND id <= final AND id < coalesce(stop, final + 1)
                   AND created_at >= since AND created_at < until
                 ORDER BY id LIMIT 100000) batch;
        seal.seq := coalesce(before.seq, 0) + 1;
        seal.month := (since AT TIME ZONE 'UTC')::date;
        seal.previous_digest := coalesce(before.digest, (
            SELECT sha256(convert_to(log_id::text, 'UTF8')) FROM vln.schema_settings WHERE id = 1));
        seal.sealed_at := clock_timestamp();
        seal.sealed_by := sealer;
        seal.digest := vln_priv.seal_digest(seal);
        INSERT INTO vln.log_seals VALUES (seal.*);
        RETURN seal.row_count;
    END $$""",
    # A staff login cannot take the sealers' own lock, which an advisory one would allow.
    """CREATE FUNCTION vln_priv.seal_rows(sealer uuid) RETURNS bigint LANGUAGE plpgsql
    SET search_path = '' SET lock_timeout = '50ms' AS $$
    DECLARE
        final bigint;
        batch bigint;
        sealed bigint := 0;
    BEGIN
        -- An older snapshot would not see all that is final.
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            RAISE EXCEPTION 'The log is sealed in transactions of the level read committed only.'
                USING ERRCODE = 'VL005';
        END IF;
        BEGIN
            LOCK TABLE vln.log_seals IN SHARE ROW EXCLUSIVE MODE;
        EXCEPTION WHEN lock_not_available THEN RETURN NULL;
        END;
        final := vln_priv.last_final_id();
        IF final IS NULL THEN RETURN NULL; END IF;
        LOOP
            batch := vln_priv.seal_batch(final, sealer);
            sealed := sealed + batch;
            IF batch = 0 OR sealed >= 100000 THEN RETURN sealed; END IF;
        END LOOP;
    END $$""",
    """CREATE FUNCTION vln.seal_log() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    BEGIN
        PERFORM vln_priv.require_session();
        RETURN vln_priv.seal_rows(vln.uid());
    END $$""",
)

REDACTION = (
    """CREATE FUNCTION vln_priv.kept_hash(l vln.activity_logs) RETURNS bytea LANGUAGE sql STABLE
    SET search_path = '' AS $$
        SELECT sha256(convert_to(jsonb_build_array(l.id,
            to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            l.actor_id, l.record_class, l.action, l.entity, l.record_id, l.label, l.audit_id,
            l.fields, encode(l.row_hash, 'hex'))::text, 'UTF8'))
    $$""",
    """CREATE FUNCTION vln_priv.redacted_entries() RETURNS TABLE (entry_id bigint, kept bytea)
    LANGUAGE sql STABLE SET search_path = '' AS $$
        SELECT told.entry_id::bigint, decode(told.kept, 'hex')
          FROM vln.activity_logs l,
               ROWS FROM (jsonb_array_elements_text(l.changes -> 'entries' -> 1),
                          jsonb_array_elements_text(l.changes -> 'kept' -> 1))
                   AS told (entry_id, kept)
         WHERE l.record_class = 'identity' AND l.entity = 'activity_logs' AND l.action = 'update'
           AND l.row_hash = vln.activity_hash(l)
    $$""",
    # Entries about a person: those of rows that are the person's own (record_id). What the person
    # did to other records is the firm's evidence and names them by id alone.
    """CREATE FUNCTION vln.redact_log(person uuid, reason text) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        entry vln.activity_logs;
        ids bigint[];
        kept text[];
    BEGIN
        PERFORM vln_priv.require_session();
        IF vln.my_role() <> 'admin' THEN
            RAISE EXCEPTION 'Only an admin takes a person''s data out of the log.'
                USING ERRCODE = '42501';
        END IF;
        IF coalesce(length(btrim(reason)), 0) NOT BETWEEN 3 AND 500 THEN
            RAISE EXCEPTION 'Say the reason in 3 to 500 characters.' USING ERRCODE = 'VL005';
        END IF;
        WITH taken AS (
            UPDATE vln.activity_logs l SET changes = NULL, salt = NULL, label = ''
             WHERE l.record_id = person AND l.entity <> 'activity_logs' AND l.salt IS NOT NULL
            RETURNING l.id, encode(vln_priv.kept_hash(l), 'hex') AS kept)
        SELECT array_agg(t.id ORDER BY t.id), array_agg(t.kept ORDER BY t.id) INTO ids, kept
          FROM taken t;
        IF ids IS NULL THEN RETURN 0; END IF;
        entry.created_at := clock_timestamp();
        entry.actor_id := vln.uid();
        entry.record_class := 'identity';
        entry.action := 'update';
        entry.entity := 'activity_logs';
        entry.record_id := person;
        entry.label := '';
        entry.fields := '{entries,kept,reason}';
        entry.changes := jsonb_build_object('entries', jsonb_build_array(NULL, to_jsonb(ids)),
            'kept', jsonb_build_array(NULL, to_jsonb(kept)),
            'reason', jsonb_build_array(NULL, btrim(reason)));
        entry.salt := uuid_send(gen_random_uuid());
        INSERT INTO vln.activity_logs (created_at, actor_id, record_class, action, entity,
            record_id, label, fields, changes, salt, row_hash)
        VALUES (entry.created_at, entry.actor_id, entry.record_class, entry.action, entry.entity,
            entry.record_id, entry.label, entry.fields, entry.changes, entry.salt,
            vln.activity_hash(entry));
        RETURN cardinality(ids);
    END $$""",
)

# With an erased person's payload goes the label, which may be a name or an address.
APPEND_ONLY = """CREATE OR REPLACE FUNCTION vln.keep_log() RETURNS trigger LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.team_id := NEW.team_id;
        IF NEW.salt IS NULL AND NEW.changes IS NULL THEN
            OLD.salt := NULL;
            OLD.changes := NULL;
            IF NEW.label = '' THEN OLD.label := ''; END IF;
        END IF;
        IF OLD IS NOT DISTINCT FROM NEW THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'The activity log can only be added to.' USING ERRCODE = 'VL002';
END $$"""

VERIFY = (
    # changed: the row does not fit its own hash. unproven: its payload is gone, and no redaction
    # says so, or it said otherwise of what is left.
    f"""CREATE FUNCTION vln_priv.judged_rows(low bigint, high bigint)
    RETURNS TABLE (id bigint, created_at timestamptz, row_hash bytea, redacted boolean,
                   changed boolean, unproven boolean)
    LANGUAGE sql STABLE SET search_path = '' AS $$
        SELECT l.id, l.created_at, l.row_hash, l.salt IS NULL AND l.changes IS NULL,
               (l.salt IS NOT NULL OR l.changes IS NOT NULL)
                   AND l.row_hash IS DISTINCT FROM sha256(convert_to({HASHED}, 'UTF8') || l.salt),
               l.salt IS NULL AND l.changes IS NULL
                   AND r.kept IS DISTINCT FROM vln_priv.kept_hash(l)
          FROM vln.activity_logs l
          LEFT JOIN vln_priv.redacted_entries() r ON r.entry_id = l.id AND l.salt IS NULL
         WHERE l.id BETWEEN low AND high
    $$""",
    """CREATE FUNCTION vln.check_log_batches(first_seq bigint, last_seq bigint)
    RETURNS TABLE (seq bigint, row_count bigint, rows_digest bytea, redacted bigint,
                   changed_id bigint, unproven_id bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
    #variable_conflict use_column
    DECLARE
        seqs bigint[];
        lows bigint[];
        high bigint;
    BEGIN
        PERFORM vln_priv.require_session();
        SELECT array_agg(s.seq ORDER BY s.seq), array_agg(s.low ORDER BY s.seq), max(s.last_id)
          INTO seqs, lows, high
          FROM (SELECT seq, last_id,
                       coalesce(lag(last_id) OVER (ORDER BY seq) + 1, -9223372036854775808) AS low
                  FROM vln.log_seals WHERE seq BETWEEN first_seq - 1 AND last_seq) s
         WHERE s.seq >= first_seq;
        IF seqs IS NULL THEN RETURN; END IF;
        RETURN QUERY
            SELECT seqs[width_bucket(j.id, lows)], count(*),
                   sha256(string_agg(int8send(j.id) || j.row_hash, ''::bytea
                                     ORDER BY j.id, j.created_at)),
                   count(*) FILTER (WHERE j.redacted), min(j.id) FILTER (WHERE j.changed),
                   min(j.id) FILTER (WHERE j.unproven)
              FROM vln_priv.judged_rows(lows[1], high) j GROUP BY 1;
    END $$""",
    """CREATE FUNCTION vln.check_log_tail()
    RETURNS TABLE (row_count bigint, redacted bigint, changed_id bigint, unproven_id bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM vln_priv.require_session();
        RETURN QUERY
            SELECT count(*), count(*) FILTER (WHERE j.redacted),
                   min(j.id) FILTER (WHERE j.changed), min(j.id) FILTER (WHERE j.unproven)
              FROM vln_priv.judged_rows(
                  coalesce((SELECT max(s.last_id) + 1 FROM vln.log_seals s), -9223372036854775808),
                  9223372036854775807) j;
    END $$""",
    # Counts to a million: whoever waits that long has no use for the rest.
    """CREATE FUNCTION vln_priv.log_state()
    RETURNS TABLE (unsealed bigint, oldest_unsealed timestamptz, in_default bigint)
    LANGUAGE sql STABLE SET search_path = '' AS $$
        SELECT (SELECT count(*) FROM (SELECT FROM vln.activity_logs l WHERE l.id > sealed.last_id
                                       LIMIT 1000000) waiting),
               (SELECT l.created_at FROM vln.activity_logs l WHERE l.id > sealed.last_id
                 ORDER BY l.id LIMIT 1),
               (SELECT count(*) FROM (SELECT FROM vln.activity_logs_default
                                       LIMIT 1000000) astray)
          FROM (SELECT coalesce(max(last_id), -9223372036854775808) AS last_id
                  FROM vln.log_seals) sealed
    $$""",
    """CREATE FUNCTION vln.log_state()
    RETURNS TABLE (unsealed bigint, oldest_unsealed timestamptz, in_default bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        PERFORM vln_priv.require_session();
        RETURN QUERY SELECT * FROM vln_priv.log_state();
    END $$""",
)

# Who may see a payload, and the proof of it: what the log's policies say, and an admin for identity
# and operations only. Written out, as HASHED is: a call per row took ten times as long.
READS = """coalesce(CASE me.role
        WHEN 'admin' THEN l.record_class IN ('identity', 'operations')
        WHEN 'finance' THEN l.record_class = 'money'
        WHEN 'auditor' THEN l.record_class = 'findings' AND l.audit_id = ANY (me.audits)
                            AND NOT 'estimate_minor' = ANY (l.fields)
        WHEN 'manager' THEN l.record_class = 'findings' AND l.team_id = ANY (me.teams)
        ELSE false END, false)"""
ME = """(SELECT vln.my_role() AS role, vln.my_audits() AS audits, vln.my_teams() AS teams
          OFFSET 0) me"""
READERS = (
    f"""CREATE OR REPLACE FUNCTION vln.activity_changes(entry_id bigint, entry_time timestamptz)
    RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
        SELECT l.changes FROM vln.activity_logs l, {ME}
        WHERE l.id = entry_id AND l.created_at = entry_time AND vln.session_ok() AND {READS}
    $$""",
    # The hashes of all rows of a range; salt and hashed text of those whose payload the caller may
    # read. A salted hash tells nothing of its row.
    f"""CREATE FUNCTION vln.log_proof(low bigint, high bigint)
    RETURNS TABLE (id bigint, row_hash bytea, salt bytea, hashed text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM vln_priv.require_session();
        RETURN QUERY
            SELECT l.id, l.row_hash, CASE WHEN l.see THEN l.salt END,
                   CASE WHEN l.see AND l.salt IS NOT NULL THEN {HASHED} END
              FROM (SELECT l.*, {READS} AS see FROM vln.activity_logs l, {ME}
                     WHERE l.id BETWEEN low AND high OFFSET 0) l
             ORDER BY l.id;
    END $$""",
)

# Two admins who sign in at once take turns; who finds every month there takes no lock. A month
# whose entries lie in the default partition already is left out, or ATTACH would refuse: the doctor
# and `log verify` tell of them.
PARTITIONS = """CREATE OR REPLACE FUNCTION vln.ensure_log_partitions(first_month date,
                                                                    last_month date)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s' AS $$
DECLARE
    month date := date_trunc('month', first_month)::date;
    made int := 0;
    locked boolean := false;
    name text;
    since timestamptz;
    until timestamptz;
BEGIN
    IF last_month - first_month > 3660 THEN
        RAISE EXCEPTION 'Partitions are made for ten years at most.' USING ERRCODE = 'VL005';
    END IF;
    WHILE month <= last_month LOOP
        name := 'activity_logs_' || to_char(month, 'YYYY_MM');
        since := month::timestamp AT TIME ZONE 'UTC';
        until := (month + interval '1 month')::timestamp AT TIME ZONE 'UTC';
        IF NOT locked AND to_regclass('vln.' || name) IS NULL THEN
            LOCK TABLE ONLY vln.activity_logs IN SHARE UPDATE EXCLUSIVE MODE;
            locked := true;
        END IF;
        IF to_regclass('vln.' || name) IS NULL AND NOT EXISTS (
            SELECT FROM vln.activity_logs_default d
             WHERE d.created_at >= since AND d.created_at < until)
        THEN
            EXECUTE format('CREATE TABLE vln.%I (LIKE vln.activity_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
            EXECUTE format('REVOKE ALL ON vln.%I FROM PUBLIC', name);
            EXECUTE format('ALTER TABLE vln.%I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('CREATE TRIGGER b_keep BEFORE TRUNCATE ON vln.%I '
                           'FOR EACH STATEMENT EXECUTE FUNCTION vln.refuse_change()', name);
            EXECUTE format('ALTER TABLE vln.activity_logs ATTACH PARTITION vln.%I '
                           'FOR VALUES FROM (%L) TO (%L)', name, since, until);
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$"""

CALLED_BY_STAFF = (
    "seal_log()",
    "check_log_batches(bigint, bigint)",
    "check_log_tail()",
    "log_state()",
    "log_proof(bigint, bigint)",
)


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        "schema_settings",
        sa.Column("log_id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        schema="vln",
    )
    _create_tables()
    secure(
        op.execute,
        "log_seals",
        *(Access(role, select=ALL) for role in Role),
        log=None,
        touched="never",
    )
    op.execute(
        "CREATE TRIGGER a_keep BEFORE UPDATE OR DELETE ON vln.log_seals "
        "FOR EACH ROW EXECUTE FUNCTION vln.refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER b_keep BEFORE TRUNCATE ON vln.log_seals "
        "FOR EACH STATEMENT EXECUTE FUNCTION vln.refuse_change()"
    )
    for function in (
        REQUIRE_SESSION, *SEAL, *REDACTION, APPEND_ONLY, *VERIFY, *READERS, PARTITIONS,
    ):  # fmt: skip
        op.execute(function)
    for function in CALLED_BY_STAFF:
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_staff")
    op.execute("GRANT EXECUTE ON FUNCTION vln.redact_log(uuid, text) TO vln_admin")


def _create_tables() -> None:
    op.create_table(
        "log_seals",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("rows_digest", postgresql.BYTEA(), nullable=False),
        sa.Column("previous_digest", postgresql.BYTEA(), nullable=False),
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_by", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "first_id <= last_id AND row_count > 0", name=op.f("ck_log_seals_not_empty")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_seals")),
        sa.UniqueConstraint("last_id", name=op.f("uq_log_seals_last_id")),
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision; redacted entries stay as they are."""
    activity = context.script.get_revision("activity").module
    for function in (activity.APPEND_ONLY, activity.CHANGES, activity.PARTITIONS):
        op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    for function in (*CALLED_BY_STAFF, "redact_log(uuid, text)"):
        op.execute(f"DROP FUNCTION vln.{function}")
    for function in (
        "log_state()", "judged_rows(bigint, bigint)", "redacted_entries()",
        "kept_hash(vln.activity_logs)",
        "seal_rows(uuid)", "seal_batch(bigint, uuid)", "last_final_id()",
        "seal_digest(vln.log_seals)", "require_session()",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION vln_priv.{function}")
    op.drop_table("log_seals", schema="vln")
    op.drop_column("schema_settings", "log_id", schema="vln")
