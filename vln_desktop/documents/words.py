"""Every word the papers print of their own, by language; how numbers and days are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from vln_desktop.domain.money import Money, minor_digits

_COLUMNS = ("en", "de")
_ATTESTED_EN = "VLN attests that it carried out the review named below for {client}."
_ATTESTED_DE = (
    "VLN bescheinigt, für {client} die nachstehend genannte Prüfung durchgeführt zu haben."
)
_RESULT_EN = "Weaknesses reported: {total}, of these unresolved: {unresolved}."
_RESULT_DE = "Berichtete Schwachstellen: {total}, davon ungelöst: {unresolved}."
_CVSS_EN = (
    "Severities are the ratings of the Common Vulnerability Scoring System (CVSS) of FIRST for a "
    "finding's score."
)
_CVSS_DE = (
    "Die Schweregrade sind die Stufen des Common Vulnerability Scoring System (CVSS) von FIRST für "
    "die Punktzahl eines Befunds."
)
_WORDS: dict[str, tuple[str, str]] = {
    # every page
    "draft": ("DRAFT", "ENTWURF"),
    "page": ("Page {page} of {pages}", "Seite {page} von {pages}"),
    "firm_line": ("Smart Contract Vulnerability Research Lab",) * 2,
    # report
    "report.preliminary": ("Preliminary report", "Vorläufiger Bericht"),
    "report.final": ("Security audit report", "Sicherheitsbericht"),
    "report.fix_review": ("Fix review report", "Bericht der Nachprüfung"),
    "report.public_summary": ("Public summary", "Öffentliche Zusammenfassung"),
    "report.attestation": ("Attestation", "Bescheinigung"),
    "client": ("Client", "Auftraggeber"),
    "project": ("Project", "Projekt"),
    "audit": ("Audit", "Prüfung"),
    "service": ("Service", "Leistung"),
    "period": ("Period", "Zeitraum"),
    "date": ("Date", "Datum"),
    "version": ("Version", "Version"),
    "distribution": ("Distribution", "Verteiler"),
    "contents": ("Contents", "Inhalt"),
    "section.executive_summary": ("Executive summary", "Zusammenfassung"),
    "section.scope": ("Scope", "Prüfgegenstand"),
    "section.overview": ("Findings at a glance", "Befunde im Überblick"),
    "section.fix_review": ("Fix review", "Nachprüfung"),
    "section.findings": ("Findings", "Befunde"),
    "section.methodology": ("Methodology", "Vorgehen"),
    "section.limitations": ("Limitations", "Grenzen der Prüfung"),
    "section.disclaimer": ("Disclaimer", "Haftungshinweis"),
    "section.custom": ("Further remarks", "Weitere Anmerkungen"),
    "control": ("Document control", "Dokument"),
    "document": ("Document", "Dokument"),
    "author": ("Prepared by", "Erstellt von"),
    "approver": ("Approved by", "Freigegeben von"),
    "revisions": ("Earlier versions", "Frühere Fassungen"),
    "signature": ("Signature", "Signatur"),
    "unsigned": (
        "This document carries no digital signature.",
        "Dieses Dokument trägt keine digitale Signatur.",
    ),
    "embargo": ("not before {day}", "nicht vor dem {day}"),
    "distribution.client": ("The client alone", "Nur der Auftraggeber"),
    "distribution.restricted": (
        "Recipients named by the client",
        "Vom Auftraggeber benannte Empfänger",
    ),
    "distribution.public": ("Public", "Öffentlich"),
    "matrix": ("Severity matrix", "Schweregrade"),
    "level.high": ("High", "Hoch"),
    "level.medium": ("Medium", "Mittel"),
    "level.low": ("Low", "Niedrig"),
    "verdict": ("Verdict", "Ergebnis"),
    "verdict.none": ("Not reviewed", "Ungeprüft"),
    "seen_in": ("Seen in", "Gesehen in"),
    "verified_by": ("Verified by", "Geprüft von"),
    "attested": (_ATTESTED_EN, _ATTESTED_DE),
    "result": ("Result", "Ergebnis"),
    "result_line": (_RESULT_EN, _RESULT_DE),
    "by_cvss": (_CVSS_EN, _CVSS_DE),
    "score": ("Score", "Punktzahl"),
    "by_verdict": ("Verdicts by severity", "Ergebnisse nach Schwere"),
    "verified_in_words": ("verified by {name}", "geprüft von {name}"),
    "team": ("Team", "Team"),
    "repositories": ("Repositories", "Quelltexte"),
    "repository": ("Repository", "Repository"),
    "commit": ("Audited commit", "Geprüfter Stand"),
    "fix_commit": ("Fixes seen in", "Korrekturen gesehen in"),
    "files": ("Files in scope", "Geprüfte Dateien"),
    "file": ("File", "Datei"),
    "nsloc": ("nSLOC", "nSLOC"),
    "sha256": ("SHA-256", "SHA-256"),
    "total": ("Total", "Summe"),
    "deployments": ("Deployed contracts", "Eingesetzte Verträge"),
    "contract": ("Contract", "Vertrag"),
    "network": ("Network", "Netz"),
    "address": ("Address", "Adresse"),
    "no_files": ("No files were recorded.", "Es wurden keine Dateien erfasst."),
    "severity": ("Severity", "Schwere"),
    "count": ("Findings", "Befunde"),
    "unresolved": ("Unresolved", "Ungelöst"),
    "label": ("Label", "Kürzel"),
    "title": ("Title", "Titel"),
    "status": ("Status", "Status"),
    "no_findings": (
        "The audit found no issue that is reported here.",
        "Die Prüfung ergab keinen Befund, der hier zu berichten ist.",
    ),
    "others": ("Not counted: {count} of other kinds.", "Nicht gezählt: {count} anderer Art."),
    "category": ("Category", "Kategorie"),
    "weakness": ("Weakness", "Schwachstelle"),
    "cvss": ("CVSS", "CVSS"),
    "kind": ("Kind", "Art"),
    "number": ("Number", "Nummer"),
    "locations": ("Locations", "Fundstellen"),
    "description": ("Description", "Beschreibung"),
    "impact": ("Impact", "Auswirkung"),
    "likelihood": ("Likelihood", "Wahrscheinlichkeit"),
    "proof": ("Proof of concept", "Nachweis"),
    "remediation": ("Recommendation", "Empfehlung"),
    "references": ("References", "Verweise"),
    "evidence": ("Evidence", "Belege"),
    "response": ("Client's response", "Stellungnahme des Auftraggebers"),
    "fix": ("Fix review", "Nachprüfung"),
    "severity.critical": ("Critical", "Kritisch"),
    "severity.high": ("High", "Hoch"),
    "severity.medium": ("Medium", "Mittel"),
    "severity.low": ("Low", "Niedrig"),
    "severity.informational": ("Informational", "Hinweis"),
    "status.open": ("Open", "Offen"),
    "status.acknowledged": ("Acknowledged", "Zur Kenntnis genommen"),
    "status.remediated": ("Remediated", "Behoben"),
    "status.accepted_risk": ("Risk accepted", "Risiko akzeptiert"),
    "status.duplicate": ("Duplicate", "Doppelt"),
    "status.invalid": ("Invalid", "Unzutreffend"),
    "finding.vulnerability": ("Vulnerability", "Schwachstelle"),
    "finding.gas": ("Gas", "Gas"),
    "finding.quality": ("Code quality", "Codequalität"),
    "finding.centralization": ("Centralization", "Zentralisierung"),
    "category.access_control": ("Access control", "Zugriffskontrolle"),
    "category.arithmetic": ("Arithmetic", "Arithmetik"),
    "category.authentication": ("Authentication", "Authentifizierung"),
    "category.configuration": ("Configuration", "Konfiguration"),
    "category.cryptography": ("Cryptography", "Kryptografie"),
    "category.data_exposure": ("Data exposure", "Datenpreisgabe"),
    "category.flow_control": ("Flow control", "Ablaufsteuerung"),
    "category.front_running": ("Front running", "Front-Running"),
    "category.logic_error": ("Logic error", "Logikfehler"),
    "category.race_condition": ("Race condition", "Wettlaufsituation"),
    "category.reentrancy": ("Reentrancy", "Wiedereintritt"),
    "category.timestamp_dependency": ("Timestamp dependency", "Zeitstempelabhängigkeit"),
    "category.unchecked_call": ("Unchecked call", "Ungeprüfter Aufruf"),
    "category.other": ("Other", "Sonstiges"),
    "position.will_fix": ("Will fix", "Wird behoben"),
    "position.acknowledged": ("Acknowledged", "Zur Kenntnis genommen"),
    "position.disputed": ("Disputed", "Bestritten"),
    "verdict.fixed": ("Fixed", "Behoben"),
    "verdict.partially_fixed": ("Partially fixed", "Teilweise behoben"),
    "verdict.not_fixed": ("Not fixed", "Nicht behoben"),
    "verdict.cannot_verify": ("Cannot be verified", "Nicht überprüfbar"),
    "service.smart_contract_audit": ("Smart contract audit", "Smart-Contract-Prüfung"),
    "service.platform_security_audit": (
        "Platform security audit",
        "Sicherheitsprüfung der Plattform",
    ),
    "service.rng_analysis": ("RNG analysis", "Analyse des Zufallsgenerators"),
    "service.wallet_flow_risk_assessment": (
        "Wallet flow risk assessment",
        "Risikobewertung der Wallet-Abläufe",
    ),
    "service.api_security_review": ("API security review", "API-Sicherheitsprüfung"),
    "service.custom_assessment": ("Custom assessment", "Individuelle Prüfung"),
    # invoice
    "invoice.standard": ("Invoice", "Rechnung"),
    "invoice.deposit": ("Deposit invoice", "Anzahlungsrechnung"),
    "invoice.final": ("Final invoice", "Schlussrechnung"),
    "invoice.credit": ("Credit note", "Gutschrift (Rechnungskorrektur)"),
    "quote": ("Quote", "Angebot"),
    "quote_to": ("Quote for", "Angebot für"),
    "quote_from": ("From", "Anbieter"),
    "quote_on": ("Date", "Datum"),
    "valid_until": ("Valid until", "Gültig bis"),
    "quoted": ("Total", "Gesamtbetrag"),
    "milestones": ("Billing", "Abrechnung"),
    "milestone_net": ("{amount} without tax", "{amount} netto"),
    "milestone.start": ("Before the work begins", "Vor Beginn der Arbeit"),
    "milestone.report": ("When the report is approved", "Mit Freigabe des Berichts"),
    "milestone.fix_review": ("After the fix review", "Nach der Prüfung der Korrekturen"),
    "bill_to": ("Bill to", "Rechnungsempfänger"),
    "seller": ("From", "Rechnungssteller"),
    "credit_to": ("Credit to", "Empfänger der Gutschrift"),
    "invoice_number": ("Number", "Nummer"),
    "issued_on": ("Date of issue", "Rechnungsdatum"),
    "due_on": ("Due", "Fällig am"),
    "supply": ("Supply", "Leistungszeitraum"),
    "buyer_reference": ("Your reference", "Ihr Zeichen"),
    "purchase_order": ("Purchase order", "Bestellung"),
    "credited_invoice": ("Corrects invoice", "Korrigiert Rechnung"),
    "item": ("Description", "Bezeichnung"),
    "quantity": ("Quantity", "Menge"),
    "unit_price": ("Unit price", "Einzelpreis"),
    "tax_rate": ("Tax", "USt."),
    "amount": ("Amount", "Betrag"),
    "discount": ("less {percent} discount ({amount})", "abzüglich {percent} Rabatt ({amount})"),
    "net_total": ("Total without tax", "Summe netto"),
    "tax_total": ("Total tax", "Summe Umsatzsteuer"),
    "gross_total": ("Total with tax", "Summe brutto"),
    "paid": ("Already paid", "Bereits gezahlt"),
    "payable": ("Amount due", "Zahlbetrag"),
    "creditable": ("Amount credited", "Gutschriftsbetrag"),
    "tax_home": ("Tax in {currency}", "Umsatzsteuer in {currency}"),
    "tax_line": ("{category}, {percent} on {taxable}", "{category}, {percent} auf {taxable}"),
    "tax.S": ("Tax", "Umsatzsteuer"),
    "tax.Z": ("Zero rated", "Nullsatz"),
    "tax.E": ("Exempt", "Steuerbefreit"),
    "tax.AE": ("Reverse charge", "Steuerschuldnerschaft des Leistungsempfängers"),
    "tax.K": ("Intra-Community supply", "Innergemeinschaftliche Lieferung"),
    "tax.G": ("Export", "Ausfuhr"),
    "tax.O": ("Outside the scope of tax", "Nicht steuerbar"),
    "payments": ("Payments received", "Eingegangene Zahlungen"),
    "pay_to": ("How to pay", "Zahlung"),
    "terms": ("Terms", "Zahlungsbedingungen"),
    "notes": ("Notes", "Anmerkungen"),
    "pay.iban": ("Bank transfer (IBAN)", "Überweisung (IBAN)"),
    "pay.ach": ("ACH transfer", "ACH-Überweisung"),
    "pay.wire": ("Wire transfer", "Auslandsüberweisung"),
    "pay.crypto": ("Crypto transfer", "Krypto-Überweisung"),
    "pay.number.iban": ("IBAN", "IBAN"),
    "pay.number.ach": ("Account", "Konto"),
    "pay.number.wire": ("Account", "Konto"),
    "pay.number.crypto": ("Address", "Adresse"),
    "pay.holder": ("Account holder", "Kontoinhaber"),
    "pay.bank": ("Bank", "Bank"),
    "pay.bic": ("BIC", "BIC"),
    "pay.routing": ("Routing number", "Routingnummer"),
    "pay.network": ("Network", "Netzwerk"),
    "pay.asset": ("Asset", "Währung"),
    "pay.reference": ("Reference", "Verwendungszweck"),
    "method.credit_card": ("Card", "Karte"),
    "method.ach": ("ACH transfer", "ACH-Überweisung"),
    "method.wire": ("Bank transfer", "Überweisung"),
    "method.check": ("Cheque", "Scheck"),
    "method.crypto": ("Crypto transfer", "Krypto-Überweisung"),
    "registration.vat": ("VAT ID", "USt-IdNr."),
    "registration.tax": ("Tax number", "Steuernummer"),
    "registration.register": ("Register", "Register"),
}
_UNITS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    # UN/ECE Recommendation 20: of one, of more; a flat price is one of itself and says no unit.
    "C62": (("", ""), ("", "")),
    "H87": (("piece", "pieces"), ("Stück", "Stück")),
    "LS": (("lump sum", "lump sums"), ("pauschal", "pauschal")),
    "MIN": (("minute", "minutes"), ("Minute", "Minuten")),
    "HUR": (("hour", "hours"), ("Stunde", "Stunden")),
    "DAY": (("day", "days"), ("Tag", "Tage")),
    "WEE": (("week", "weeks"), ("Woche", "Wochen")),
    "MON": (("month", "months"), ("Monat", "Monate")),
    "ANN": (("year", "years"), ("Jahr", "Jahre")),
    "KMT": (("km", "km"), ("km", "km")),
}
_MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Words:
    """The papers' words in one language; an unknown language falls back to English."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with its values put in; KeyError for a key nobody wrote."""
        text = _WORDS[key][self._column]
        return text.format(**values) if values else text

    def optional(self, key: str, otherwise: str) -> str:
        """Return the text of a key, or another text where the table has no such key."""
        return self(key) if key in _WORDS else otherwise

    def country(self, code: str) -> str:
        """Return the name of a country (ISO 3166-1 alpha-2); an unknown code stands for itself."""
        return str(Locale.parse(self._locale).territories.get(code, code))

    def unit(self, code: str, count: Decimal) -> str:
        """Return a unit's word for a count; a code that is not known here stands for itself."""
        if code not in _UNITS:
            return code
        one, many = _UNITS[code][self._column]
        return one if abs(count) == 1 else many

    @property
    def _column(self) -> int:
        return _COLUMNS.index(self.language) if self.language in _COLUMNS else 0

    @property
    def _locale(self) -> str:
        return {"de": "de_DE"}.get(self.language, "en_US")

    def day(self, day: date) -> str:
        """Write a day with the month's name, so that no reader takes it for another."""
        pattern = "d. MMMM y" if self.language == "de" else "d MMMM y"
        return format_date(day, pattern, locale=self._locale)

    def days(self, first: date | None, last: date | None) -> str:
        """Write a period, what both days share once; one day alone if there is but one."""
        if first and last and first < last and first.year == last.year:
            pattern = "d" if first.month == last.month else "d MMMM"
            pattern = pattern.replace("d", "d.") if self.language == "de" else pattern
            start = format_date(first, pattern, locale=self._locale)
            return f"{start} – {self.day(last)}"
        known = [day for day in (first, last) if day]
        texts = [self.day(day) for day in known]
        return " – ".join(dict.fromkeys(texts))

    def number(self, value: Decimal | int, places: int = 0, least: int = 0) -> str:
        """Write a number with at least `least` and at most `places` decimals."""
        pattern = "#,##0" + ("." if places else "") + "0" * least + "#" * (places - least)
        return _with_minus(format_decimal(value, pattern, locale=self._locale))

    def percent(self, value: Decimal) -> str:
        """Write a percentage, 19 meaning 19 %."""
        return (
            f"{self.number(value, 2)}\u00a0%"
            if self.language == "de"
            else (f"{self.number(value, 2)}%")
        )

    def money(self, money: Money) -> str:
        """Write an amount with its currency's code, in the language's order."""
        pattern = (
            "#,##0.00\u00a0¤¤" if self.language == "de" else "¤¤\u00a0#,##0.00;¤¤\u00a0-#,##0.00"
        )
        text = format_currency(money.amount, money.currency, pattern, locale=self._locale)
        return _with_minus(text)

    def amount(self, money: Money) -> str:
        """Write an amount without its currency, for columns that name it once."""
        places = minor_digits(money.currency)
        return self.number(money.amount, places, places)


def _with_minus(text: str) -> str:
    return text.replace("-", _MINUS)
