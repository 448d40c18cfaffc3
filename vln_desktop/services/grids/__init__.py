"""The lists of the program, each declared as data: columns, orders, filters and scopes."""

from vln_desktop.services.grid_spec import GridSpec
from vln_desktop.services.grids.activity import ACTIVITY
from vln_desktop.services.grids.audits import AUDITS
from vln_desktop.services.grids.findings import FINDINGS
from vln_desktop.services.grids.invoices import INVOICES
from vln_desktop.services.grids.users import USERS

GRIDS: dict[str, GridSpec] = {
    spec.name: spec for spec in (AUDITS, FINDINGS, INVOICES, ACTIVITY, USERS)
}

__all__ = ["ACTIVITY", "AUDITS", "FINDINGS", "GRIDS", "INVOICES", "USERS"]
