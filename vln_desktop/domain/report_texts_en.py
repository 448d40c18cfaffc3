"""The standard texts of reports in English: by service type, for all, and added by kind."""

from __future__ import annotations

from collections.abc import Mapping

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.reports import ReportKind, SectionKind

BY_SERVICE: Mapping[SectionKind, Mapping[ServiceType, str]] = {
    SectionKind.SCOPE: {
        ServiceType.SMART_CONTRACT_AUDIT: """\
The review covers the source files listed below at the commits named, and the deployed contracts
where any are listed. Dependencies were read as far as the code in scope relies on them; they were
not reviewed themselves.""",
        ServiceType.PLATFORM_SECURITY_AUDIT: """\
The review covers the applications, services and configurations of the platform that were agreed
with the client, as they stood in the period of the audit. Services of third parties were considered
where the platform relies on them; they were not tested themselves.""",
        ServiceType.RNG_ANALYSIS: """\
The analysis covers the random number generator agreed with the client: its sources of entropy, its
seeding and reseeding, the algorithm, the mapping of its output to outcomes, and how an outcome can
be verified. What uses the outcomes was considered only where it can influence them.""",
        ServiceType.WALLET_FLOW_RISK_ASSESSMENT: """\
The assessment covers the flows of value agreed with the client: the wallets and accounts involved,
who may move funds and with whose approval, how keys are kept, and what happens between a request
and its settlement.""",
        ServiceType.API_SECURITY_REVIEW: """\
The review covers the interfaces agreed with the client, in the environment that was provided: their
endpoints, authentication and authorisation, the handling of input and of errors, and their limits
of use.""",
        ServiceType.CUSTOM_ASSESSMENT: """\
The assessment covers the subject agreed with the client, and nothing beyond it.""",
    },
    SectionKind.METHODOLOGY: {
        ServiceType.SMART_CONTRACT_AUDIT: """\
The code in scope was read line by line, first by each reviewer alone, then together. Reading was
supported by static analysis, by property and fuzz tests of the stated invariants, and by tests that
carry out each suspected attack.

The review looks for loss or freezing of funds, wrong accounting, missing or bypassed access
control, unsafe calls and callbacks, manipulation of prices and randomness, denial of service, and
departures from the documentation.""",
        ServiceType.PLATFORM_SECURITY_AUDIT: """\
The review began with a model of the platform: its assets, its users and roles, the boundaries of
trust and the ways across them. Source code and configuration were then read along these boundaries,
and the running platform was tested by hand along the Application Security Verification Standard
(ASVS) of OWASP, supported by scanners whose every result was checked by a person.

The review looks for broken authentication and authorisation, injection, exposure of data and
secrets, unsafe handling of sessions and files, weak cryptography, misconfiguration, vulnerable
dependencies, and errors in the logic of business.""",
        ServiceType.RNG_ANALYSIS: """\
The design was reviewed first: where entropy comes from, who can observe or influence it, and
whether past or future output can be predicted from what is known. The implementation was then read
line by line against the design, and its output was examined with statistical test suites.

The review looks for predictable or insufficient seeds, reuse and leakage of state, bias in the
mapping to outcomes, ways to withhold, replay or choose a result, and outcomes that cannot be
verified afterwards. Statistical tests can reveal a fault; passing them does not prove that output
is unpredictable.""",
        ServiceType.WALLET_FLOW_RISK_ASSESSMENT: """\
Each flow was traced from its initiation to its settlement, from documents, configurations,
interviews and transactions. For each step it was asked who can start, approve, change or stop it,
what it relies on, and what is lost if a person, a key or a system involved fails or is dishonest.

The assessment looks for single points of control, approvals that can be bypassed, weak custody and
recovery of keys, substituted addresses and amounts, missing limits and monitoring, and faults that
stay unnoticed until funds are gone.""",
        ServiceType.API_SECURITY_REVIEW: """\
The interfaces were taken stock of from their specification, from source code where it was given,
and from traffic. Every endpoint was then tested by hand, with accounts of each role and without
one, supported by automated tests of malformed and unexpected input. The tests cover the API
Security Top 10 of OWASP.

The review looks for access to other users' objects and functions, weak authentication and handling
of tokens, injection, excessive exposure of data, missing limits of rate and size, unsafe use of
other interfaces, and errors that tell too much.""",
        ServiceType.CUSTOM_ASSESSMENT: """\
The procedure was agreed with the client before the work began. The subject was examined by each
reviewer alone, then together; tools supported the examination, and every result of theirs was
checked by a person.""",
    },
    SectionKind.LIMITATIONS: {
        ServiceType.SMART_CONTRACT_AUDIT: """\
Only the listed files at the named commits were reviewed. Not reviewed were compilers and virtual
machines, the networks the contracts run on, code of others that they call, off-chain components,
the custody of administrative keys, and the economic soundness of the design beyond what the
findings name. That deployed code equals the reviewed code was verified only where it is said.""",
        ServiceType.PLATFORM_SECURITY_AUDIT: """\
The platform was tested in the environment and with the accounts that the client provided, within
the hours agreed. Denial of service by mere load, social engineering, physical access and the
devices of staff were not tested, unless a finding says otherwise. A platform changes with every
release; the results hold for those that were tested.""",
        ServiceType.RNG_ANALYSIS: """\
The results hold for the implementation and configuration examined, and for the samples of output
that were provided. Hardware sources of entropy, operating systems and libraries of cryptography
were taken to work as documented. The fairness of a game or a service as a whole, its operation and
its conformity with rules of gambling or licensing were not assessed.""",
        ServiceType.WALLET_FLOW_RISK_ASSESSMENT: """\
The assessment rests on the documents, configurations and statements provided, and on transactions
that are publicly visible. Statements could be checked only in part. The implementation of wallets,
signing devices and contracts, the solvency of those involved, and questions of law, tax and
sanctions were not assessed.""",
        ServiceType.API_SECURITY_REVIEW: """\
The interfaces were tested in the environment and with the accounts that the client provided.
Endpoints that were neither documented nor found, the systems behind the interfaces, client
applications, and denial of service by mere load were not tested. The results hold for the version
that was tested.""",
        ServiceType.CUSTOM_ASSESSMENT: """\
The results hold for the subject as it was provided, at the time of the assessment and within the
time agreed. What was not provided, and what the agreed procedure leaves out, was not assessed.""",
    },
}

