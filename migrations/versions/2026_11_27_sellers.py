"""Let two people change payment accounts, check their digits, and let series have patterns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import (
    ALL,
    Access,
    Log,
    amended,
    enforce_transitions,
    secure,
)
from vln_desktop.domain.payment_accounts import ACCOUNT_CHANGE_TRANSITIONS
from vln_desktop.domain.permissions import Role

revision = "sellers"
down_revision = "report_work"
branch_labels = None
depends_on = None

# ISO 13616: the country and check digits move to the end, letters count from 10; the rest is 1.
CHECK_DIGITS = (
    """CREATE FUNCTION vln.iban_ok(number text) RETURNS boolean LANGUAGE sql IMMUTABLE
    SET search_path = '' AS $$
        SELECT CASE WHEN number ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$' THEN (
            SELECT string_agg(CASE WHEN sign ~ '[0-9]' THEN sign
                                   ELSE (ascii(sign) - 55)::text END, '' ORDER BY place)::numeric
                   % 97 = 1
              FROM regexp_split_to_table(substr(number, 5) || left(number, 4), '')
                   WITH ORDINALITY AS signs (sign, place)) ELSE false END
    $$""",
    # American Bankers Association: weights 3, 7, 1.
    """CREATE FUNCTION vln.routing_ok(number text) RETURNS boolean LANGUAGE sql IMMUTABLE
    SET search_path = '' AS $$
        SELECT CASE WHEN number ~ '^[0-9]{9}$' THEN (
            SELECT sum(digit::int * (ARRAY[3, 7, 1])[(place - 1) % 3 + 1]) % 10 = 0
              FROM regexp_split_to_table(number, '') WITH ORDINALITY AS digits (digit, place))
               ELSE false END
    $$""",
    """CREATE FUNCTION vln.account_ok(kind text, number text, routing text, network text)
    RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
        SELECT CASE kind
            WHEN 'iban' THEN vln.iban_ok(number)
                 AND routing ~ '^([A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?)?$'
            WHEN 'ach' THEN number ~ '^[0-9]{4,17}$' AND vln.routing_ok(routing)
            WHEN 'swift' THEN number ~ '^[A-Z0-9]{4,34}$'
                 AND routing ~ '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$'
            WHEN 'crypto' THEN CASE network
                WHEN 'Bitcoin' THEN number ~
                     '^([13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{11,87})$'
                WHEN 'Solana' THEN number ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'
                WHEN 'Tron' THEN number ~ '^T[1-9A-HJ-NP-Za-km-z]{33}$'
                ELSE network IN ('Ethereum', 'Arbitrum', 'Base', 'Optimism', 'Polygon')
                     AND number ~ '^0x[0-9a-fA-F]{40}$' END
            ELSE false END
    $$""",
)
ACCOUNT_FORM = "vln.account_ok(kind, number, routing, network)"
TEXTS = ("length(label) BETWEEN 1 AND 80 AND length(holder) BETWEEN 1 AND 140"
         " AND length(bank) <= 140")  # fmt: skip

# Where money goes: one person proposes, another approves, both with the code of their phone. What
# was proposed never changes, and an account that changed since is not overwritten.
TWO_PEOPLE = (
    """CREATE FUNCTION vln_priv.require_finance() RETURNS void LANGUAGE plpgsql
    SET search_path = '' AS $$
    BEGIN
        IF NOT coalesce(vln.session_ok() AND vln.my_role() = 'finance', false) THEN
            RAISE EXCEPTION 'Only finance changes where money goes.' USING ERRCODE = '42501';
        END IF;
    END $$""",
    """CREATE FUNCTION vln.propose_account(
        proposal uuid, change text, account uuid, entity uuid, wanted jsonb, reason text)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        stands vln.payment_accounts;
        new vln.payment_accounts;
    BEGIN
        PERFORM vln_priv.require_finance();
        PERFORM vln_priv.require_second_factor();
        IF EXISTS (SELECT FROM vln.payment_account_changes c
                    WHERE c.id = proposal AND c.requester_id = vln.uid()) THEN
            RETURN;  -- tried again after its answer was lost
        END IF;
        IF coalesce(length(btrim(reason)) NOT BETWEEN 3 AND 500, true) THEN
            RAISE EXCEPTION 'Say in a few words why the account changes.' USING ERRCODE = 'VL005';
        END IF;
        IF proposal IS NULL OR account IS NULL OR coalesce(change NOT IN ('add', 'change', 'retire'), true) THEN
            RAISE EXCEPTION 'An account is added, changed or retired.' USING ERRCODE = 'VL005';
        END IF;
        IF NOT EXISTS (SELECT FROM vln.legal_entities e
                        WHERE e.id = entity AND e.deleted_at IS NULL) THEN
            RAISE EXCEPTION 'There is no such seller.' USING ERRCODE = 'VL005';
        END IF;
        SELECT * INTO stands FROM vln.payment_accounts a WHERE a.id = account;
        IF change = 'add' AND stands.id IS NOT NULL
           OR change <> 'add' AND (stands.id IS NULL OR stands.deleted_at IS NOT NULL
                                   OR stands.entity_id <> entity) THEN
            RAISE EXCEPTION 'There is no such account of this seller that could change.'
                USING ERRCODE = 'VL005';
        END IF;
        IF EXISTS (SELECT FROM vln.payment_account_changes c
                    WHERE c.account_id = account AND c.status = 'requested') THEN
            RAISE EXCEPTION 'A change of this account waits for a decision already.'
                USING ERRCODE = 'VL001';
        END IF;
        IF change = 'retire' THEN new := stands;
        ELSIF jsonb_typeof(wanted) = 'object' AND octet_length(wanted::text) <= 4000 THEN
            new := jsonb_populate_record(NULL::vln.payment_accounts, wanted);
        ELSE
            RAISE EXCEPTION 'Say what the account is.' USING ERRCODE = 'VL005';
        END IF;
        INSERT INTO vln.payment_account_changes (id, entity_id, account_id, change,
            account_version, kind, label, currency, holder, number, routing, bank, network,
            reason, requester_id)
        VALUES (proposal, entity, account, change, coalesce(stands.version, 0), new.kind,
            btrim(new.label), new.currency, btrim(new.holder), new.number,
            coalesce(new.routing, ''), btrim(coalesce(new.bank, '')), coalesce(new.network, ''),
            btrim(reason), vln.uid());
    END $$""",
    """CREATE FUNCTION vln.decide_account(proposal uuid, approve boolean, remark text)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        asked vln.payment_account_changes;
        stands vln.payment_accounts;
    BEGIN
        PERFORM vln_priv.require_finance();
        SELECT * INTO asked FROM vln.payment_account_changes c WHERE c.id = proposal FOR UPDATE;
        IF asked.id IS NULL THEN
            RAISE EXCEPTION 'There is no such change of an account.' USING ERRCODE = '42501';
        END IF;
        IF asked.requester_id = vln.uid() THEN
            RAISE EXCEPTION 'A second person decides: nobody approves what they proposed.'
                USING ERRCODE = 'VL004';
        END IF;
        PERFORM vln_priv.require_second_factor();
        IF asked.status <> 'requested' THEN
            RAISE EXCEPTION 'This change is % already.', asked.status USING ERRCODE = 'VL001';
        END IF;
        IF approve IS NULL OR length(remark) > 500
           OR (NOT approve AND coalesce(btrim(remark), '') = '') THEN
            RAISE EXCEPTION 'Say whether, and if not, why.' USING ERRCODE = 'VL005';
        END IF;
        SELECT * INTO stands FROM vln.payment_accounts a WHERE a.id = asked.account_id FOR UPDATE;
        IF approve AND coalesce(stands.version, 0) <> asked.account_version THEN
            RAISE EXCEPTION 'The account was changed since this was proposed; propose it anew.'
                USING ERRCODE = 'VL001';
        END IF;
        UPDATE vln.payment_account_changes c
           SET status = CASE WHEN approve THEN 'approved' ELSE 'refused' END,
               approver_id = vln.uid(), decided_at = clock_timestamp(),
               remark = btrim(coalesce(decide_account.remark, ''))
         WHERE c.id = proposal;
        IF NOT approve THEN RETURN; END IF;
        IF asked.change = 'add' THEN
            INSERT INTO vln.payment_accounts (id, entity_id, kind, label, currency, holder, number,
                routing, bank, network, confirmed_by, confirmed_at)
            VALUES (asked.account_id, asked.entity_id, asked.kind, asked.label, asked.currency,
                asked.holder, asked.number, asked.routing, asked.bank, asked.network, vln.uid(),
                clock_timestamp());
        ELSE
            UPDATE vln.payment_accounts a
               SET kind = asked.kind, label = asked.label, currency = asked.currency,
                   holder = asked.holder, number = asked.number, routing = asked.routing,
                   bank = asked.bank, network = asked.network, confirmed_by = vln.uid(),
                   confirmed_at = clock_timestamp(),
                   deleted_at = CASE WHEN asked.change = 'retire' THEN clock_timestamp() END
             WHERE a.id = asked.account_id;
        END IF;
    END $$""",
    """CREATE FUNCTION vln.withdraw_account(proposal uuid) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        PERFORM vln_priv.require_finance();
        UPDATE vln.payment_account_changes c
           SET status = 'withdrawn', decided_at = clock_timestamp()
         WHERE c.id = proposal AND c.requester_id = vln.uid() AND c.status = 'requested';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'There is no such open change of yours.' USING ERRCODE = '42501';
        END IF;
    END $$""",
    # Whatever writes the account, the owner's hand included, an approval must stand beside it.
    """CREATE FUNCTION vln.two_change_an_account() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        IF vln.uid() IS NOT NULL AND NOT EXISTS (
            SELECT FROM vln.payment_account_changes c
             WHERE c.account_id = NEW.id AND c.status = 'approved' AND c.approver_id = vln.uid()
               AND c.requester_id <> c.approver_id AND c.decided_at >= transaction_timestamp()
               AND (c.kind, c.label, c.currency, c.holder, c.number, c.routing, c.bank, c.network)
                 = (NEW.kind, NEW.label, NEW.currency, NEW.holder, NEW.number, NEW.routing,
                    NEW.bank, NEW.network)) THEN
            RAISE EXCEPTION 'Two people change where money goes.' USING ERRCODE = 'VL004';
        END IF;
        RETURN NEW;
    END $$""",
)
FOR_FINANCE = (
    "propose_account(uuid, text, uuid, uuid, jsonb, text)",
    "decide_account(uuid, boolean, text)",
    "withdraw_account(uuid)",
)

# What the client reads on paper must be what was approved then, whatever the account says later.
FREEZE_ACCOUNT = """CREATE FUNCTION vln.freeze_account() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NEW.account_id IS NULL THEN RETURN NEW; END IF;
    SELECT jsonb_build_object('kind', a.kind, 'label', a.label, 'currency', a.currency,
               'holder', a.holder, 'number', a.number, 'routing', a.routing, 'bank', a.bank,
               'network', a.network, 'version', a.version)
      INTO NEW.account FROM vln.payment_accounts a
     WHERE a.id = NEW.account_id AND a.deleted_at IS NULL FOR SHARE;
    IF NEW.account IS NULL THEN
        RAISE EXCEPTION 'The payment account was retired; choose another one.'
            USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""

