"""Reports with leaks planted at random, beside clean text that looks like leaks and is none."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass, replace

from mnemonic import Mnemonic

from tests.documents.samples import report
from vln_desktop.domain.findings import FindingKind, Severity
from vln_desktop.domain.leaks import LeakContext, LeakRule
from vln_desktop.domain.report_content import ReportContent, ReportEvidence, ReportFinding
from vln_desktop.domain.reports import SectionKind

NOTES = (
    "Honestly I think the team lead over there never ran these tests before asking us for a price",
    "We should charge more for this one, they have no idea how long the second pass will take us",
    "Tomasz says the oracle was copied from the fork that was hacked in spring, keep that to us",
    "I could not reproduce it on the second try, so let us hope nobody asks for the trace of it",
)
CLIENTS = ("Northwind Finance GmbH", "Blue Heron Labs", "Castellan DAO", "Ostara Systems AG",
           "Meridian Pay")  # fmt: skip
_TRAPS = (
    "The proxy at 0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D forwards every call.",
    "Commit `9fceb02d0ae598e95dc970b74767f19372d61af8` holds the audited code.",
    "The file's SHA-256 is e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.",
    "The salt 0x5fe7f977e71dba2ea1a68e21057beebb9be2ac30c6410aa38d4f3fbe41dcffd2 is public.",
    "High availability is a goal, and low latency another; two services share one queue.",
    "One of the high findings was fixed; three medium ones remain open after the review.",
    "Integration tests are meant to cover internal functions: their names begin with `_`.",
    "The standard SWC-107 and CWE-841 describe the fault; EIP-712 the remedy.",
    "```solidity\n// TODO: the client's own note, quoted as it stands\nuint256 x;\n```",
    "The function `todo()` of the client's task list is not reachable.",
    "A heron is a bird, a castellan a keeper; neither is meant by `Meridian`.",
    "Each depositor loses a share; the share price falls by 0.3 % in each round.",
    "Write to security@example.org or read https://docs.example.org/guide#setup first.",
    ("The keys `alice` and `bob` of the tests are derived from Anvil's phrase: "
     "test test test test test test test test test test test junk."),
    ("Private keys never leave the signer; the hash "
     "0x9c22ff5f21f0b81b113e63f7db6da94fedef11b2119b4088b89664fb9a3cb658 was checked instead."),
)  # fmt: skip
_ORDINARY = (
    "The function trusts its caller and moves the balance before it is checked.",
    "An attacker repeats the call until the vault is empty, at the cost of gas alone.",
    "Check the result of the transfer and revert where it is false.",
    "The price is read once and used after it may have changed.",
    "Nothing limits how often the owner may change the fee.",
)


@dataclass(frozen=True)
class Planted:
    """What was planted: the rule, and the finding's number or the section it stands in."""

    rule: LeakRule
    where: str


@dataclass
class Sample:
    """A report, what the guard is told beside it, and what was planted."""

    content: ReportContent
    beside: LeakContext
    planted: list[Planted]


def sample(chance: random.Random) -> Sample:
    """Return a report with none to five planted leaks."""
    content = clean_report(chance)
    made = Sample(content, LeakContext(clients=CLIENTS, notes={"x": NOTES}), [])
    plants: list[Callable[[Sample, random.Random], None]] = [
        _internal, _foreign, _secret, _evidence, _to_do, _no_proof, _scheme, _no_remediation,
        _count, _reference,
    ]  # fmt: skip
    for plant in chance.sample(plants, chance.randrange(6)):
        plant(made, chance)
    return made


def clean_report(chance: random.Random) -> ReportContent:
    content = report(chance.randrange(3, 9))
    findings = tuple(
        replace(
            finding,
            description=_prose(chance), impact=chance.choice(_ORDINARY), proof=_prose(chance),
            remediation=chance.choice(_ORDINARY), likelihood="", client_response="",
        )
        for finding in content.findings
    )  # fmt: skip
    content = replace(content, findings=findings)
    counts = content.severity_counts
    told = ", ".join(f"{count} {severity.value}" for severity, count in counts.items() if count)
    sections = tuple(
        replace(section, text=f"We report {told}.\n\n{_prose(chance)}")
        if section.kind is SectionKind.EXECUTIVE_SUMMARY
        else section
        for section in content.sections
    )
    return replace(content, sections=sections)


def _prose(chance: random.Random) -> str:
    parts = [chance.choice(_ORDINARY) for _ in range(chance.randrange(1, 5))]
    parts += [chance.choice(_TRAPS) for _ in range(chance.randrange(3))]
    chance.shuffle(parts)
    return "\n\n".join(parts)


