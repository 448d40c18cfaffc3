"""The invented firm: its two legal entities, what tax they charge, its people and teams."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from vln_desktop.domain.money import currencies, minor_digits
from vln_desktop.domain.taxes import VAT_CHECK_DAYS
from vln_desktop.domain.users import sort_key_of
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.money_records import (
    Currency,
    LegalEntity,
    PaymentAccount,
    PaymentAccountChange,
    TaxRate,
    TaxTreatment,
)
from vln_desktop.tools.demo.records import (
    Team,
    TeamMember,
    User,
)

_STAFF = (
    ("ana", "Ana Ferreira", "admin"),
    ("marcus", "Marcus Oyelaran", "manager"),
    ("ingrid", "Ingrid Solheim", "manager"),
    ("priya", "Priya Raman", "auditor"),
    ("tomasz", "Tomasz Wilk", "auditor"),
    ("leila", "Leila Haddad", "auditor"),
    ("jonas", "Jonas Brandt", "auditor"),
    ("mei", "Mei Tanaka", "auditor"),
    ("diego", "Diego Fuentes", "auditor"),
    ("clara", "Clara Hoffmann", "finance"),
    ("samuel", "Samuel Okafor", "finance"),
    ("ruth", "Ruth Abramson", "readonly"),
    ("worker", "Delivery worker", "worker"),
)
_TEAMS = (
    ("Contracts", ("marcus",), ("priya", "tomasz", "leila", "jonas", "diego")),
    ("Wallets and APIs", ("marcus", "ingrid"), ("mei", "tomasz", "jonas")),
    ("Gaming and randomness", ("ingrid",), ("leila", "priya", "mei")),
)
NEWCOMER = "diego"
"""The auditor who has just begun and sees one audit only."""
_US = ("O", None, "", "Not subject to sales tax in the seller's state.",
       "Unterliegt nicht der Verkaufssteuer im Staat des Verkäufers.")  # fmt: skip


class Treatment(NamedTuple):
    """A tax treatment as it is listed below; `rate` names a rate of the entity's country."""

    buyer: str
    business: bool
    category: str
    rate: str | None
    vatex: str
    english: str
    german: str


_REVERSE = (
    "AE", None, "VATEX-EU-AE",
    "Reverse charge: the recipient is liable for VAT (Art. 196 of Directive 2006/112/EC).",
    "Steuerschuldnerschaft des Leistungsempfängers (§ 13b UStG).",
)  # fmt: skip
_ABROAD = (
    "O", None, "VATEX-EU-O",
    "Not taxable in Germany: the place of supply is that of the recipient (§ 3a (2) UStG).",
    "In Deutschland nicht steuerbar: Leistungsort beim Empfänger (§ 3a Abs. 2 UStG).",
)  # fmt: skip
_GERMAN = (
    Treatment("DE", True, "S", "Regelsatz", "", "", ""),
    Treatment("DE", False, "S", "Regelsatz", "", "", ""),
    Treatment("EU", True, *_REVERSE),
    Treatment("EU", False, "S", "Regelsatz", "", "", ""),
    Treatment("WORLD", True, *_ABROAD),
)
_OSS = "Above EUR 10,000 a year to consumers abroad the One Stop Shop applies: not covered here."
_AMERICAN = (
    Treatment("US-TX", True, "S", "Texas sales tax", "", "", ""),
    Treatment("US", True, *_US),
    Treatment("US-EXEMPT", True, "E", None, "",
              "Exempt: a resale or exemption certificate is on file.",
              "Befreit: Bescheinigung liegt vor."),
    Treatment("US-DIRECT", True, "Z", None, "", "", ""),  # a zero rate gives no reason (BR-Z-10)
    Treatment("WORLD", True, *_US),
)  # fmt: skip
_RATES = (
    ("DE", "Regelsatz", "19", date(2021, 1, 1)),
    ("DE", "Ermäßigter Satz", "7", date(2021, 1, 1)),
    ("US", "Texas sales tax", "8.25", date(2020, 1, 1)),
)


