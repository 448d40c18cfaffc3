"""Propose taxes by rules, hold departures to a reason, keep exchange rates and prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, bound_dates, secure
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.tax_numbers import EU

revision = "taxes"
down_revision = "sellers"
branch_labels = None
depends_on = None

IN_EU = f"""CREATE FUNCTION vln.in_eu(country text) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = '' AS $$
    SELECT country = ANY ('{{{",".join(EU)}}}'::text[])
$$"""

# The newest answer of the authority counts, as far as it is as old as the rule allows.
VALID_CHECK = """CREATE FUNCTION vln.fresh_vat_check(client uuid, day date, days int)
RETURNS uuid LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT last.id FROM vln.client_tax_registrations r
      JOIN vln.clients c ON c.id = r.client_id
     CROSS JOIN LATERAL (
        SELECT v.id, v.valid, v.checked_at FROM vln.vat_checks v
         WHERE v.registration_id = r.id AND v.checked_at < day + interval '2 days'
         ORDER BY v.checked_at DESC, v.id DESC LIMIT 1) last
     WHERE r.client_id = client AND vln.in_eu(r.country) AND r.country = c.country AND last.valid
       AND last.checked_at >= day - days * interval '1 day'
     ORDER BY last.checked_at DESC LIMIT 1
$$"""

# A client's own zone (a permit, an exemption on file) comes first, then its state, its country,
# the union, the world. Where a rule wants a proof that is missing, consumers' rule takes its place.
PROPOSE = """CREATE FUNCTION vln.tax_proposal(entity uuid, client uuid, day date)
RETURNS TABLE (treatment_id uuid, zone text, business boolean, category text, percent numeric,
               vatex text, wording jsonb, remark text, vat_check_id uuid, check_missing boolean)
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    buyer vln.clients;
    home text;
    state text;
    zones text[];
    rule vln.tax_treatments;
    proof uuid;
    missing boolean := false;
BEGIN
    SELECT * INTO buyer FROM vln.clients c WHERE c.id = client;
    SELECT e.country INTO home FROM vln.legal_entities e WHERE e.id = entity;
    SELECT a.region INTO state FROM vln.addresses a WHERE a.client_id = client
     ORDER BY a.kind = 'billing' DESC, a.created_at DESC, a.id DESC LIMIT 1;
    zones := ARRAY[nullif(buyer.tax_zone, ''), buyer.country || '-' || nullif(state, ''),
                   buyer.country, CASE WHEN vln.in_eu(buyer.country) AND vln.in_eu(home)
                                        AND buyer.country <> home THEN 'EU' END,
                   CASE WHEN buyer.country <> home THEN 'WORLD' END];
    SELECT t.* INTO rule FROM vln.tax_treatments t
     WHERE t.entity_id = entity AND t.business = buyer.business AND t.buyer = ANY (zones)
     ORDER BY array_position(zones, t.buyer) LIMIT 1;
    IF rule.id IS NULL THEN RETURN; END IF;
    IF rule.vat_check_days > 0 THEN
        proof := vln.fresh_vat_check(client, day, rule.vat_check_days);
        IF proof IS NULL THEN
            missing := true;
            SELECT t.* INTO rule FROM vln.tax_treatments t
             WHERE t.entity_id = entity AND NOT t.business AND t.buyer = rule.buyer;
            IF rule.id IS NULL THEN RETURN; END IF;
        END IF;
    END IF;
    RETURN QUERY
    SELECT rule.id, rule.buyer, rule.business, rule.category,
           coalesce((SELECT now_valid.percent FROM vln.tax_rates named
                       JOIN vln.tax_rates now_valid ON now_valid.country = named.country
                            AND now_valid.name = named.name
                      WHERE named.id = rule.rate_id AND now_valid.valid_from <= day
                        AND (now_valid.valid_to IS NULL OR now_valid.valid_to >= day)
                      ORDER BY now_valid.valid_from DESC LIMIT 1), 0),
           rule.vatex, rule.wording, rule.remark, proof, missing;
