"""Everything one signed-in person works with: the services, made once per sign-in."""

from __future__ import annotations

from dataclasses import dataclass

from vln_desktop.db.session import Actor, Database, PoolStatus
from vln_desktop.documents.press import SpawnedPress
from vln_desktop.services.access import AccessService
from vln_desktop.services.access_reviews import AccessReviewsService
from vln_desktop.services.activity import ActivityService
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.clients import ClientNames, ClientsService
from vln_desktop.services.directory import Directory
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.imports import ImportsService
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.invoices import InvoicesService
from vln_desktop.services.offboarding import OffboardingService
from vln_desktop.services.reports import ReportsService
from vln_desktop.services.search import SearchService


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's database and the services over it."""

    database: Database
    directory: Directory
    client_names: ClientNames
    clients: ClientsService
    audits: AuditsService
    findings: FindingsService
    invoices: InvoicesService
    invoice_papers: InvoicePapers
    activity: ActivityService
    reports: ReportsService
    imports: ImportsService
    search: SearchService
    access: AccessService
    reviews: AccessReviewsService
    offboarding: OffboardingService
    press: SpawnedPress

    @property
    def person(self) -> Actor:
        """Who is signed in."""
        return self.database.actor

    @property
    def pool_status(self) -> PoolStatus:
        """How the connections are used at this moment."""
        return self.database.pool_status

    def close(self) -> None:
        """End what prints, then the session and its connections; blocks until all are gone."""
        self.press.close()
        self.database.sign_out()


def open_desk(database: Database) -> Desk:
    """Load the directory and make the services; blocks, so call it from a task."""
    directory = Directory.load(database)
    press = SpawnedPress()  # its process begins with the first paper
    return Desk(
        database,
        directory,
        ClientNames(database),
        ClientsService(database),
        AuditsService(database),
        FindingsService(database),
        InvoicesService(database),
        InvoicePapers(database, press),
        ActivityService(database),
        ReportsService(database, directory, press),
        ImportsService(database),
        SearchService(database),
        AccessService(database, directory.find),
        AccessReviewsService(database, directory.find),
        OffboardingService(database, directory.find),
        press,
    )
