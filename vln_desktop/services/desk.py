"""Everything one signed-in person works with: the services, made once per sign-in."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from vln_desktop.adapters.witness import LogWitness
from vln_desktop.db.session import Actor, Database, PoolStatus
from vln_desktop.documents.press import SpawnedPress
from vln_desktop.domain.keys import KeyStatus
from vln_desktop.errors import VlnError
from vln_desktop.services.access import AccessService
from vln_desktop.services.access_reviews import AccessReviewsService
from vln_desktop.services.account import AccountService
from vln_desktop.services.activity import ActivityService
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.buyers import BuyersService
from vln_desktop.services.checklists import ChecklistsService
from vln_desktop.services.classification import ClassificationService
from vln_desktop.services.clients import ClientNames, ClientsService
from vln_desktop.services.credentials import CredentialsService
from vln_desktop.services.credit_notes import CreditNotesService
from vln_desktop.services.deployments import DeploymentsService
from vln_desktop.services.directory import Directory
from vln_desktop.services.drafts import DraftsService
from vln_desktop.services.evidence import EvidenceService
from vln_desktop.services.exchange_rates import ExchangeRatesService
from vln_desktop.services.files import FilesService
from vln_desktop.services.finding_files import FindingFiles
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.fix_reviews import FixReviewsService
from vln_desktop.services.history import HistoryService
from vln_desktop.services.imports import ImportsService
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.invoices import InvoicesService
from vln_desktop.services.key_chain import KeyChain, PrivateKeys
from vln_desktop.services.key_status import key_status
from vln_desktop.services.keys import KeysService
from vln_desktop.services.known_issues import KnownIssuesService
from vln_desktop.services.leak_guard import LeakGuard
from vln_desktop.services.log_export import LogExport
from vln_desktop.services.log_seals import LogSeals
from vln_desktop.services.notifications import NotificationsService
from vln_desktop.services.offboarding import OffboardingService
from vln_desktop.services.payment_accounts import PaymentAccountsService
from vln_desktop.services.presence import PresenceService
from vln_desktop.services.price_list import PriceListService
from vln_desktop.services.quote_papers import QuotePapers
from vln_desktop.services.quotes import QuotesService
from vln_desktop.services.report_papers import ReportPapers
from vln_desktop.services.report_publishing import ReportPublishing
from vln_desktop.services.report_review import ReportReviewService
from vln_desktop.services.report_sections import ReportSectionsService
from vln_desktop.services.reports import ReportsService
from vln_desktop.services.responses import ResponsesService
from vln_desktop.services.reverting import RevertService
from vln_desktop.services.scanner_rules import ScannerRulesService
from vln_desktop.services.search import SearchService
from vln_desktop.services.sellers import SellersService
from vln_desktop.services.severity_schemes import SchemesService
from vln_desktop.services.signing import SigningService
from vln_desktop.services.snapshots import SnapshotsService
from vln_desktop.services.taxes import TaxesService
from vln_desktop.services.teams import TeamsService
from vln_desktop.services.templates import TemplatesService
from vln_desktop.services.time_entries import TimeEntriesService
from vln_desktop.services.urgent_notices import UrgentNoticesService
from vln_desktop.services.users import UsersService
from vln_desktop.services.views import ViewsService

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's database and the services over it."""

    database: Database
    directory: Directory
    account: AccountService
    client_names: ClientNames
    clients: ClientsService
    audits: AuditsService
    findings: FindingsService
    classification: ClassificationService
    finding_files: FindingFiles
    files: FilesService
    evidence: EvidenceService
    schemes: SchemesService
    known_issues: KnownIssuesService
    deployments: DeploymentsService
    scanner_rules: ScannerRulesService
    presence: PresenceService
    notifications: NotificationsService
    templates: TemplatesService
    snapshots: SnapshotsService
    fix_reviews: FixReviewsService
    checklists: ChecklistsService
    time_entries: TimeEntriesService
    responses: ResponsesService
    notices: UrgentNoticesService
    invoices: InvoicesService
    invoice_papers: InvoicePapers
    credit_notes: CreditNotesService
    buyers: BuyersService
    quotes: QuotesService
    quote_papers: QuotePapers
    sellers: SellersService
    payment_accounts: PaymentAccountsService
    taxes: TaxesService
    exchange_rates: ExchangeRatesService
    price_list: PriceListService
    activity: ActivityService
    history: HistoryService
    reverts: RevertService
    log_seals: LogSeals
    log_export: LogExport
    reports: ReportsService
    report_sections: ReportSectionsService
    report_review: ReportReviewService
    report_papers: ReportPapers
    publishing: ReportPublishing
    signing: SigningService
    imports: ImportsService
    search: SearchService
    key_chain: KeyChain
    keys: KeysService
    credentials: CredentialsService
    users: UsersService
    teams: TeamsService
    access: AccessService
    reviews: AccessReviewsService
    offboarding: OffboardingService
    drafts: DraftsService
    views: ViewsService
    press: SpawnedPress

    @property
    def person(self) -> Actor:
        """Who is signed in."""
        return self.database.actor

    def key_status(self) -> KeyStatus:
        """How the team's keys stand, and what of them this machine holds; asks the server."""
        return key_status(self.key_chain, self.directory)

    @property
    def pool_status(self) -> PoolStatus:
        """How the connections are used at this moment."""
        return self.database.pool_status

    def leave(self) -> None:
        """Seal what is final of the log, if that goes at once, and close."""
        try:
            self.log_seals.seal_at_once()
        except VlnError as error:  # the next client seals; nobody is kept at the door
            log.info("the log was not sealed at the end: %s", error)
        self.close()

    def close(self) -> None:
        """End what prints, then the session and its connections; blocks until all are gone."""
        self.press.close()
        self.database.sign_out()