DEFAULT_PATTERN = "{entity}-{kind}{year}-{number:4}"
# A number is its prefix and digits, and no prefix ends with a digit: so two series with different
# prefixes never give the same number.
RENDER = """CREATE FUNCTION vln.render_series() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    begins text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.pattern = OLD.pattern THEN RETURN NEW; END IF;
    IF length(NEW.pattern) > 60 OR NEW.pattern !~
       '^([A-Za-z0-9/._-]|[{](entity|kind|year)[}])*[{]number(:[1-9])?[}]$'
       OR position('{year}' IN NEW.pattern) = 0 THEN
        RAISE EXCEPTION 'A pattern is made of letters, digits, - / . _ and {entity}, {kind}, {year}; it names the year and ends with {number:4}.'
            USING ERRCODE = 'VL005';
    END IF;
    begins := regexp_replace(NEW.pattern, '[{]number(:[1-9])?[}]$', '');
    begins := replace(begins, '{entity}',
                      (SELECT e.code FROM vln.legal_entities e WHERE e.id = NEW.entity_id));
    begins := replace(begins, '{kind}', CASE NEW.kind WHEN 'credit' THEN 'CN'
        WHEN 'deposit' THEN 'D' WHEN 'final' THEN 'F' ELSE 'R' END);
    begins := replace(begins, '{year}', NEW.year::text);
    IF begins ~ '[0-9]$' THEN
        RAISE EXCEPTION 'What stands before {number} must not end with a digit: put a - between.'
            USING ERRCODE = 'VL005';
    END IF;
    IF EXISTS (SELECT FROM vln.invoice_series s WHERE s.prefix = begins AND s.id <> NEW.id) THEN
        RAISE EXCEPTION 'Another series gives numbers that begin with %.', begins
            USING ERRCODE = 'VL003';
    END IF;
    NEW.prefix := begins;
    NEW.digits := coalesce(substring(NEW.pattern FROM '[{]number:([1-9])[}]$'), '1')::smallint;
    RETURN NEW;
END $$"""
# A new year goes on as the year before.
ISSUE_PARTS = (
    (
        """INSERT INTO vln.invoice_series (id, entity_id, kind, year, prefix)
    VALUES (gen_random_uuid(), NEW.entity_id, NEW.kind, extract(year FROM NEW.issued_on),
            entity.code || '-' || CASE NEW.kind WHEN 'credit' THEN 'CN' WHEN 'deposit' THEN 'D'
                WHEN 'final' THEN 'F' ELSE 'R' END || extract(year FROM NEW.issued_on) || '-')
    ON CONFLICT (entity_id, kind, year) DO NOTHING;""",
        f"""IF NOT EXISTS (SELECT FROM vln.invoice_series s
                    WHERE s.entity_id = NEW.entity_id AND s.kind = NEW.kind
                      AND s.year = extract(year FROM NEW.issued_on)) THEN
        INSERT INTO vln.invoice_series (id, entity_id, kind, year, pattern)
        VALUES (gen_random_uuid(), NEW.entity_id, NEW.kind, extract(year FROM NEW.issued_on),
                coalesce((SELECT s.pattern FROM vln.invoice_series s
                           WHERE s.entity_id = NEW.entity_id AND s.kind = NEW.kind
                             AND s.year < extract(year FROM NEW.issued_on)
                           ORDER BY s.year DESC LIMIT 1), '{DEFAULT_PATTERN}'))
        ON CONFLICT (entity_id, kind, year) DO NOTHING;
    END IF;""",
    ),
    (
        "lpad(series.last_number::text, greatest(4, length(series.last_number::text)), '0')",
        "lpad(series.last_number::text, greatest(series.digits, length(series.last_number::text)),"
        " '0')",
    ),
)
GUARD_PARTS = (
    ("OR (NEW.last_number > 0 AND NEW.prefix <> OLD.prefix)",
     "OR (NEW.last_number > 0"
     " AND (NEW.prefix, NEW.pattern, NEW.digits) <> (OLD.prefix, OLD.pattern, OLD.digits))"),
)  # fmt: skip
CLOSED_PARTS = (
    ("    RETURN NEW;",
     "    IF NEW.lock_date <> OLD.lock_date AND NEW.lock_date < '3000-01-01'\n"
     "       AND NEW.lock_date > (now() AT TIME ZONE 'UTC')::date THEN\n"
     "        RAISE EXCEPTION 'Books are closed up to a day that has passed.'\n"
     "            USING ERRCODE = 'VL003';\n    END IF;\n    RETURN NEW;"),
)  # fmt: skip
LOGO = ("logo IS NULL OR octet_length(logo) <= 262144 AND (substring(logo FROM 1 FOR 4) ="
        " '\\x89504e47'::bytea OR substring(logo FROM 1 FOR 3) = '\\xffd8ff'::bytea)")  # fmt: skip