def _put(made: Sample, chance: random.Random, text: str) -> str:
    """Put a sentence somewhere into the prose; return where."""
    content = made.content
    text = chance.choice([f"\n\n{text}\n\n", f" {text} ", f"\n\n- {text}\n"])
    if chance.random() < 0.3:
        at = next(n for n, s in enumerate(content.sections)
                  if s.kind is SectionKind.EXECUTIVE_SUMMARY)  # fmt: skip
        section = content.sections[at]
        changed = replace(section, text=_spliced(section.text, text, chance))
        made.content = replace(
            content, sections=(*content.sections[:at], changed, *content.sections[at + 1 :])
        )
        return section.kind.value
    emptied = {one.where for one in made.planted
               if one.rule in (LeakRule.NO_PROOF, LeakRule.NO_REMEDIATION)}  # fmt: skip
    at = chance.choice([n for n, one in enumerate(content.findings)
                        if one.number not in emptied])  # fmt: skip
    name = chance.choice(["description", "impact", "proof", "remediation"])
    finding = content.findings[at]
    _set(made, at, **{name: _spliced(getattr(finding, name), text, chance)})
    return finding.number


def _spliced(whole: str, text: str, chance: random.Random) -> str:
    """Put a text between two paragraphs: not into quoted code, where it would mean nothing."""
    parts = whole.split("\n\n")
    parts.insert(chance.randrange(len(parts) + 1), text.strip("\n"))
    return "\n\n".join(parts)


def _set(made: Sample, at: int, **changes: object) -> None:
    findings = made.content.findings
    changed = replace(findings[at], **changes)  # type: ignore[arg-type]
    made.content = replace(made.content, findings=(*findings[:at], changed, *findings[at + 1 :]))


def _plant(made: Sample, rule: LeakRule, where: str) -> None:
    made.planted.append(Planted(rule, where))


def _internal(made: Sample, chance: random.Random) -> None:
    whole = chance.choice(NOTES).split()
    start = chance.randrange(len(whole) - 10)
    copied = " ".join(whole[start : start + chance.randrange(10, len(whole) - start + 1)])
    said = chance.choice([
        copied, copied, copied.upper(),
        "Internal note: we did not look at the bridge.", "@tomasz please check this again.",
        "INTERNAL: ask the lead first.", "(do not share with the client yet)",
        "Interne Notiz: das ist noch nicht geklärt.", "Not for the client: the deadline slipped.",
    ])  # fmt: skip
    _plant(made, LeakRule.INTERNAL_NOTE, _put(made, chance, said))


def _foreign(made: Sample, chance: random.Random) -> None:
    name = chance.choice(CLIENTS)
    name = chance.choice([name, name.upper(), name.lower()])
    said = chance.choice(["The same fault stood in the code of {}.", "As in the audit of {}, …",
                          "See {}'s report.", "({})", "Compare “{}”."]).format(name)  # fmt: skip
    _plant(made, LeakRule.FOREIGN_CLIENT, _put(made, chance, said))


def _letters(chance: random.Random, signs: str, count: int) -> str:
    return "".join(chance.choice(signs) for _ in range(count))


