"""The invented clients: twelve companies with people, addresses and tax numbers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.records import Address, Client, ClientTaxRegistration, Contact, User


class Profile(NamedTuple):
    """What is written down of a client; the rest follows. `buyer` chooses its tax treatment."""

    code: str
    legal_name: str
    domain: str
    street: str
    postal_code: str
    city: str
    region: str
    country: str
    language: str
    currency: str
    seller: str
    buyer: str
    payment_days: int
    tax_number: str
    phone: str
    people: tuple[str, str, str]
    projects: tuple[str, ...]


PROFILES = (
    Profile("ACME", "Acme Protocol Labs, Inc.", "acme-protocol.example", "88 Lantern Street",
            "78702", "Austin", "TX", "US", "en", "USD", "VUS", "US-TX", 30, "EIN 00-1180341",
            "+1 512 555 0134", ("Nora Whitfield", "Caleb Osei", "Joan Castellanos"),
            ("Tidepool Lending", "Anvil Exchange", "Acorn Staking", "Tidepool Gateway")),
    Profile("HELIX", "Helixgeld GmbH", "helixgeld.example", "Am Wasserturm 12",
            "10999", "Berlin", "", "DE", "de", "EUR", "VDE", "DE", 14, "DE999310805",
            "+49 30 555 0110", ("Friederike Baumann", "Oskar Lindner", "Miriam Schütz"),
            ("Zinsgarten Vault", "Helix Bridge", "Kontor Wallet", "Zinsgarten Rewards")),
    Profile("ORVANNE", "Orvanne Registres SAS", "orvanne.example", "14 rue des Tanneurs",
            "69007", "Lyon", "", "FR", "en", "EUR", "VDE", "EU", 30, "FR49999120447",
            "+33 4 55 50 01 21", ("Camille Roussel", "Bastien Morel", "Odile Garnier"),
            ("Parchemin Market", "Registre Treasury", "Sceau Signatures")),
    Profile("NIMBROOK", "Nimbrook Wallets Ltd", "nimbrook.example", "3 Mill Race Yard",
            "LS10 1ZZ", "Leeds", "", "GB", "en", "GBP", "VDE", "WORLD", 30, "GB999114222",
            "+44 113 496 0152", ("Harriet Okonjo", "Dylan Pryce", "Simon Ashworth"),
            ("Brook Custody", "Nimbus Checkout", "Brook Recovery", "Millrace Vault")),
    Profile("TALLOWAY", "Talloway Gaming Ltd", "talloway.example", "Triq il-Fanal 21",
            "SLM 1704", "Sliema", "", "MT", "en", "EUR", "VDE", "EU", 14, "MT99914211",
            "+356 2555 0118", ("Maria Zammit", "Luke Vella", "Karl Micallef"),
            ("Lantern Raffle", "Talloway Wheel", "Harbour Casino", "Lantern Rewards")),
    Profile("QUARRY", "Quarrystone Markets LLC", "quarrystone.example", "500 Juniper Canyon Way",
            "80202", "Denver", "CO", "US", "en", "USD", "VUS", "US", 30, "EIN 00-2237719",
            "+1 303 555 0167", ("Elise Marchetti", "Trevor Nakai", "Ruthanne Cole"),
            ("Quarry Perpetuals", "Granite Oracle", "Basalt Router", "Quarry Treasury")),
    Profile("ZEFIR", "Zefirbrücke AG", "zefirbruecke.example", "Seestrasse 41",
            "6300", "Zug", "", "CH", "de", "EUR", "VDE", "WORLD", 30, "CHE-999.114.203 MWST",
            "+41 41 555 01 43", ("Urs Ammann", "Seraina Caduff", "Beat Inauen"),
            ("Zefir Bridge", "Gotthard Relay", "Zefir Staking", "Passwächter Wallet")),
    Profile("KEENLOT", "Keenlot Loterijen B.V.", "keenlot.example", "Brouwersgracht 310",
            "1013 HG", "Amsterdam", "", "NL", "en", "EUR", "VDE", "EU", 30, "NL999114207B01",
            "+31 20 555 0129", ("Sanne de Wit", "Joris van Houten", "Marijke Bos"),
            ("Keenlot Draw", "Tulip Raffle", "Keenlot Results")),
    Profile("MARLSTEAD", "Marlstead Custody, Inc.", "marlstead.example", "19 Prairie Clover Lane",
            "82001", "Cheyenne", "WY", "US", "en", "USD", "VUS", "US-DIRECT", 45,
            "EIN 00-3340015", "+1 307 555 0181",
            ("Gwen Sorensen", "Isaac Trujillo", "Pauline Reyes"),
            ("Marl Custody", "Steadfast Signer", "Marl Settlement")),
    Profile("FJORDMYNT", "Fjordmynt AS", "fjordmynt.example", "Tollbugata 9",
            "5003", "Bergen", "", "NO", "en", "EUR", "VDE", "WORLD", 30, "NO999114202MVA",
            "+47 55 55 01 37", ("Astrid Hauge", "Eirik Lunde", "Solveig Nygaard"),
            ("Nordlys Payments", "Fjord Vault", "Nordlys Ledger")),
    Profile("DELTAWERK", "Deltawerk Akademie gGmbH", "deltawerk.example", "Speicherweg 3",
            "20457", "Hamburg", "", "DE", "de", "EUR", "VDE", "DE", 30, "DE999772000",
            "+49 40 555 0163", ("Henrike Jansen", "Malte Petersen", "Gesa Brahms"),
            ("Lernchain Zertifikate", "Campus Wallet", "Lernchain Treasury")),
    Profile("SABLEWING", "Sablewing Studios Ltd", "sablewing.example", "27 Kiln Row",
            "EH6 7ZZ", "Edinburgh", "", "GB", "en", "GBP", "VDE", "WORLD", 14, "GB999772033",
            "+44 131 496 0178", ("Isla Drummond", "Fraser Kemp", "Moira Tennant"),
            ("Sable Arena", "Wingspan Market", "Sable Results", "Wingspan Rewards")),
)  # fmt: skip

_ASCII = {ord("ü"): "ue", ord("ö"): "oe", ord("ä"): "ae", ord(" "): "."}
_OWN_ZONES = ("US-EXEMPT", "US-DIRECT")
"""Zones of clients with a permit or an exemption on file; the others follow from the address."""
_DUTIES = ("technical", "billing", "management")


class Clients(NamedTuple):
    """The clients' rows, and the users who file their audit requests on the web site."""

    clients: tuple[Client, ...]
    contacts: tuple[Contact, ...]
    addresses: tuple[Address, ...]
    registrations: tuple[ClientTaxRegistration, ...]
    requesters: tuple[User, ...]

    def requester(self, code: str) -> UUID:
        """Return the user who files the requests of a client."""
        return self.requesters[[client.code for client in self.clients].index(code)].id