def upgrade() -> None:
    """Apply this revision."""
    for function in CHECK_DIGITS:
        op.execute(function)
    _create_table()
    for table in ("payment_accounts", "payment_account_changes"):
        op.create_check_constraint(
            op.f(f"ck_{table}_account_form"), table, ACCOUNT_FORM, schema="vln"
        )
        op.create_check_constraint(op.f(f"ck_{table}_texts"), table, TEXTS, schema="vln")
    op.create_check_constraint(op.f("ck_legal_entities_logo"), "legal_entities", LOGO,
                               schema="vln")  # fmt: skip
    secure(
        op.execute,
        "payment_account_changes",
        Access(Role.FINANCE, select=ALL),
        log=Log("money", label="label"),
    )
    enforce_transitions(op.execute, "payment_account_changes", "status", ACCOUNT_CHANGE_TRANSITIONS)
    for function in TWO_PEOPLE:
        op.execute(function)
    op.execute(
        "CREATE TRIGGER c_two_people BEFORE INSERT OR UPDATE ON vln.payment_accounts "
        "FOR EACH ROW EXECUTE FUNCTION vln.two_change_an_account()"
    )
    op.execute(
        "CREATE TRIGGER c_kept BEFORE UPDATE ON vln.payment_account_changes FOR EACH ROW "
        "WHEN ((OLD.account_id, OLD.entity_id, OLD.change, OLD.account_version, OLD.kind,"
        " OLD.label, OLD.currency, OLD.holder, OLD.number, OLD.routing, OLD.bank, OLD.network,"
        " OLD.requester_id) IS DISTINCT FROM (NEW.account_id, NEW.entity_id, NEW.change,"
        " NEW.account_version, NEW.kind, NEW.label, NEW.currency, NEW.holder, NEW.number,"
        " NEW.routing, NEW.bank, NEW.network, NEW.requester_id)) "
        "EXECUTE FUNCTION vln.refuse_change()"
    )
    for signature in FOR_FINANCE:
        op.execute(f"REVOKE ALL ON FUNCTION vln.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{signature} TO vln_finance")
    _freeze_accounts()
    _pattern_series()
    op.create_index(
        "idx_legal_entities_legal_name", "legal_entities", ["legal_name", "id"], schema="vln"
    )
    op.execute(amended("vln.keep_closed()", *CLOSED_PARTS))