_CURRENCIES = {
    "USD": "US dollar",
    "EUR": "Euro",
    "GBP": "Pound sterling",
    "CHF": "Swiss franc",
    "SGD": "Singapore dollar",
    "JPY": "Yen",
}


class Firm(NamedTuple):
    """The firm's rows, and its people by the first part of their address."""

    currencies: tuple[Currency, ...]
    entities: tuple[LegalEntity, ...]
    accounts: tuple[PaymentAccount, ...]
    account_changes: tuple[PaymentAccountChange, ...]
    rates: tuple[TaxRate, ...]
    treatments: tuple[TaxTreatment, ...]
    staff: tuple[User, ...]
    teams: tuple[Team, ...]
    members: tuple[TeamMember, ...]

    def person(self, name: str) -> User:
        """Return a person by the first part of their e-mail address."""
        return next(p for p in self.staff if p.email == f"{name}@vln.gg")

    def team_people(self, team_id: UUID, duty: str) -> tuple[UUID, ...]:
        """Return the people with a duty in a team."""
        return tuple(m.user_id for m in self.members if m.team_id == team_id and m.duty == duty)


def make_firm(chance: Chance, founded: datetime) -> Firm:
    """Make the firm; every row of it is as old as `founded`."""
    entities = _entities(chance, founded)
    rates = tuple(
        TaxRate(chance.identity(founded), country, name, Decimal(percent), since, founded)
        for country, name, percent, since in _RATES
    )
    staff = tuple(
        User(chance.identity(founded), f"{short}@vln.gg", name, sort_key_of(name), role, founded)
        for short, name, role in _STAFF
    )
    teams = tuple(Team(chance.identity(founded), name, founded) for name, _, _ in _TEAMS)
    by_address = {person.email.partition("@")[0]: person.id for person in staff}
    members = tuple(
        TeamMember(chance.identity(founded), team.id, by_address[short], duty, founded)
        for team, (_, leads, others) in zip(teams, _TEAMS, strict=True)
        for duty, people in (("lead", leads), ("member", others))
        for short in people
    )
    accounts = _accounts(entities, by_address["samuel"], chance, founded)
    return Firm(
        tuple(Currency(code, _CURRENCIES[code], minor_digits(code)) for code in currencies()),
        entities,
        accounts,
        _account_changes(accounts, by_address, founded),
        rates,
        _treatments(entities, rates, chance, founded),
        staff,
        teams,
        members,
    )


def _entities(chance: Chance, at: datetime) -> tuple[LegalEntity, ...]:
    return (
        LegalEntity(
            chance.identity(at), "VUS", "VLN Research, Inc.", "2140 Cedar Bluff Road, Suite 310",
            "78701", "Austin", "TX", "US", "billing@vln.gg", "EIN 00-0417236", "",
            "Delaware file no. 0041723", "USD", "America/Chicago",
            {"en": "Payable in full without deduction. Late payments bear interest of 1 % per "
                   "month. VLN Research, Inc., a Delaware corporation.",
             "de": "Zahlbar ohne Abzug. VLN Research, Inc., Delaware."},
            at,
        ),
        LegalEntity(
            chance.identity(at), "VDE", "VLN Forschung GmbH", "Kastanienhof 7",
            "10435", "Berlin", "", "DE", "rechnung@vln.gg", "37/000/41723", "DE999041700",
            "Amtsgericht Charlottenburg, HRB 041723 B", "EUR", "Europe/Berlin",
            {"en": "Managing director: Ingrid Solheim. Interest on arrears: 9 percentage points "
                   "above the base rate (§ 288 BGB).",
             "de": "Geschäftsführerin: Ingrid Solheim. Verzugszinsen: neun Prozentpunkte über "
                   "dem Basiszinssatz (§ 288 BGB)."},
            at,
        ),
    )  # fmt: skip