def _secret(made: Sample, chance: random.Random) -> None:
    hexa = _letters(chance, "0123456789abcdef", 64)
    plain = string.ascii_letters + string.digits
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = base64.urlsafe_b64encode(json.dumps({"sub": _letters(chance, plain, 9)}).encode())
    token = f"{head.decode().rstrip('=')}.{body.decode().rstrip('=')}.{_letters(chance, plain, 43)}"
    strength = chance.choice([128, 160, 256])
    entropy = chance.getrandbits(strength).to_bytes(strength // 8, "big")
    phrase = Mnemonic("english").to_mnemonic(entropy)
    said = chance.choice([
        f"export PRIVATE_KEY=0x{hexa}", f"The deployer key is {hexa}.",
        f"cast send --private-key 0x{hexa} vault", f"vm.startBroadcast(0x{hexa});",
        f"privateKey: '{hexa}'", f"Our wallet's phrase: {phrase}", phrase,
        f"https://mainnet.infura.io/v3/{hexa[:32]}",
        f"wss://eth-mainnet.g.alchemy.com/v2/{_letters(chance, plain, 32)}",
        f"AKIA{_letters(chance, string.ascii_uppercase + string.digits, 16)}",
        f"ghp_{_letters(chance, plain, 36)}", f"Authorization: Bearer {token}",
        "-----BEGIN EC PRIVATE KEY-----", f"postgres://admin:{hexa[:20]}@db.client.net/prod",
        f"sk_live_{_letters(chance, plain, 24)}",
        f'password = "{_letters(chance, plain, 14)}"',
    ])  # fmt: skip
    if chance.random() < 0.4:
        said = f"\n```sh\n{said}\n```\n"
    _plant(made, LeakRule.SECRET, _put(made, chance, said))


def _evidence(made: Sample, chance: random.Random) -> None:
    at = chance.choice([n for n, one in enumerate(made.content.findings) if one.proof.strip()])
    sha256 = hashlib.sha256(str(chance.random()).encode()).hexdigest()
    _set(made, at, evidence=(ReportEvidence("screen.png", "image/png", sha256, "The admin page"),))
    made.beside = replace(made.beside, sensitive=frozenset({sha256}))
    _plant(made, LeakRule.UNBLURRED_EVIDENCE, made.content.findings[at].number)


def _to_do(made: Sample, chance: random.Random) -> None:
    said = chance.choice([
        "TODO: measure this again.", "TODO", "FIXME wording", "The loss is TBD.", "XXX",
        "Lorem ipsum dolor sit amet, consectetur.", "[insert the address here]",
        "[INSERT DIAGRAM]", "The owner is ???.", "To do: TBC with the team.",
        "[Text einfügen]", "- [ ] TODO write the impact",
    ])  # fmt: skip
    _plant(made, LeakRule.TO_DO, _put(made, chance, said))


def _serious(made: Sample, chance: random.Random) -> int:
    """Return the place of a finding that is critical or high, made so if need be."""
    at = chance.randrange(len(made.content.findings))
    finding = made.content.findings[at]
    if finding.severity not in (Severity.CRITICAL, Severity.HIGH):
        at = next(n for n, one in enumerate(made.content.findings)
                  if one.severity in (Severity.CRITICAL, Severity.HIGH))  # fmt: skip
    return at


def _no_proof(made: Sample, chance: random.Random) -> None:
    at = _serious(made, chance)
    if any(one.where == made.content.findings[at].number for one in made.planted):
        return  # what was planted there would go with the proof
    _set(made, at, proof=chance.choice(["", "  ", "\n"]), evidence=())
    _plant(made, LeakRule.NO_PROOF, made.content.findings[at].number)


def _scheme(made: Sample, chance: random.Random) -> None:
    at = chance.randrange(len(made.content.findings))
    finding = made.content.findings[at]
    other = chance.choice([one for one in Severity if one is not finding.severity])
    proposed = {one.number: one.severity for one in made.content.findings}
    made.beside = replace(made.beside, proposed=proposed | {finding.number: other})
    _plant(made, LeakRule.SEVERITY_SCHEME, finding.number)


def _no_remediation(made: Sample, chance: random.Random) -> None:
    taken = {one.where for one in made.planted}
    places = [n for n, one in enumerate(made.content.findings)
              if _is_weakness(one) and one.number not in taken]  # fmt: skip
    if not places:
        return
    at = chance.choice(places)
    _set(made, at, remediation=chance.choice(["", " ", "\n\n"]))
    _plant(made, LeakRule.NO_REMEDIATION, made.content.findings[at].number)


def _is_weakness(finding: ReportFinding) -> bool:
    return (
        finding.kind is FindingKind.VULNERABILITY and finding.severity is not Severity.INFORMATIONAL
    )


def _count(made: Sample, chance: random.Random) -> None:
    severity = chance.choice([Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW])
    right = made.content.severity_counts[severity]
    wrong = chance.choice([n for n in range(2, 9) if n != right])
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight")
    german = {Severity.CRITICAL: "kritische", Severity.HIGH: "hohe", Severity.MEDIUM: "mittlere",
              Severity.LOW: "niedrige"}  # fmt: skip
    said = chance.choice([
        f"We found {wrong} {severity.value} findings.",
        f"There are {words[wrong]} {severity.value}-severity issues in the code.",
        f"{words[wrong].capitalize()} {severity.value} vulnerabilities were reported.",
        f"In all, {wrong} {severity.value} weaknesses stand below.",
        f"Der Bericht nennt {wrong} {german[severity]} Befunde.",
        f"The result: {wrong} {severity.value}, and some remarks.",
    ])  # fmt: skip
    _plant(made, LeakRule.CONTRADICTING_COUNT, _put(made, chance, said))


def _reference(made: Sample, chance: random.Random) -> None:
    said = chance.choice([
        f"See C-{chance.randrange(60, 99)}.", f"as in H-{chance.randrange(60, 99)} above",
        f"{made.content.audit_number}-F{chance.randrange(500, 900)} tells more.",
        "[the chapter](#missing)", "![the flow](flow-of-funds.png)", "It was known before[^lost].",
        f"(cf. M-{chance.randrange(60, 99)})",
    ])  # fmt: skip
    _plant(made, LeakRule.DEAD_REFERENCE, _put(made, chance, said))
