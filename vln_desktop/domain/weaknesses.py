"""The entries of CWE (MITRE) and SWC that findings point to: ids and names are facts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weakness:
    """An entry of a public catalogue; an SWC entry names the CWE it is a case of."""

    id: str
    catalogue: str
    name: str
    cwe: str


_CWE = {
    20: "Improper Input Validation",
    190: "Integer Overflow or Wraparound",
    200: "Exposure of Sensitive Information to an Unauthorized Actor",
    208: "Observable Timing Discrepancy",
    209: "Generation of Error Message Containing Sensitive Information",
    252: "Unchecked Return Value",
    269: "Improper Privilege Management",
    284: "Improper Access Control",
    287: "Improper Authentication",
    290: "Authentication Bypass by Spoofing",
    294: "Authentication Bypass by Capture-replay",
    306: "Missing Authentication for Critical Function",
    307: "Improper Restriction of Excessive Authentication Attempts",
    311: "Missing Encryption of Sensitive Data",
    330: "Use of Insufficiently Random Values",
    338: "Use of Cryptographically Weak Pseudo-Random Number Generator (PRNG)",
    345: "Insufficient Verification of Data Authenticity",
    347: "Improper Verification of Cryptographic Signature",
    362: "Concurrent Execution using Shared Resource with Improper Synchronization "
    "('Race Condition')",
    367: "Time-of-check Time-of-use (TOCTOU) Race Condition",
    400: "Uncontrolled Resource Consumption",
    451: "User Interface (UI) Misrepresentation of Critical Information",
    477: "Use of Obsolete Function",
    532: "Insertion of Sensitive Information into Log File",
    602: "Client-Side Enforcement of Server-Side Security",
    613: "Insufficient Session Expiration",
    639: "Authorization Bypass Through User-Controlled Key",
    664: "Improper Control of a Resource Through its Lifetime",
    665: "Improper Initialization",
    670: "Always-Incorrect Control Flow Implementation",
    681: "Incorrect Conversion between Numeric Types",
    682: "Incorrect Calculation",
    691: "Insufficient Control Flow Management",
    693: "Protection Mechanism Failure",
    696: "Incorrect Behavior Order",
    703: "Improper Check or Handling of Exceptional Conditions",
    710: "Improper Adherence to Coding Standards",
    754: "Improper Check for Unusual or Exceptional Conditions",
    770: "Allocation of Resources Without Limits or Throttling",
    778: "Insufficient Logging",
    787: "Out-of-bounds Write",
    798: "Use of Hard-coded Credentials",
    829: "Inclusion of Functionality from Untrusted Control Sphere",
    837: "Improper Enforcement of a Single, Unique Action",
    841: "Improper Enforcement of Behavioral Workflow",
    862: "Missing Authorization",
    863: "Incorrect Authorization",
    915: "Improperly Controlled Modification of Dynamically-Determined Object Attributes",
    918: "Server-Side Request Forgery (SSRF)",
    1068: "Inconsistency Between Implementation and Documented Design",
    1076: "Insufficient Adherence to Expected Conventions",
    1104: "Use of Unmaintained Third Party Components",
    1164: "Irrelevant Code",
    1188: "Initialization of a Resource with an Insecure Default",
    1241: "Use of Predictable Algorithm in Random Number Generator",
}
_SWC = {
    100: ("Function Default Visibility", 710),
    101: ("Integer Overflow and Underflow", 682),
    102: ("Outdated Compiler Version", 1104),
    103: ("Floating Pragma", 664),
    104: ("Unchecked Call Return Value", 252),
    105: ("Unprotected Ether Withdrawal", 284),
    107: ("Reentrancy", 841),
    112: ("Delegatecall to Untrusted Callee", 829),
    113: ("DoS with Failed Call", 703),
    114: ("Transaction Order Dependence", 362),
    115: ("Authorization through tx.origin", 477),
    116: ("Block values as a proxy for time", 829),
    117: ("Signature Malleability", 347),
    118: ("Incorrect Constructor Name", 665),
    119: ("Shadowing State Variables", 710),
    120: ("Weak Sources of Randomness from Chain Attributes", 330),
    121: ("Missing Protection against Signature Replay Attacks", 347),
    122: ("Lack of Proper Signature Verification", 345),
    124: ("Write to Arbitrary Storage Location", 787),
    126: ("Insufficient Gas Griefing", 691),
    128: ("DoS With Block Gas Limit", 400),
    131: ("Presence of unused variables", 1164),
    134: ("Message call with hardcoded gas amount", 665),
    135: ("Code With No Effects", 710),
}


def weaknesses() -> tuple[Weakness, ...]:
    """Return the catalogue, CWE first: an SWC entry names its CWE."""
    cwe = (Weakness(f"CWE-{number}", "cwe", name, "") for number, name in _CWE.items())
    swc = (
        Weakness(f"SWC-{number}", "swc", name, f"CWE-{parent}")
        for number, (name, parent) in _SWC.items()
    )
    return (*cwe, *swc)
