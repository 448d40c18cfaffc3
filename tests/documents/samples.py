"""Contents and papers of many shapes for the tests of documents; deterministic, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    Severity,
    Verdict,
)
from vln_desktop.domain.invoice_papers import (
    AccountKind,
    InvoicePaper,
    PaperPayment,
    Party,
    PaymentAccount,
)
from vln_desktop.domain.invoices import InvoiceKind, LineDraft, TaxCategory
from vln_desktop.domain.money import Money
from vln_desktop.domain.report_content import (
    ReportContent,
    ReportFinding,
    ReportLocation,
    ReportRepository,
    ReportRevision,
    ReportScheme,
    ReportSection,
    ScopeFile,
    TeamMember,
    for_kind,
)
from vln_desktop.domain.report_templates import standard_sections
from vln_desktop.domain.reports import (
    ReportKind,
    ReportStatus,
    SectionKind,
    next_labels,
)
from vln_desktop.domain.severity_schemes import STANDARD_SCHEMES

DESCRIPTION = """\
The function `withdraw` sends ether to the caller **before** it lowers the caller's balance. A
contract that calls `withdraw` again from its `receive` function takes the same balance many times,
until the vault is empty. The guard of [OpenZeppelin](https://docs.openzeppelin.com) is imported but
not applied to this function.

The order of effects is the cause:

1. the balance is read,
2. the ether leaves the vault and control passes to the caller,
3. only then is the balance set to zero.

| step | vault | attacker | balance on the books |
|------|-------|----------|----------------------|
| before | 100 ETH | 1 ETH | 1 ETH |
| first call | 99 ETH | 2 ETH | 1 ETH |
| n-th call | 100 − n ETH | n + 1 ETH | 1 ETH |

> Checks, effects, interactions: the rule is as old as the language, and still the first thing that
> a reviewer should look for.
"""
PROOF = """\
```solidity
// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

contract Drain {
    Vault private immutable vault;

    constructor(Vault target) payable {
        vault = target;
        vault.deposit{value: 1 ether}();
    }

    function run() external {
        vault.withdraw(1 ether); // the books still say one ether when the next call reads them
    }

    receive() external payable {
        if (address(vault).balance >= 1 ether) {
            vault.withdraw(1 ether);
        }
    }
}
```

Run it with `forge test --match-test testDrain -vvv`.
"""
REMEDIATION = """\
- Lower the balance before the call.
- Apply `nonReentrant` to every function that sends ether.
- Add an *invariant test*: the sum of balances never exceeds the vault's ether.

```diff
-        (bool sent, ) = msg.sender.call{value: amount}("");
         balances[msg.sender] -= amount;
+        (bool sent, ) = msg.sender.call{value: amount}("");
```
"""
SUMMARY = """\
Acme Labs asked VLN to review the Vault protocol, a set of contracts that lend against deposits. Two
reviewers worked on the code for three weeks. The design is sound and the tests are thorough; the
faults found lie **where value leaves the system**.

### What matters most
- Anyone can empty the vault through a *reentrant* withdrawal (C-01).
- The price feed accepts a stale answer, which lets positions be liquidated unfairly.

All critical and high findings were fixed at the commit named in the scope, and the fixes were seen.
"""
METHODOLOGY = """\
The code was read line by line by two people independently, then together. Static analysis (Slither,
Aderyn) and property tests (Foundry invariants) supported the reading. Severity follows impact and
likelihood:

| impact \\ likelihood | high | medium | low |
|---|---|---|---|
| **high** | Critical | High | Medium |
| **medium** | High | Medium | Low |
| **low** | Medium | Low | Informational |
"""
DISCLAIMER = """\
A review finds faults, it cannot prove that there are none. The report speaks of the code at the
commit named and of nothing else; it is no investment advice.
"""
TITLES = (
    "Reentrant withdrawal empties the vault",
    "Price feed accepts a stale answer",
    "Anyone may initialise the implementation contract behind the proxy",
    "Rounding in favour of the borrower leaks one wei for each repayment and opens a griefing path",
    "Unchecked return value of transferFrom",
    "Owner can pause withdrawals without limit of time",
    "Missing events on changes of roles",
)
_SEVERITIES = (
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.LOW,
    Severity.INFORMATIONAL,
)


def _finding(at: int, count: int) -> ReportFinding:
    kind = at * len(_SEVERITIES) // count if count > 1 else 0
    severity = _SEVERITIES[kind]
    number = "" if at < len(TITLES) else f" (case {at})"
    return ReportFinding(
        label="",
        number=f"ACME-7-F{at + 1:02d}",
        title=TITLES[at % len(TITLES)] + number,
        severity=severity,
        status=(FindingStatus.OPEN, FindingStatus.REMEDIATED)[at % 2],
        category=(Category.REENTRANCY, Category.LOGIC_ERROR, Category.ACCESS_CONTROL)[at % 3],
        weaknesses=("CWE-841: Improper Enforcement of Behavioral Workflow", "SWC-107"),
        locations=(
            ReportLocation("src/vault/Vault.sol", 118, 131, "withdraw(uint256)"),
            ReportLocation("src/vault/VaultRouter.sol", 64),
        ),
        description=DESCRIPTION if at % 3 != 2 else DESCRIPTION.partition("\n\n")[0],
        impact="All ether of all depositors can be taken in **one transaction**.",
        likelihood="High: no preconditions, no capital needed." if at % 2 == 0 else "",
        proof=PROOF if at % 3 != 2 else "",
        remediation=REMEDIATION if at % 2 == 0 else REMEDIATION.partition("\n\n")[0],
        client_position=ClientPosition.WILL_FIX if at % 2 else ClientPosition.NONE,
        client_response="Fixed as recommended." if at % 2 else "",
        fix_verdict=Verdict.FIXED if at % 2 else Verdict.NONE,
        fix_commit="9f2c41d" if at % 2 else "",
        cvss_vector="" if at % 3 else "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H",
        cvss_score="" if at % 3 else "9.1",
        references=()
        if at % 3
        else (
            Reference("https://swcregistry.io/docs/SWC-107", "SWC-107"),
            Reference("https://docs.soliditylang.org/en/latest/security-considerations.html"),
        ),
    )


def report(count: int = 14, **changes: object) -> ReportContent:
    """Return a report of a number of findings, worst first, with fields changed as asked."""
    found = [_finding(at, count) for at in range(count)]
    labels = next_labels((f.kind, f.severity) for f in found)
    content = ReportContent(
        client="Acme Labs Ltd",
        audit_number="ACME-7",
        project="Vault Protocol",
        service_type=ServiceType.SMART_CONTRACT_AUDIT,
        kind=ReportKind.FINAL,
        status=ReportStatus.PUBLISHED,
        version="1.0",
        dated=date(2026, 3, 24),
        period_from=date(2026, 3, 2),
        period_to=date(2026, 3, 20),
        repositories=(
            ReportRepository(
                "https://github.com/acme-labs/vault",
                sha256(b"audited").hexdigest()[:40],
                "main",
                sha256(b"fixed").hexdigest()[:40],
            ),
        ),
        scope=tuple(
            ScopeFile(f"src/vault/{name}.sol", sha256(name.encode()).hexdigest(), 40 + 13 * at)
            for at, name in enumerate(("Vault", "VaultRouter", "Oracle", "Roles", "Rewards"))
        ),
        team=(TeamMember("Mara Lindqvist", "Lead auditor"), TeamMember("Ivo Brandt", "Auditor")),
        sections=sections(),
        findings=tuple(replace(f, label=n) for f, n in zip(found, labels, strict=True)),
        distribution="Confidential: Acme Labs Ltd and VLN only",
    )
    return replace(content, **changes)  # type: ignore[arg-type]


def sections(
    summary: str = SUMMARY, methodology: str = METHODOLOGY, disclaimer: str = DISCLAIMER
) -> tuple[ReportSection, ...]:
    """Return the usual sections with these texts."""
    texts = {
        SectionKind.EXECUTIVE_SUMMARY: summary,
        SectionKind.METHODOLOGY: methodology,
        SectionKind.DISCLAIMER: disclaimer,
    }
    standard = standard_sections(ReportKind.FINAL, ServiceType.SMART_CONTRACT_AUDIT, "en")
    return tuple(
        replace(section, text=texts.get(section.kind, section.text)) for section in standard
    )


def report_of(
    kind: ReportKind,
    language: str = "en",
    count: int = 7,
    service: ServiceType = ServiceType.SMART_CONTRACT_AUDIT,
    **changes: object,
) -> ReportContent:
    """Return a report of a kind as it is assembled: standing texts, scheme, document control."""
    own = {SectionKind.EXECUTIVE_SUMMARY: "" if kind is ReportKind.ATTESTATION else SUMMARY}
    content = replace(
        report(count),
        kind=kind,
        language=language,
        service_type=service,
        sections=tuple(
            replace(one, text=own.get(one.kind, one.text))
            for one in standard_sections(kind, service, language)
        ),
        title="Vault Protocol: audit of the lending core",
        author="Mara Lindqvist",
        approver="Dr. Jana Okonkwo",
        version="2.0",
        distribution="restricted",
        embargo_until=date(2026, 6, 30),
        scheme=ReportScheme.of(STANDARD_SCHEMES[0]),
        revisions=(
            ReportRevision("0.9", date(2026, 3, 2), ReportKind.PRELIMINARY, "ab" * 32),
            ReportRevision("1.0", date(2026, 3, 24), ReportKind.FINAL, "cd" * 32),
        ),
    )
    seen = tuple(
        replace(one, verified_by="Ivo Brandt") if one.fix_verdict is Verdict.FIXED else one
        for one in content.findings
    )
    return for_kind(replace(content, findings=seen, **changes))  # type: ignore[arg-type]


def gas_finding() -> ReportFinding:
    """Return a finding that is no vulnerability."""
    return ReportFinding(
        "G-01", "ACME-7-F99", "Cache the length", Severity.INFORMATIONAL, kind=FindingKind.GAS
    )


SELLER = Party(
    name="VLN Research GmbH",
    address=("Torstraße 140", "10119 Berlin", "Germany"),
    registrations=(("VAT ID", "DE318642751"), ("Amtsgericht Charlottenburg", "HRB 204711 B")),
    email="info@vln.gg",
    website="vln.gg",
)
BUYER = Party(
    name="Acme Labs Ltd",
    address=("Attn: Accounts Payable", "1 Finsbury Avenue", "London EC2M 2PF", "United Kingdom"),
    registrations=(("VAT ID", "GB123456789"),),
    contact="Jane Smith",
    email="ap@acme.example",
)
IBAN = PaymentAccount(
    AccountKind.IBAN,
    "DE89 3704 0044 0532 0130 00",
    holder="VLN Research GmbH",
    bank="Commerzbank, Berlin",
    bic="COBADEFFXXX",
)
CRYPTO = PaymentAccount(
    AccountKind.CRYPTO,
    "0x52908400098527886E0F7030069857D2E4169EE7",
    network="Ethereum (chain 1)",
    asset="USDC",
)


def invoice(count: int = 3, **changes: object) -> InvoicePaper:
    """Return an issued invoice of a number of lines, with fields changed as asked."""
    lines = tuple(
        LineDraft(
            (
                "Smart contract audit, Vault Protocol: review by two auditors",
                "Fix review of the findings C-01 to M-03",
                "Travel expenses",
            )[at % 3]
            + (f", item {at + 1}" if count > 3 else ""),
            quantity=(Decimal(15), Decimal("12.5"), Decimal(1))[at % 3],
            unit_price=(Decimal(1850), Decimal("210.5"), Decimal("384.2"))[at % 3],
            unit=("DAY", "HUR", "C62")[at % 3],
            discount_percent=(Decimal(5), Decimal(0), Decimal(0))[at % 3],
            tax_percent=(Decimal(19), Decimal(19), Decimal(7))[at % 3],
        )
        for at in range(count)
    )
    paper = InvoicePaper(
        kind=InvoiceKind.STANDARD,
        number="VLN-2026-0042",
        currency="EUR",
        seller=SELLER,
        buyer=BUYER,
        lines=lines,
        issued_on=date(2026, 3, 31),
        due_on=date(2026, 4, 30),
        supply_from=date(2026, 3, 2),
        supply_to=date(2026, 3, 20),
        buyer_reference="PO-DEPT-7",
        purchase_order="4500017341",
        audit_number="ACME-7",
        project="Vault Protocol",
        payments=(
            PaperPayment(
                date(2026, 3, 5), "Deposit", "VLN-2026-0031", Money(Decimal("10000.00"), "EUR")
            ),
        ),
        accounts=(IBAN, CRYPTO),
        terms="Payable within 30 days without deduction.",
        notes="Thank you for your trust.",
        small_print="Managing directors: A. Lindqvist, I. Brandt",
    )
    return replace(paper, **changes)  # type: ignore[arg-type]


def credit_note() -> InvoicePaper:
    """Return a credit note under reverse charge."""
    line = LineDraft(
        "Fix review, cancelled",
        Decimal("12.5"),
        Decimal("210.5"),
        "HUR",
        tax_category=TaxCategory.REVERSE_CHARGE,
        exemption_reason="Reverse charge: tax is due by the recipient.",
    )
    return invoice(
        1,
        kind=InvoiceKind.CREDIT,
        number="VLN-C-2026-0003",
        lines=(line,),
        credited_invoice="VLN-2026-0042",
        payments=(),
        accounts=(),
        due_on=None,
        notes="",
    )
