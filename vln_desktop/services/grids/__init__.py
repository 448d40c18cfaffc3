"""The lists of the program, each declared as data: columns, orders, filters and scopes."""

from vln_desktop.services.grid_spec import GridSpec
from vln_desktop.services.grids.access import (
    ACCESS_REQUESTS,
    ACCESS_REVIEWS,
    BREAK_GLASS_USES,
    OFFBOARDINGS,
)
from vln_desktop.services.grids.activity import ACTIVITY
from vln_desktop.services.grids.audits import AUDITS
from vln_desktop.services.grids.clients import CLIENTS
from vln_desktop.services.grids.findings import FINDINGS
from vln_desktop.services.grids.invoices import INVOICES
from vln_desktop.services.grids.prices import EXCHANGE_RATES, PRICE_LIST
from vln_desktop.services.grids.quotes import QUOTES
from vln_desktop.services.grids.reports import REPORTS
from vln_desktop.services.grids.scanner_rules import SCANNER_RULES
from vln_desktop.services.grids.security_events import SECURITY_EVENTS
from vln_desktop.services.grids.sellers import SELLERS, SERIES
from vln_desktop.services.grids.teams import TEAMS
from vln_desktop.services.grids.users import USERS

GRIDS: dict[str, GridSpec] = {
    spec.name: spec
    for spec in (
        AUDITS, FINDINGS, REPORTS, QUOTES, INVOICES, ACTIVITY, SECURITY_EVENTS, USERS, TEAMS,
        ACCESS_REQUESTS, ACCESS_REVIEWS, BREAK_GLASS_USES, OFFBOARDINGS, SCANNER_RULES,
        SELLERS, SERIES, CLIENTS, PRICE_LIST, EXCHANGE_RATES,
    )
}  # fmt: skip

__all__ = [
    "ACCESS_REQUESTS",
    "ACCESS_REVIEWS",
    "ACTIVITY",
    "AUDITS",
    "BREAK_GLASS_USES",
    "CLIENTS",
    "EXCHANGE_RATES",
    "FINDINGS",
    "GRIDS",
    "INVOICES",
    "OFFBOARDINGS",
    "PRICE_LIST",
    "QUOTES",
    "REPORTS",
    "SCANNER_RULES",
    "SECURITY_EVENTS",
    "SELLERS",
    "SERIES",
    "TEAMS",
    "USERS",
]
