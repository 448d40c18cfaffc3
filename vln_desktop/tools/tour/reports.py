"""Pictures of the work on reports as a manager: forms, the paper, publishing; a signed report."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from PySide6.QtWidgets import QWidget

from vln_desktop.services.desk import Desk
from vln_desktop.services.grids import REPORTS
from vln_desktop.services.listing import Listing
from vln_desktop.services.signing import SigningService
from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import act
from vln_desktop.ui.dialogs.certificate import CertificatePanel
from vln_desktop.ui.panes.reports import ReportsPane

_PASSPHRASE = "of the tour"  # noqa: S105 - of a certificate that lasts a minute
_SIGNER = "VLN Demo Signer"
_PICTURES = {
    "new": "report-new.png", "edit": "report-facts.png", "consent": "report-consent.png",
    "comment": "report-comment.png", "add_section": "report-add-section.png",
}  # fmt: skip


def show_reports(stage: Stage, tour: Tour) -> None:
    """Walk through the reports pane as a manager."""
    pane = stage.open("reports")
    if not isinstance(pane, ReportsPane):
        raise TypeError("the reports pane is another one")
    pane.filter_bar.set_text("status:review")
    stage.rest()
    stage.open("reports")
    for name in ("new", "edit", "consent", "comment", "add_section"):
        act(stage, tour, f"reports.{name}", _PICTURES[name])
    pane.detail.tabs.setCurrentWidget(pane.preview)
    stage.wait(lambda: pane.preview.view.thumbnails.drawn > 1, "the thumbnails")
    pane.preview.view.toolbar.search.setText("reentrancy")
    pane.preview.view.toolbar.search.sought.emit(1)
    stage.wait(lambda: pane.preview.view.pages.page in pane.preview.view.pages.images, "the page")
    with tour.making("report-preview.png") as path:
        stage.picture(path)
    pane.contents.table.selectRow(0)
    act(stage, tour, "reports.edit_part", "report-section.png")
    act(stage, tour, "reports.certificate", "report-certificate.png")
    _show_token(stage, tour)
    pane.filter_bar.set_text("status:approved")
    stage.rest()
    stage.open("reports")
    act(stage, tour, "reports.publish", "report-publish.png")
    pane.filter_bar.set_text("status:published")
    stage.rest()
    stage.open("reports")
    pane.detail.tabs.setCurrentWidget(pane.versions)
    with tour.making("report-versions.png") as path:
        stage.picture(path)
    pane.detail.tabs.setCurrentIndex(0)
    pane.filter_bar.set_text("")
    stage.rest()


def _show_token(stage: Stage, tour: Tour) -> None:
    """Show the same form for a key that is on a token."""

    def on_token(_stage: Stage, opened: QWidget) -> None:
        if isinstance(opened, CertificatePanel):
            opened.kind.setCurrentIndex(1)

    act(stage, tour, "reports.certificate", "report-token.png", on_token)


def print_signed(tour: Tour, manager: Desk) -> None:
    """Publish the demo's approved report with a certificate made for it; the file is kept."""
    listed = next(Listing(manager.database, REPORTS).records("status:approved", 1))
    report = manager.reports.get(UUID(str(listed["id"])))
    for leak in manager.publishing.leaks(report):
        raise ValueError(f"the demo's report has a leak: {leak}")
    with tempfile.TemporaryDirectory() as folder:
        signing = SigningService(Path(folder) / "config.toml")
        key = Path(folder) / "demo.p12"
        key.write_bytes(_certificate())
        signing.use(key, _PASSPHRASE)
        published = manager.publishing.publish(report, signing.signs(_PASSPHRASE, "The demo"))
    with tour.making("report-signed.pdf", audit=report.audit_number) as path:
        manager.report_papers.save_version(published.version_id, path)


def _certificate() -> bytes:
    """Return a PKCS#12 file of a certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _SIGNER)])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        _SIGNER.encode(), key, made, None,
        serialization.BestAvailableEncryption(_PASSPHRASE.encode()),
    )  # fmt: skip
