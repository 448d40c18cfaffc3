"""Money: numbers, frozen papers, sums, what a second person must see."""

from __future__ import annotations

from tests.db.attempts.work import CHECK, _endless
from tests.db.insider import Attempt, edited
from tests.db.refusal import FROZEN, MONEY_RULE, SECOND_PERSON

FINANCE = ("finance",)
NOT_IN_RANGE = "22003"
NO_NUMBER = "0A000"
ACCOUNTS_OPEN = (
    "GRANT EXECUTE ON FUNCTION vln.account_ok(text, text, text, text), vln.iban_ok(text),"
    " vln.routing_ok(text) TO"
    ' :"me.email"; ALTER TABLE vln.payment_accounts DISABLE TRIGGER c_two_people'
)
OWN_PROPOSAL = (
    "INSERT INTO vln.payment_account_changes (id, entity_id, account_id, change, account_version,"
    " kind, label, currency, holder, number, reason, requester_id) VALUES"
    " ('00000000-0000-0000-0000-0000000000aa', :'a.legal_entities', gen_random_uuid(), 'add', 0,"
    " 'iban', 'x', 'EUR', 'me', 'DE89370400440532013000', 'mine', :'me.id')"
)
EXEMPT_AT_HOME = (
    "INSERT INTO vln.tax_treatments (id, entity_id, buyer, business, category, vatex) VALUES"
    " (gen_random_uuid(), :'a.legal_entities', 'DE', true, 'E', 'VATEX-EU-132')"
)
GUARD_OFF = "ALTER TABLE vln.invoices DISABLE TRIGGER c_guard"


def _settle(columns: str, values: str) -> str:
    return (
        f"INSERT INTO vln.settlement_lines (id, invoice_id, kind, amount_minor, booked_on{columns})"
        f" VALUES (gen_random_uuid(), {values})"
    )


def _line(quantity: str = "1", price: str = "1", discount: str = "0", percent: str = "19") -> str:
    return (
        "INSERT INTO vln.line_items (id, invoice_id, ordinal, description, quantity, unit_price,"
        " discount_percent, tax_category, tax_percent) VALUES (gen_random_uuid(), :'a.invoices', 77,"
        f" 'x', '{quantity}', '{price}', '{discount}', 'S', '{percent}')"
    )


def _hidden(name: str, table: str, column: str, value: str) -> Attempt:
    return Attempt(
        name, FINANCE, f"UPDATE vln.{table} SET {column} = {value}",
        f"no grant to write {table}.{column}",
        without=f'GRANT UPDATE ({column}) ON vln.{table} TO :"me.email"; CREATE POLICY x ON'
        f" vln.{table} USING (true);"
        " SET LOCAL session_replication_role = replica; ALTER TABLE vln.invoices DROP CONSTRAINT"
        " uq_invoices_number, DROP CONSTRAINT ck_invoices_gross_sum, DROP CONSTRAINT"
        " ck_invoices_number_when_issued, DROP CONSTRAINT ck_invoices_settled_range",
    )  # fmt: skip