END $$"""

# The seller's tax is not chosen line by line: what departs from the rule says why.
CHECK_TAX = """CREATE FUNCTION vln.check_tax() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    proposed record;
    departing vln.line_items;
BEGIN
    IF NEW.kind = 'credit' THEN RETURN NEW; END IF;  -- it repeats what it corrects
    SELECT * INTO proposed FROM vln.tax_proposal(NEW.entity_id, NEW.client_id, NEW.issued_on);
    IF proposed.treatment_id IS NULL THEN RETURN NEW; END IF;
    NEW.tax_basis := to_jsonb(proposed) - 'wording' || jsonb_build_object(
        'vat_check', (SELECT to_jsonb(v) - ARRAY['registration_id', 'created_at'] || jsonb_build_object(
                          'number', r.number)
                        FROM vln.vat_checks v JOIN vln.client_tax_registrations r
                             ON r.id = v.registration_id WHERE v.id = proposed.vat_check_id));
    SELECT * INTO departing FROM vln.line_items l
     WHERE l.invoice_id = NEW.id AND btrim(l.departure_reason) = ''
       AND (l.tax_category, l.tax_percent) IS DISTINCT FROM (proposed.category, proposed.percent)
     ORDER BY l.ordinal LIMIT 1;
    IF departing.id IS NOT NULL THEN
        RAISE EXCEPTION 'Line % is taxed % % %%, where the rule says % % %%: say why it departs, or take the rule''s tax.',
            departing.ordinal, departing.tax_category, trim_scale(departing.tax_percent),
            proposed.category, trim_scale(proposed.percent)
            USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""

# BT-6 and BT-111: tax is owed in the seller's own currency (Art. 230 of Directive 2006/112/EC).
CONVERT_TAX = """CREATE FUNCTION vln.convert_tax() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    home vln.legal_entities;
    found record;
    digits int;
    home_digits int;
BEGIN
    SELECT * INTO home FROM vln.legal_entities e WHERE e.id = NEW.entity_id;
    IF NEW.currency = home.currency THEN
        NEW.tax_currency := NULL;
        NEW.tax_currency_rate := NULL;
        RETURN NEW;
    END IF;
    NEW.tax_currency := home.currency;
    IF NEW.tax_currency_rate IS NOT NULL THEN
        NEW.tax_rate_day := coalesce(NEW.tax_rate_day, NEW.issued_on);
        NEW.tax_rate_source := 'typed';
    ELSE
        SELECT * INTO found FROM vln.exchange_rate(NEW.currency, home.currency, NEW.issued_on);
        NEW.tax_currency_rate := found.rate;
        NEW.tax_rate_day := found.day;
        NEW.tax_rate_source := found.source;
    END IF;
    IF NEW.tax_currency_rate IS NULL THEN
        IF NEW.tax_minor <> 0 AND vln.in_eu(home.country) THEN
            RAISE EXCEPTION 'Tax is owed in %: there is no exchange rate from % within seven days before %.',
                home.currency, NEW.currency, NEW.issued_on USING ERRCODE = 'VL003';
        END IF;
        NEW.tax_currency := NULL;
        RETURN NEW;
    END IF;
    SELECT c.digits INTO digits FROM vln.currencies c WHERE c.code = NEW.currency;
    SELECT c.digits INTO home_digits FROM vln.currencies c WHERE c.code = home.currency;
    NEW.tax_in_currency_minor := round(NEW.tax_minor * NEW.tax_currency_rate
                                       * (10 ^ (home_digits - digits))::numeric);
    RETURN NEW;
END $$"""

# The newest rate of the seven days up to a day: banks publish none on weekends and holidays.
FIND_RATE = """CREATE FUNCTION vln.exchange_rate(sold text, bought text, wanted date)
RETURNS TABLE (rate numeric, day date, source text) LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT CASE WHEN r.base = sold THEN r.rate ELSE round(1 / r.rate, 8) END, r.day, r.source
      FROM vln.exchange_rates r
     WHERE (r.base, r.quote) IN ((sold, bought), (bought, sold))
       AND r.day BETWEEN wanted - 7 AND wanted
     ORDER BY r.day DESC, r.base = sold DESC LIMIT 1
$$"""