def _freeze_accounts() -> None:
    op.add_column("invoices", sa.Column("account", postgresql.JSONB(), nullable=True), schema="vln")
    op.execute(FREEZE_ACCOUNT)
    op.execute(
        "CREATE TRIGGER e_account BEFORE UPDATE ON vln.invoices FOR EACH ROW "
        "WHEN (OLD.status = 'draft' AND NEW.status = 'issued') "
        "EXECUTE FUNCTION vln.freeze_account()"
    )


def _pattern_series() -> None:
    op.add_column(
        "invoice_series",
        sa.Column("pattern", sa.Text(), server_default=DEFAULT_PATTERN, nullable=False),
        schema="vln",
    )
    op.add_column(
        "invoice_series",
        sa.Column("digits", sa.SmallInteger(), server_default="4", nullable=False),
        schema="vln",
    )
    op.create_index(
        "idx_invoice_series_year", "invoice_series", ["year", "prefix", "id"], schema="vln"
    )
    op.create_index("idx_invoices_series_id", "invoices", ["series_id"], schema="vln")
    op.execute(RENDER)
    op.execute(
        "CREATE TRIGGER b_render BEFORE INSERT OR UPDATE ON vln.invoice_series "
        "FOR EACH ROW EXECUTE FUNCTION vln.render_series()"
    )
    op.execute("REVOKE INSERT (prefix), UPDATE (prefix) ON vln.invoice_series FROM vln_finance")
    op.execute("GRANT INSERT (pattern), UPDATE (pattern) ON vln.invoice_series TO vln_finance")
    op.execute(amended("vln.issue_invoice()", *ISSUE_PARTS))
    op.execute(amended("vln.guard_series()", *GUARD_PARTS))