MONEY = (
    _hidden("choose an invoice's number", "invoices", "number", "'R2026-0001'"),
    _hidden("write an invoice's total", "invoices", "gross_minor", "1"),
    _hidden("call an invoice settled", "invoices", "settled_minor", "gross_minor"),
    _hidden("write a line's net amount", "line_items", "net_minor", "1"),
    _hidden("skip numbers of a series", "invoice_series", "last_number", "last_number + 100"),
    _hidden("change what was received", "payments", "amount_minor", "1"),
    _hidden("book to another day", "settlement_lines", "booked_on", "booked_on - 1"),
    _hidden("write the seller on an invoice", "invoices", "seller", "'{}'"),
    Attempt(
        "change an issued invoice", FINANCE,
        "UPDATE vln.invoices SET note = 'x' WHERE id = :'a.issued_invoice'", "guard_invoice",
        refused=FROZEN, without=GUARD_OFF,
    ),
    Attempt(
        "make an issued invoice a draft again", FINANCE,
        "UPDATE vln.invoices SET status = 'draft' WHERE id = :'a.issued_invoice'",
        "trigger legal_transition", refused="VL001",
        without="ALTER TABLE vln.invoices DISABLE TRIGGER b_legal_status; ALTER TABLE vln.invoices"
        " DROP CONSTRAINT ck_invoices_number_when_issued",
    ),
    Attempt(
        "delete an invoice", FINANCE, "DELETE FROM vln.invoices WHERE id = :'a.issued_invoice'",
        "DELETE on invoices",
        without='GRANT DELETE ON vln.invoices TO :"me.email"; CREATE POLICY x ON vln.invoices USING'
        " (true); SET LOCAL session_replication_role = replica",
    ),
    Attempt(
        "add a line to an issued invoice", FINANCE,
        _line().replace("a.invoices", "a.issued_invoice"), "price_line", refused=FROZEN,
        without=edited("vln.price_line()", ("IF invoice_status <> 'draft'", "IF false")) + GUARD_OFF,
    ),
    Attempt(
        "delete a line of an issued invoice", FINANCE,
        "DELETE FROM vln.line_items WHERE invoice_id = :'a.issued_invoice'", "price_line",
        refused=FROZEN,
        without=edited("vln.price_line()", ("IF invoice_status <> 'draft'", "IF false")) + GUARD_OFF,
    ),
    Attempt(
        "cancel an invoice without a credit note", FINANCE,
        "UPDATE vln.invoices SET status = 'cancelled' WHERE id = :'a.issued_invoice'",
        "guard_invoice: a credit note", refused=MONEY_RULE, without=GUARD_OFF,
    ),
    Attempt(
        "write an invoice off by its status", FINANCE,
        "UPDATE vln.invoices SET status = 'written_off' WHERE id = :'a.issued_invoice'",
        "guard_invoice: a write-off", refused=MONEY_RULE, without=GUARD_OFF,
    ),
    Attempt(
        "issue an invoice in the future", FINANCE,
        "UPDATE vln.invoices SET issued_on = current_date + 9, status = 'issued' WHERE id ="
        " :'a.invoices'", "issue_invoice: not in the future", refused=MONEY_RULE,
        without=edited("vln.issue_invoice()",
                       ("IF NEW.issued_on > (now()", "IF false AND NEW.issued_on > (now()")),
    ),
    Attempt(
        "issue an invoice into closed books", FINANCE,
        "UPDATE vln.invoices SET issued_on = '2020-01-01', status = 'issued' WHERE id ="
        " :'a.invoices'", "issue_invoice: the lock date", refused=MONEY_RULE,
        given="UPDATE vln.legal_entities SET lock_date = '2025-01-01'",
        without=edited("vln.issue_invoice()", ("IF NEW.issued_on <= entity.lock_date", "IF false")),
    ),
    Attempt(
        "reopen closed books", FINANCE, "UPDATE vln.legal_entities SET lock_date = '2001-01-01'",
        "keep_closed", refused=MONEY_RULE,
        given="UPDATE vln.legal_entities SET lock_date = '2025-01-01'",
        without="ALTER TABLE vln.legal_entities DISABLE TRIGGER c_closed",
    ),
    Attempt(
        "change the pattern of numbers in use", FINANCE,
        "UPDATE vln.invoice_series SET pattern = 'X-{year}-{number}' WHERE id ="
        " :'a.invoice_series'", "guard_series",
        refused=MONEY_RULE, without="ALTER TABLE vln.invoice_series DISABLE TRIGGER c_guard",
    ),
    Attempt(
        "settle more than is owed", FINANCE,
        _settle("", ":'a.issued_invoice', 'bank_fee', 99000000, current_date"), "check_settlement",
        refused=MONEY_RULE,
        without="ALTER TABLE vln.settlement_lines DISABLE TRIGGER b_check; ALTER TABLE vln.invoices"
        " DROP CONSTRAINT ck_invoices_settled_range",
    ),
    Attempt(
        "settle a draft", FINANCE, _settle("", ":'a.invoices', 'bank_fee', 1, current_date"),
        "check_settlement", refused=MONEY_RULE,
        without="ALTER TABLE vln.settlement_lines DISABLE TRIGGER b_check; ALTER TABLE vln.invoices"
        " DROP CONSTRAINT ck_invoices_settled_range",
    ),
    Attempt(
        "write much off alone", FINANCE,
        _settle("", ":'a.issued_invoice', 'write_off', 50000, current_date"),
        "check_settlement: a second person", refused=SECOND_PERSON,
        without=edited("vln.check_settlement()", ("IF vln.uid() IS NOT NULL", "IF false")),
    ),
    Attempt(
        "write much off alone under another role", FINANCE,
        "SET LOCAL ROLE vln_finance; "
        + _settle("", ":'a.issued_invoice', 'write_off', 50000, current_date"),
        "uid is the session's user, not the role", refused=SECOND_PERSON,
        given="GRANT USAGE ON SCHEMA vln TO vln_finance; GRANT EXECUTE ON FUNCTION vln.uid(),"
        " vln.session_ok(), vln.my_audits() TO vln_finance",
        without=edited("vln.uid()", ("email = session_user", "email = current_user")),
    ),
    Attempt(
        "round much away alone", FINANCE,
        _settle("", ":'a.issued_invoice', 'rounding', 5000, current_date"),
        "check_settlement: a second person", refused=SECOND_PERSON,
        without=edited("vln.check_settlement()", ("IF vln.uid() IS NOT NULL", "IF false")),
    ),
    Attempt(
        "spend a payment twice", FINANCE,
        _settle(", payment_id", ":'a.issued_invoice', 'payment', 60000, current_date, :'a.payments'"),
        "check_settlement: what is left", refused=MONEY_RULE,
        without=edited("vln.check_settlement()",
                       ("IF used + NEW.amount_minor > payment.amount_minor", "IF false")),
    ),
    Attempt(
        "settle with another client's payment", FINANCE,
        _settle(", payment_id", ":'b.issued_invoice', 'payment', 1, current_date, :'a.payments'"),
        "check_settlement: the same client", refused=MONEY_RULE,
        without=edited("vln.check_settlement()", ("IF payment.status <> 'completed'", "IF false"),
                       ("OR payment.client_id <> invoice.client_id OR"
                        " payment.entity_id <> invoice.entity_id", ""),
                       ("OR payment.currency <> invoice.currency", "")),
    ),
    Attempt(
        "take a payment back that settles an invoice", FINANCE,
        "UPDATE vln.payments SET status = 'refunded' WHERE id = :'a.payments'", "guard_payment",
        refused=MONEY_RULE, without="ALTER TABLE vln.payments DISABLE TRIGGER c_guard",
    ),
    Attempt(
        "send clients' money elsewhere", FINANCE,
        "UPDATE vln.payment_accounts SET number = 'DE89370400440532013000'",
        "UPDATE on payment_accounts",
        without='GRANT UPDATE ON vln.payment_accounts TO :"me.email"; CREATE POLICY x ON'
        f" vln.payment_accounts USING (true); {ACCOUNTS_OPEN}",
    ),
    Attempt(
        "approve one's own payment account", FINANCE,
        "SELECT vln.decide_account('00000000-0000-0000-0000-0000000000aa', true, '') IS NOT NULL",
        "decide_account: a second person", refused=SECOND_PERSON, given=OWN_PROPOSAL,
        without=edited("vln.decide_account(uuid, boolean, text)",
                       ("IF asked.requester_id = vln.uid() THEN", "IF false THEN"))
        + "ALTER TABLE vln.payment_account_changes DROP CONSTRAINT"
        " ck_payment_account_changes_two_people; ALTER TABLE vln.payment_accounts DISABLE TRIGGER"
        " c_two_people",
    ),
    Attempt(
        "issue at a tax that no rule says", FINANCE,
        "UPDATE vln.invoices SET status = 'issued' WHERE id = :'a.invoices'",
        "check_tax: the rule, or a reason", refused=MONEY_RULE, given=EXEMPT_AT_HOME,
        without="ALTER TABLE vln.invoices DISABLE TRIGGER e_tax",
    ),
    Attempt(
        "bill tax in a foreign currency without a rate", FINANCE,
        "UPDATE vln.invoices SET status = 'issued' WHERE id = :'a.invoices'",
        "convert_tax: a rate of the week", refused=MONEY_RULE,
        given="DELETE FROM vln.exchange_rates; UPDATE vln.invoices SET currency = 'USD' WHERE id ="
        " :'a.invoices'",
        without="ALTER TABLE vln.invoices DISABLE TRIGGER e_rate",
    ),
    Attempt(
        "let a proof tell of another VAT number", FINANCE,
        "UPDATE vln.client_tax_registrations SET number = 'FR40303265045' WHERE id ="
        " :'a.client_tax_registrations'", "keep_asked_number", refused=FROZEN,
        without="ALTER TABLE vln.client_tax_registrations DISABLE TRIGGER c_asked",
    ),
    Attempt(
        "change what the authority said", FINANCE, "UPDATE vln.vat_checks SET valid = NOT valid",
        "UPDATE on vat_checks",
        without='GRANT UPDATE ON vln.vat_checks TO :"me.email"; CREATE POLICY x ON vln.vat_checks'
        " USING (true)",
    ),
    Attempt(
        "swap what was proposed", FINANCE,
        "UPDATE vln.payment_account_changes SET number = 'DE89370400440532013000'",
        "UPDATE on payment_account_changes",
        without='GRANT UPDATE ON vln.payment_account_changes TO :"me.email"; CREATE POLICY x ON'
        f" vln.payment_account_changes USING (true); {ACCOUNTS_OPEN}; ALTER TABLE"
        " vln.payment_account_changes DISABLE TRIGGER c_kept",
    ),
    Attempt(
        "add an account of one's own", FINANCE,
        "INSERT INTO vln.payment_accounts (id, entity_id, kind, label, currency, holder, number)"
        " VALUES (gen_random_uuid(), :'a.legal_entities', 'iban', 'x', 'EUR', 'me',"
        " 'DE89370400440532013000')",
        "INSERT on payment_accounts",
        without='GRANT INSERT ON vln.payment_accounts TO :"me.email"; CREATE POLICY x ON'
        f" vln.payment_accounts FOR INSERT WITH CHECK (true); {ACCOUNTS_OPEN}",
    ),
    Attempt(
        "put constraints off to the end", FINANCE,
        "SET CONSTRAINTS ALL DEFERRED; " + _line(discount="200"), "no check can be deferred",
        refused=CHECK,
        without="ALTER TABLE vln.line_items DROP CONSTRAINT ck_line_items_discount_range",
    ),
    Attempt("write a quantity that is no number", FINANCE, _line(quantity="NaN"),
            "price_line: whole minor units", refused=NO_NUMBER),
    Attempt("write a price that is no number", FINANCE, _line(price="NaN"),
            "price_line: whole minor units", refused=NO_NUMBER),
    Attempt("write a price without end", FINANCE, _line(price="Infinity"),
            "numeric(19, 4)", refused=NOT_IN_RANGE),
    Attempt(
        "write a discount that is no number", FINANCE, _line(discount="NaN"),
        "check discount_range", refused=NO_NUMBER,
    ),
    Attempt(
        "write a tax that is no number", FINANCE, _line(percent="NaN"), "check tax_range",
        refused=CHECK,
        without="ALTER TABLE vln.line_items DROP CONSTRAINT ck_line_items_tax_range",
        succeeds=NO_NUMBER,
    ),
    Attempt(
        "write an exchange rate that is no number", FINANCE,
        "UPDATE vln.invoices SET tax_currency_rate = 'NaN' WHERE id = :'a.invoices'",
        "check tax_currency_rate_range", refused=CHECK,
        without="ALTER TABLE vln.invoices DROP CONSTRAINT ck_invoices_tax_currency_rate_range",
    ),
    Attempt(
        "leave an amount out", FINANCE,
        "INSERT INTO vln.payments (id, client_id, entity_id, method, amount_minor, currency,"
        " received_on) VALUES (gen_random_uuid(), :'a.clients', :'a.legal_entities', 'wire', NULL,"
        " 'EUR', current_date)", "NOT NULL", refused="23502",
        without="ALTER TABLE vln.payments ALTER COLUMN amount_minor DROP NOT NULL",
    ),
    Attempt(
        "receive less than nothing", FINANCE,
        "INSERT INTO vln.payments (id, client_id, entity_id, method, amount_minor, currency,"
        " received_on) VALUES (gen_random_uuid(), :'a.clients', :'a.legal_entities', 'wire', -1,"
        " 'EUR', current_date)", "check amount_range", refused=CHECK,
        without="ALTER TABLE vln.payments DROP CONSTRAINT ck_payments_amount_range",
    ),
    _endless("payments", "received_on", "finance",
             "INSERT INTO vln.payments (id, client_id, entity_id, method, amount_minor, currency,"
             " received_on) VALUES (gen_random_uuid(), :'a.clients', :'a.legal_entities', 'wire', 1,"
             " 'EUR', 'infinity')"),
    _endless("settlement_lines", "booked_on", "finance",
             _settle("", ":'a.issued_invoice', 'bank_fee', 1, 'infinity'")),
    _endless("invoices", "supply_to", "finance",
             "UPDATE vln.invoices SET supply_to = 'infinity' WHERE id = :'a.invoices'"),
    _endless("clients", "deleted_at", "finance", "UPDATE vln.clients SET deleted_at = 'infinity'"),
    _endless("client_agreements", "signed_on", "finance",
             "UPDATE vln.client_agreements SET signed_on = '-infinity'"),
    _endless("legal_entities", "lock_date", "finance",
             "UPDATE vln.legal_entities SET lock_date = 'infinity'"),
    _endless("tax_rates", "valid_to", "finance", "UPDATE vln.tax_rates SET valid_to = 'infinity'"),
)  # fmt: skip