# Finance bills hours without learning whose they are: sums of an audit, by activity.
BILLABLE = """CREATE FUNCTION vln.billable_time(audit uuid)
RETURNS TABLE (activity text, minutes bigint, since date, until date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT coalesce(vln.session_ok() AND vln.my_role() = 'finance', false) THEN
        RAISE EXCEPTION 'Only finance bills time.' USING ERRCODE = '42501';
    END IF;
    RETURN QUERY SELECT t.activity, sum(t.minutes), min(t.day), max(t.day)
      FROM vln.time_entries t WHERE t.audit_id = audit AND t.deleted_at IS NULL
     GROUP BY t.activity ORDER BY t.activity;
END $$"""
FOR_FINANCE = (
    "in_eu(text)", "fresh_vat_check(uuid, date, int)", "tax_proposal(uuid, uuid, date)",
    "exchange_rate(text, text, date)", "billable_time(uuid)",
)  # fmt: skip
LINE = ("gross_price", "vatex", "departure_reason")


def upgrade() -> None:
    """Apply this revision."""
    _add_columns()
    _create_tables()
    for function in (IN_EU, VALID_CHECK, PROPOSE, FIND_RATE, CHECK_TAX, CONVERT_TAX, BILLABLE):
        op.execute(function)
    for signature in FOR_FINANCE:
        op.execute(f"REVOKE ALL ON FUNCTION vln.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{signature} TO vln_finance")
    for name, function in (("e_rate", "convert_tax"), ("e_tax", "check_tax")):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON vln.invoices FOR EACH ROW "
            "WHEN (OLD.status = 'draft' AND NEW.status = 'issued') "
            f"EXECUTE FUNCTION vln.{function}()"
        )
    op.execute("GRANT INSERT (tax_zone), UPDATE (tax_zone) ON vln.clients TO vln_finance")
    op.execute(
        "GRANT INSERT (vat_check_days, remark), UPDATE (category, vat_check_days, remark)"
        " ON vln.tax_treatments TO vln_finance"
    )
    listed = ", ".join(LINE)
    op.execute(f"GRANT INSERT ({listed}), UPDATE ({listed}) ON vln.line_items TO vln_finance")
    secure(
        op.execute,
        "exchange_rates",
        Access(
            Role.FINANCE,
            select=ALL,
            insert=("id", "base", "quote", "day", "rate", "source"),
            delete=True,
        ),
        log=Log("money", label="source"),
        touched="never",
    )
    bound_dates(op.execute, "exchange_rates", "day")
    priced = ("code", "names", "unit", "unit_price", "currency")
    secure(
        op.execute,
        "price_list_items",
        Access(Role.FINANCE, select=ALL, insert=("id", *priced), update=(*priced, "deleted_at")),
        log=Log("money", label="code"),
    )
    bound_dates(op.execute, "price_list_items", "deleted_at")