def _create_table() -> None:
    texts = ("label", "currency", "holder", "number")
    op.create_table(
        "payment_account_changes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("entity_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("account_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("routing", "bank", "network")
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="requested", nullable=False),
        sa.Column("requester_id", sa.UUID(), nullable=False),
        sa.Column("approver_id", sa.UUID(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        *(
            sa.Column(
                name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
            )
            for name in ("created_at", "updated_at")
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "change IN ('add', 'change', 'retire')",
            name=op.f("ck_payment_account_changes_change_word"),
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_payment_account_changes_status_word"),
        ),
        sa.CheckConstraint(
            "kind IN ('iban', 'ach', 'swift', 'crypto')",
            name=op.f("ck_payment_account_changes_kind_word"),
        ),
        sa.CheckConstraint(
            "approver_id <> requester_id", name=op.f("ck_payment_account_changes_two_people")
        ),
        sa.CheckConstraint(
            "(approver_id IS NOT NULL) = (status IN ('approved', 'refused'))",
            name=op.f("ck_payment_account_changes_decided"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"vln.{target}"], name=op.f(f"fk_payment_account_changes_{column}")
            )
            for column, target in (
                ("entity_id", "legal_entities.id"),
                ("currency", "currencies.code"),
                ("requester_id", "users.id"),
                ("approver_id", "users.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_account_changes")),
        schema="vln",
    )
    op.create_index(
        "idx_payment_account_changes_entity_id",
        "payment_account_changes",
        ["entity_id", "created_at", "id"],
        schema="vln",
    )
    op.create_index(
        "uq_payment_account_changes_open",
        "payment_account_changes",
        ["account_id"],
        unique=True,
        schema="vln",
        postgresql_where=sa.text("status = 'requested'"),
    )


def downgrade() -> None:
    """Undo this revision."""
    op.execute(amended("vln.keep_closed()", *((new, old) for old, new in CLOSED_PARTS)))
    op.execute(amended("vln.guard_series()", *((new, old) for old, new in GUARD_PARTS)))
    op.execute(amended("vln.issue_invoice()", *((new, old) for old, new in ISSUE_PARTS)))
    op.execute("GRANT INSERT (prefix), UPDATE (prefix) ON vln.invoice_series TO vln_finance")
    op.execute("DROP TRIGGER b_render ON vln.invoice_series")
    op.execute("DROP TRIGGER e_account ON vln.invoices")
    op.execute("DROP TRIGGER c_two_people ON vln.payment_accounts")
    for index, table in (
        ("idx_invoices_series_id", "invoices"),
        ("idx_invoice_series_year", "invoice_series"),
        ("idx_legal_entities_legal_name", "legal_entities"),
    ):
        op.drop_index(index, table, schema="vln")
    for table, column in (("invoice_series", "digits"), ("invoice_series", "pattern"),
                          ("invoices", "account")):  # fmt: skip
        op.drop_column(table, column, schema="vln")
    op.drop_table("payment_account_changes", schema="vln")
    op.drop_constraint(op.f("ck_legal_entities_logo"), "legal_entities", schema="vln")
    for name in ("account_form", "texts"):
        op.drop_constraint(op.f(f"ck_payment_accounts_{name}"), "payment_accounts", schema="vln")
    for function in (
        "vln.render_series()", "vln.freeze_account()", "vln.two_change_an_account()",
        *(f"vln.{signature}" for signature in FOR_FINANCE), "vln_priv.require_finance()",
        "vln.account_ok(text, text, text, text)", "vln.routing_ok(text)", "vln.iban_ok(text)",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}")
