"""What the demo's firm sells, in English and German, with prices in US dollars."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Item(NamedTuple):
    """Something sold: unit (UN/ECE Rec. 20), price per unit, and how many are usual."""

    english: str
    german: str
    unit: str
    price: Decimal
    fewest: Decimal
    most: Decimal
    step: Decimal
    tax: str = "usual"


def _item(
    english: str, german: str, unit: str, price: str, few: str, most: str, step: str,
    tax: str = "usual",
) -> Item:  # fmt: skip
    return Item(
        english, german, unit, Decimal(price), Decimal(few), Decimal(most), Decimal(step), tax
    )


WORK = (
    _item("Source code review, lead auditor", "Quelltextprüfung, leitender Prüfer",
          "DAY", "2150", "4", "14", "0.5"),
    _item("Source code review, second auditor", "Quelltextprüfung, zweiter Prüfer",
          "DAY", "1780", "3", "12", "0.5"),
    _item("Independent review of the findings", "Unabhängige Durchsicht der Befunde",
          "DAY", "1960", "0.5", "3", "0.25"),
)  # fmt: skip
EXTRAS = (
    _item("Review by size: normalised lines of code", "Prüfung nach Umfang: normalisierte Zeilen",
          "C62", "3.8250", "420", "1900", "10"),
    _item("Invariant and fuzz tests", "Invarianten- und Zufallstests",
          "HUR", "248.5000", "6", "40", "0.5"),
    _item("Threat model workshop, remote", "Workshop Bedrohungsmodell, online",
          "HUR", "265", "2", "8", "0.5"),
    _item("Fix review, one round", "Prüfung der Behebungen, eine Runde",
          "C62", "3900", "1", "1", "1"),
    _item("Calls with the development team", "Besprechungen mit der Entwicklung",
          "HUR", "195", "0.75", "6", "0.25"),
    _item("Statistical test battery on raw output", "Statistische Testreihe auf Rohdaten",
          "C62", "2480", "1", "2", "1"),
    _item("Static analysis with triage of the results", "Statische Analyse mit Sichtung",
          "HUR", "182.2500", "3", "18", "0.5"),
    _item("Review of the deployment scripts", "Prüfung der Auslieferungsskripte",
          "HUR", "210", "2", "9", "0.5"),
    _item("Executive summary for the board", "Zusammenfassung für die Geschäftsleitung",
          "C62", "850", "1", "1", "1"),
    _item("Monitoring rules for on-chain events", "Überwachungsregeln für Ereignisse",
          "HUR", "189.9900", "3", "12", "0.5"),
    _item("Express surcharge", "Eilzuschlag", "C62", "1450", "1", "1", "1"),
    _item("Travel, at cost", "Reisekosten nach Aufwand", "C62", "417.3300", "1", "2", "1"),
)  # fmt: skip
RETAINER = (
    _item("Retainer: advice on call, monthly", "Bereitschaft und Beratung, Monat",
          "MON", "2600", "1", "3", "1"),
    _item("Incident exercise, half a day", "Notfallübung, halber Tag",
          "C62", "1980", "1", "1", "1"),
)  # fmt: skip
WORKBOOK = _item("Workbook 'Reading contracts', printed", "Arbeitsbuch „Verträge lesen“, gedruckt",
                 "C62", "46.7300", "4", "30", "1", "reduced")  # fmt: skip
COURSE = _item("Certified training, two days", "Zertifizierte Schulung, zwei Tage",
               "C62", "3200", "1", "2", "1", "exempt")  # fmt: skip

IN_CURRENCY = {"USD": Decimal(1), "EUR": Decimal("0.92"), "GBP": Decimal("0.79")}