def _add_columns() -> None:
    for table, column in (
        ("clients", sa.Column("tax_zone", sa.Text(), server_default="", nullable=False)),
        ("tax_treatments", sa.Column("remark", sa.Text(), server_default="", nullable=False)),
        (
            "tax_treatments",
            sa.Column("vat_check_days", sa.SmallInteger(), server_default="0", nullable=False),
        ),
        ("line_items", sa.Column("gross_price", sa.Numeric(19, 4), nullable=True)),
        ("line_items", sa.Column("vatex", sa.Text(), server_default="", nullable=False)),
        ("line_items", sa.Column("departure_reason", sa.Text(), server_default="", nullable=False)),
        ("invoices", sa.Column("tax_basis", postgresql.JSONB(), nullable=True)),
        ("invoices", sa.Column("tax_rate_day", sa.Date(), nullable=True)),
        ("invoices", sa.Column("tax_rate_source", sa.Text(), nullable=True)),
        ("invoices", sa.Column("tax_in_currency_minor", sa.BigInteger(), nullable=True)),
    ):
        op.add_column(table, column, schema="vln")
    for table, name, check in (
        ("clients", "tax_zone_form", "tax_zone ~ '^([A-Z]{2}(-[A-Z0-9]{1,12})?)?$'"),
        ("tax_treatments", "vat_check_days_range", "vat_check_days BETWEEN 0 AND 366"),
        ("line_items", "gross_price_range", "gross_price >= 0 AND gross_price < 'NaN'"),
        ("line_items", "vatex_form", "vatex ~ '^(VATEX-[A-Z]{2}-[A-Z0-9-]{1,20})?$'"),
        ("line_items", "departure_reason_length", "length(departure_reason) <= 300"),
    ):
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check, schema="vln")


def _create_tables() -> None:
    op.create_table(
        "exchange_rates",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(18, 8), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("rate > 0 AND rate < 'NaN'", name=op.f("ck_exchange_rates_rate_range")),
        sa.CheckConstraint("base <> quote", name=op.f("ck_exchange_rates_two_currencies")),
        sa.CheckConstraint(
            "length(source) BETWEEN 1 AND 120", name=op.f("ck_exchange_rates_source_length")
        ),
        sa.ForeignKeyConstraint(
            ["base"], ["vln.currencies.code"], name=op.f("fk_exchange_rates_base")
        ),
        sa.ForeignKeyConstraint(
            ["quote"], ["vln.currencies.code"], name=op.f("fk_exchange_rates_quote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
        schema="vln",
    )
    op.create_index(
        "uq_exchange_rates_base_quote_day",
        "exchange_rates",
        ["base", "quote", "day"],
        unique=True,
        schema="vln",
    )
    op.create_index("idx_exchange_rates_day", "exchange_rates", ["day", "id"], schema="vln")
    op.create_table(
        "price_list_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.Numeric(19, 4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "code ~ '^[A-Z0-9][A-Z0-9-]{0,29}$'", name=op.f("ck_price_list_items_code_form")
        ),
        sa.CheckConstraint(
            "unit_price >= 0 AND unit_price < 'NaN'",
            name=op.f("ck_price_list_items_unit_price_range"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(names) = 'object' AND names ->> 'en' <> ''"
            " AND octet_length(names::text) <= 2000",
            name=op.f("ck_price_list_items_names_form"),
        ),
        sa.CheckConstraint("unit ~ '^[A-Z0-9]{2,3}$'", name=op.f("ck_price_list_items_unit_form")),
        sa.ForeignKeyConstraint(
            ["currency"], ["vln.currencies.code"], name=op.f("fk_price_list_items_currency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list_items")),
        schema="vln",
    )
    op.create_index(
        "uq_price_list_items_code_currency",
        "price_list_items",
        ["code", "currency"],
        unique=True,
        schema="vln",
    )
    op.create_index("idx_price_list_items_code", "price_list_items", ["code", "id"], schema="vln")


def downgrade() -> None:
    """Undo this revision."""
    for table in ("price_list_items", "exchange_rates"):
        op.drop_table(table, schema="vln")
    for trigger in ("e_tax", "e_rate"):
        op.execute(f"DROP TRIGGER {trigger} ON vln.invoices")
    for signature in ("check_tax()", "convert_tax()", *FOR_FINANCE[::-1]):
        op.execute(f"DROP FUNCTION vln.{signature}")
    for table, columns in (
        ("invoices", ("tax_in_currency_minor", "tax_rate_source", "tax_rate_day", "tax_basis")),
        ("line_items", ("departure_reason", "vatex", "gross_price")),
        ("tax_treatments", ("vat_check_days", "remark")),
        ("clients", ("tax_zone",)),
    ):
        for column in columns:
            op.drop_column(table, column, schema="vln")