FOR_ALL: Mapping[SectionKind, str] = {
    SectionKind.METHODOLOGY: """\
A finding is reported once it was reproduced, or its cause proven on paper.""",
    SectionKind.DISCLAIMER: """\
This report describes what is named under Scope, in the state and period named, as far as the time
agreed allowed, and nothing else. A review finds faults; it cannot prove that there are none. Later
changes were not reviewed.

The report was made for the client. It is no investment advice, no recommendation of a project or
product and no warranty, and does not replace the client's own tests, monitoring and further
reviews. Who relies on it without an agreement with VLN does so at their own risk.""",
}
"""What every service type adds to its own text, or has alone."""

BY_KIND: Mapping[ReportKind, Mapping[SectionKind, str]] = {
    ReportKind.PRELIMINARY: {
        SectionKind.LIMITATIONS: """\
This report is preliminary. Until the final report findings may be added, graded otherwise or
withdrawn, and the client's responses are still to come.""",
    },
    ReportKind.FIX_REVIEW: {
        SectionKind.SCOPE: """\
The fix review looks at the findings reported before and at what was changed to resolve them. Other
changes made since the first review are not part of it.""",
        SectionKind.METHODOLOGY: """\
For the fix review each finding was looked at again in the state named beside its verdict: whether
the cause is gone, whether the attack that was shown still succeeds, and whether the change brings a
new fault. Verdicts on critical and high findings were confirmed by a second person.""",
    },
    ReportKind.PUBLIC_SUMMARY: {
        SectionKind.LIMITATIONS: """\
This summary is a shortened form of the report made for the client. Proofs of concept, evidence and
other details that could help an attacker are left out; severities and counts are the same.""",
    },
}
"""What a kind of report adds to the text of a section."""

ATTESTATION = """\
This letter confirms that the review took place and what it found. It holds for the state named
above and is no certificate, warranty or recommendation: a review finds faults, it cannot prove that
there are none, and later changes were not reviewed. Where this letter and the report differ, the
report decides."""
"""The limitations of an attestation letter, which has no other standard text."""
