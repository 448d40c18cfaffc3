"""Let everybody move their second factor to another phone and make new recovery codes."""

from __future__ import annotations

from alembic import op

from vln_desktop.domain.sign_in import EVENT_KINDS

revision = "my_factor"
down_revision = "offboarding"
branch_labels = None
depends_on = None

# Whoever finds an open window must not take over the account: a code was typed just now.
REQUIRE = """CREATE FUNCTION vln_priv.require_confirmed() RETURNS uuid LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    IF NOT vln.session_ok() OR vln_priv.my_session() IS NULL THEN
        RAISE EXCEPTION 'Sign in first.' USING ERRCODE = '42501';
    END IF;
    IF NOT vln_priv.confirmed() THEN
        RAISE EXCEPTION 'This asks for the code of your second factor again.'
            USING ERRCODE = 'VL010';
    END IF;
    RETURN vln.uid();
END $$"""

KEEP = """CREATE FUNCTION vln_priv.keep_recovery_codes(person uuid, recovery_hashes bytea[])
RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF cardinality(recovery_hashes) IS DISTINCT FROM 10
       OR EXISTS (SELECT FROM unnest(recovery_hashes) h WHERE octet_length(h) IS DISTINCT FROM 32) THEN
        RAISE EXCEPTION 'There are ten recovery codes.' USING ERRCODE = 'VL005';
    END IF;
    DELETE FROM vln_priv.recovery_codes WHERE user_id = person;
    INSERT INTO vln_priv.recovery_codes (id, user_id, code_hash)
    SELECT gen_random_uuid(), person, h FROM unnest(recovery_hashes) h;
END $$"""

FUNCTIONS = {
    # The first code proves that the new phone works before the old one stops working.
    "replace_second_factor(bytea, text, bytea[])": """CREATE FUNCTION vln.replace_second_factor(
        secret bytea, code text, recovery_hashes bytea[], OUT refused text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        me uuid := vln_priv.require_confirmed();
        now_step int := floor(extract(epoch FROM clock_timestamp()) / 30);
        used_step int;
    BEGIN
        IF coalesce(octet_length(secret) NOT BETWEEN 20 AND 64, true) THEN
            RAISE EXCEPTION 'A second factor has a secret of 20 to 64 bytes.' USING ERRCODE = 'VL005';
        END IF;
        SELECT step INTO used_step FROM generate_series(now_step - 1, now_step + 1) step
         WHERE vln_priv.totp(secret, step) = regexp_replace(code, '[^0-9]', '', 'g');
        IF used_step IS NULL THEN refused := 'wrong'; RETURN; END IF;
        PERFORM vln_priv.keep_recovery_codes(me, recovery_hashes);
        UPDATE vln_priv.user_secrets SET totp_secret = secret, totp_last_step = used_step
         WHERE user_id = me;
        PERFORM vln_priv.note('second_factor_enrolled', me, '{"replaced": true}');
    END $$""",
    "renew_recovery_codes(bytea[])": """CREATE FUNCTION vln.renew_recovery_codes(recovery_hashes bytea[])
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        me uuid := vln_priv.require_confirmed();
    BEGIN
        PERFORM vln_priv.keep_recovery_codes(me, recovery_hashes);
        PERFORM vln_priv.note('recovery_codes_renewed', me);
    END $$""",
}


def upgrade() -> None:
    """Apply this revision."""
    words = ", ".join(f"'{kind}'" for kind in EVENT_KINDS)
    op.drop_constraint("ck_security_events_kind_word", "security_events", schema="vln")
    op.create_check_constraint(op.f("ck_security_events_kind_word"), "security_events",
                               f"kind IN ({words})", schema="vln")  # fmt: skip
    op.execute(REQUIRE)
    op.execute(KEEP)
    for signature, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{signature} TO vln_staff")


def downgrade() -> None:
    """Undo this revision; events of its kind stay, so the words stay too."""
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION vln.{signature}")
    op.execute("DROP FUNCTION vln_priv.keep_recovery_codes(uuid, bytea[])")
    op.execute("DROP FUNCTION vln_priv.require_confirmed()")
