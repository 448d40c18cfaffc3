"""What every test may ask for: a server, a database, real files; and what no test may leave."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.cluster import TEMPLATE, Cluster, FreshDatabase, running_cluster
from tests.firm import Firm, FirmTemplate, build_firm, cloned_firm, opened_firm
from tests.pooler import Pooler, running_pooler
from vln_desktop.db.migrations import upgrade

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_THREAD_END_S = 5.0
_PATIENCE_MS = 30_000


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """This worker's own PostgreSQL; VLN_TEST_SERVER chooses the version."""
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def migrated_template(cluster: Cluster) -> str:
    """A database with every migration applied, to be cloned and never written to."""
    template = cluster.create(TEMPLATE)
    upgrade(template.owner_url)
    return template.name


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[FreshDatabase]:
    """An empty database of the owner: for tests below the schema."""
    with cluster.database() as fresh:
        yield fresh


@pytest.fixture
def fresh_database(cluster: Cluster, migrated_template: str) -> Iterator[FreshDatabase]:
    """A migrated database without rows, of this test's own. Roles are shared by the cluster."""
    with cluster.database(migrated_template) as fresh:
        yield fresh


@pytest.fixture
def owner_url(fresh_database: FreshDatabase) -> str:
    """The owner's address of this test's migrated database."""
    return fresh_database.owner_url


@pytest.fixture(scope="session")
def firm_template(cluster: Cluster, migrated_template: str) -> FirmTemplate:
    """The firm of tests/firm.py with all its logins, to be cloned and never written to."""
    return build_firm(cluster, migrated_template)


@pytest.fixture
def firm(cluster: Cluster, firm_template: FirmTemplate) -> Iterator[Firm]:
    """A copy of the firm of this test's own: two teams, their rows, and every staff login."""
    with cloned_firm(cluster, firm_template) as copy:
        yield copy


@pytest.fixture(scope="session")
def pooler(cluster: Cluster) -> Iterator[Pooler]:
    """A real PgBouncer in transaction mode before this worker's server; see tests/pooler.py."""
    with running_pooler(cluster) as running:
        yield running


@pytest.fixture(scope="session")
def _kept_copy(cluster: Cluster, firm_template: FirmTemplate) -> Iterator[FreshDatabase]:
    with cluster.database(firm_template.name) as copy:
        yield copy


@pytest.fixture
def shared_firm(firm_template: FirmTemplate, _kept_copy: FreshDatabase) -> Iterator[Firm]:
    """One firm for all tests that leave its rows as they were: quicker than a copy of one's own."""
    with opened_firm(firm_template, _kept_copy) as lent:
        yield lent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real scanner output, invoices and facts that stand beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("VLN_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"the shared data is not at {folder}; VLN_SHARED_DATA says where it is")
    return folder


class PatientBot(QtBot):
    """Waits longer than a busy machine needs: a wait ends when its condition holds, not sooner."""

    def waitUntil(
        self, callback: Callable[[], bool | None], *, timeout: int = _PATIENCE_MS
    ) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """The window's driver, with patience."""
    return PatientBot(request)


@pytest.fixture
def allow_error_logs() -> None:
    """Asked for by a test that provokes an error which is logged on purpose."""


@pytest.fixture(autouse=True)
def _no_unexpected_errors_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which something was logged as an error."""
    errors = _Errors()
    root = logging.getLogger()
    root.addHandler(errors)
    try:
        yield
    finally:
        root.removeHandler(errors)
    if errors.messages and "allow_error_logs" not in request.fixturenames:
        pytest.fail("errors were logged:\n" + "\n".join(errors.messages))


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if _may_outlive(thread, before)]
    for thread in left:
        thread.join(_THREAD_END_S)
    alive = [thread.name for thread in left if thread.is_alive()]
    if alive:
        pytest.fail(f"threads were left running: {', '.join(alive)}")


def _may_outlive(thread: threading.Thread, before: set[threading.Thread]) -> bool:
    """Tell whether a thread is to be looked at: a dummy is Qt's own, and ends when Qt says so."""
    return thread not in before and not isinstance(thread, threading._DummyThread)


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.name}: {record.getMessage()}")