def _accounts(
    entities: tuple[LegalEntity, ...], second_person: UUID, chance: Chance, at: datetime
) -> tuple[PaymentAccount, ...]:
    american, german = entities
    listed = (
        (american, "ach", "Operating account (USD)", "USD", "000041723600", "000000000",
         "First Invented Bank of Austin", ""),
        (american, "swift", "International wires (USD)", "USD", "000041723601", "FIBAUS00XXX",
         "First Invented Bank of Austin", ""),
        (american, "crypto", "Stable coin receipts", "USD",
         f"0x{chance.hexadecimal(40)}", "", "", "Ethereum"),
        (german, "iban", "Geschäftskonto (EUR)", "EUR", iban("DE", "000000000041723600"),
         "ERFUDE00XXX", "Erfundene Bank Berlin eG", ""),
        (german, "iban", "Pfund-Konto (GBP)", "GBP", iban("DE", "000000000041723601"),
         "ERFUDE00XXX", "Erfundene Bank Berlin eG", ""),
    )  # fmt: skip
    return tuple(
        PaymentAccount(
            chance.identity(at), entity.id, kind, label, currency, entity.legal_name, number,
            routing, bank, network, second_person, at, at,
        )
        for entity, kind, label, currency, number, routing, bank, network in listed
    )  # fmt: skip


def _account_changes(
    accounts: tuple[PaymentAccount, ...], people: dict[str, UUID], founded: datetime
) -> tuple[PaymentAccountChange, ...]:
    """A change that was refused because its letter was forged, and one that waits."""
    euro, pound = accounts[-2:]
    chance = Chance(2026, "account changes")
    asked = founded + timedelta(days=260)
    waits = founded + timedelta(days=418)
    return (
        PaymentAccountChange(
            chance.identity(asked),
            euro.entity_id,
            euro.id,
            "change",
            1,
            euro.kind,
            euro.label,
            euro.currency,
            euro.holder,
            iban("DE", "000000000066600013"),
            "ERFUDE00XXX",
            euro.bank,
            "",
            "The bank wrote that our account moves to another branch.",
            "refused",
            people["clara"],
            people["samuel"],
            asked + timedelta(hours=5),
            "The bank says on the phone that the letter is not theirs.",
            asked,
        ),
        PaymentAccountChange(
            chance.identity(waits),
            pound.entity_id,
            pound.id,
            "change",
            1,
            pound.kind,
            pound.label,
            pound.currency,
            pound.holder,
            iban("DE", "000000000041723677"),
            "ERFUDE00XXX",
            pound.bank,
            "",
            "The bank merged two accounts at the end of the month.",
            "requested",
            people["samuel"],
            None,
            None,
            "",
            waits,
        ),
    )


def iban(country: str, account: str) -> str:
    """Return an IBAN with right check digits (ISO 13616) for an invented account number."""
    digits = "".join(str(int(letter, 36)) for letter in account + country) + "00"
    return f"{country}{98 - int(digits) % 97:02d}{account}"


def _treatments(
    entities: tuple[LegalEntity, ...], rates: tuple[TaxRate, ...], chance: Chance, at: datetime
) -> tuple[TaxTreatment, ...]:
    american, german = entities
    by_name = {rate.name: rate.id for rate in rates}
    return tuple(
        TaxTreatment(
            chance.identity(at), entity.id, t.buyer, t.business, t.category,
            by_name[t.rate] if t.rate else None, t.vatex,
            {"en": t.english, "de": t.german} if t.english else {},
            VAT_CHECK_DAYS if t.category == "AE" else 0,
            _OSS if (t.buyer, t.business) == ("EU", False) else "", at,
        )
        for entity, listed in ((american, _AMERICAN), (german, _GERMAN))
        for t in listed
    )  # fmt: skip