def open_desk(
    database: Database,
    witness: LogWitness | None = None,
    private_keys: PrivateKeys | None = None,
    drafts: Path | None = None,
    settings: Path | None = None,
) -> Desk:
    """Load the directory and make the services; blocks, so call it from a task.

    Without a witness nothing is remembered of the log's seals; without `private_keys` everything
    encrypted stays locked; without a folder for drafts nothing typed outlives the program; without
    the file of settings (config.toml) no certificate can be chosen that signs.
    """
    directory = Directory.load(database)
    log_seals = LogSeals(database, witness)
    chain = KeyChain(database, private_keys)
    press = SpawnedPress()  # its process begins with the first paper
    audits, findings = AuditsService(database), FindingsService(database, chain)
    invoices, history = InvoicesService(database), HistoryService(database)
    files = FilesService(database)
    papers = ReportPapers(database, directory, press, files)
    return Desk(
        database,
        directory,
        AccountService(database, directory),
        ClientNames(database),
        ClientsService(database),
        audits,
        findings,
        ClassificationService(database),
        FindingFiles(database, findings),
        files,
        EvidenceService(database, files),
        SchemesService(database),
        KnownIssuesService(database),
        DeploymentsService(database),
        ScannerRulesService(database),
        PresenceService(database),
        NotificationsService(database),
        TemplatesService(database),
        SnapshotsService(database),
        FixReviewsService(database),
        ChecklistsService(database),
        TimeEntriesService(database),
        ResponsesService(database),
        UrgentNoticesService(database),
        invoices,
        InvoicePapers(database, press),
        CreditNotesService(database),
        BuyersService(database),
        QuotesService(database),
        QuotePapers(database, press),
        SellersService(database),
        PaymentAccountsService(database),
        TaxesService(database),
        ExchangeRatesService(database),
        PriceListService(database),
        ActivityService(database),
        history,
        RevertService(database.actor.role, history, findings, audits, invoices),
        log_seals,
        LogExport(database, log_seals),
        ReportsService(database),
        ReportSectionsService(database),
        ReportReviewService(database),
        papers,
        ReportPublishing(database, directory, press, papers, LeakGuard(database)),
        SigningService(settings),
        ImportsService(database),
        SearchService(database),
        chain,
        KeysService(database, chain),
        CredentialsService(database, chain),
        UsersService(database),
        TeamsService(database),
        AccessService(database, directory.find),
        AccessReviewsService(database, directory.find),
        OffboardingService(database, directory.find),
        DraftsService(database, drafts),
        ViewsService(database),
        press,
    )