def profile(code: str) -> Profile:
    """Return what is written down of a client."""
    return next(p for p in PROFILES if p.code == code)


def make_clients(chance: Chance, since: datetime) -> Clients:
    """Make the clients; every row of them is as old as `since`."""
    clients, contacts, addresses, registrations, requesters = [], [], [], [], []
    for p in PROFILES:
        client = Client(
            chance.identity(since), p.code, p.legal_name, p.legal_name.casefold(), p.country,
            p.language, p.currency, p.payment_days, True,
            f"04011000-{chance.between(10000, 99999)}-{chance.between(10, 96)}"
            if p.country == "DE" else "",
            p.tax_number if p.country in ("DE", "FR", "NL") else "",
            {"DE": "9930", "FR": "9957", "NL": "9944"}.get(p.country, ""),
            p.buyer if p.buyer in _OWN_ZONES else "", since,
        )  # fmt: skip
        clients.append(client)
        contacts += [
            Contact(
                chance.identity(since), client.id, name, _address(name, p), p.phone, duty, since
            )
            for name, duty in zip(p.people, _DUTIES, strict=True)
        ]
        addresses.append(
            Address(chance.identity(since), client.id, "billing", p.street, "", p.postal_code,
                    p.city, p.region, p.country, since)
        )  # fmt: skip
        registrations.append(
            ClientTaxRegistration(chance.identity(since), client.id, p.country, p.tax_number, since)
        )
        name = p.people[0]
        requesters.append(
            User(chance.identity(since), _address(name, p), name,
                 ", ".join(reversed(name.casefold().rsplit(" ", 1))), "client", since)
        )  # fmt: skip
    return Clients(
        tuple(clients), tuple(contacts), tuple(addresses), tuple(registrations), tuple(requesters)
    )


def _address(name: str, p: Profile) -> str:
    plain = name.casefold().translate(_ASCII)
    return f"{plain}@{p.domain}"
