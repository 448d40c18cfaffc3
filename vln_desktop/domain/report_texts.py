"""The Markdown that a report carries of its own, by language: standard chapters, responses."""

from __future__ import annotations

from collections.abc import Sequence

from vln_desktop.domain.responses import Party, Response

_METHODOLOGY = {
    "en": """\
The code in scope was read line by line, first by each reviewer alone, then together. Reading was
supported by static analysis, by property and fuzz tests of the stated invariants, and by tests
that carry out each suspected attack. A finding is reported once it was reproduced or proven on
paper.

The review looks for loss or freezing of funds, wrong accounting, missing or bypassed access
control, unsafe calls and callbacks, manipulation of prices and randomness, denial of service, and
departures from the documentation.

Severity follows from the impact of a fault and the likelihood that it is used:

| Impact | Likelihood high | Likelihood medium | Likelihood low |
|---|---|---|---|
| **High** | Critical | High | Medium |
| **Medium** | High | Medium | Low |
| **Low** | Medium | Low | Informational |

Impact is *high* where funds or control of the system can be lost, *medium* where a part of the
system fails or a limited sum is at risk, *low* elsewhere. Likelihood is *high* where anybody can
use the fault at a profit, *medium* where conditions must be met, *low* where they are rare or
costly.
""",
    "de": """\
Der Quelltext wurde Zeile für Zeile gelesen, zuerst von jeder prüfenden Person allein, dann
gemeinsam. Statische Analyse, Eigenschafts- und Fuzz-Tests der angegebenen Invarianten und Tests,
die jeden vermuteten Angriff ausführen, unterstützten das Lesen. Ein Befund wird berichtet, sobald
er nachgestellt oder schriftlich bewiesen ist.

Gesucht wird nach Verlust oder Sperrung von Vermögen, falscher Buchführung, fehlender oder
umgehbarer Zugriffskontrolle, unsicheren Aufrufen und Rückrufen, Manipulation von Preisen und
Zufall, Dienstverweigerung und Abweichungen von der Dokumentation.

Die Schwere folgt aus der Auswirkung eines Fehlers und der Wahrscheinlichkeit, dass er ausgenutzt
wird:

| Auswirkung | Wahrscheinlichkeit hoch | Wahrscheinlichkeit mittel | Wahrscheinlichkeit niedrig |
|---|---|---|---|
| **Hoch** | Kritisch | Hoch | Mittel |
| **Mittel** | Hoch | Mittel | Niedrig |
| **Niedrig** | Mittel | Niedrig | Hinweis |

Die Auswirkung ist *hoch*, wenn Vermögen oder die Kontrolle über das System verloren gehen können,
*mittel*, wenn ein Teil des Systems ausfällt oder ein begrenzter Betrag gefährdet ist, sonst
*niedrig*. Die Wahrscheinlichkeit ist *hoch*, wenn jeder den Fehler mit Gewinn ausnutzen kann,
*mittel*, wenn Bedingungen erfüllt sein müssen, *niedrig*, wenn diese selten oder kostspielig
sind.
""",
}
_DISCLAIMER = {
    "en": """\
This report describes the code at the commits named under Scope, within the time agreed, and
nothing else. A review finds faults; it cannot prove that there are none. Changes after those
commits, code out of scope, compilers, networks, keys and the conduct of operators were not
reviewed. The report is no investment advice and no recommendation of a project, and does not
replace the client's own tests, monitoring and further reviews.
""",
    "de": """\
Dieser Bericht beschreibt den Quelltext in den unter Prüfgegenstand genannten Ständen, im
vereinbarten zeitlichen Rahmen, und nichts anderes. Eine Prüfung findet Fehler; sie kann nicht
beweisen, dass es keine gibt. Spätere Änderungen, nicht einbezogener Quelltext, Compiler,
Netzwerke, Schlüssel und das Verhalten der Betreiber wurden nicht geprüft. Der Bericht ist weder
Anlageberatung noch Empfehlung eines Projekts und ersetzt nicht eigene Tests, Überwachung und
weitere Prüfungen des Auftraggebers.
""",
}

_CLIENT = {"en": "Client", "de": "Auftraggeber"}
_FIXED_IN = {"en": "Fixed in commit `{commit}`.", "de": "Behoben in Commit `{commit}`."}


def standard_methodology(language: str) -> str:
    """Return the firm's way of working; English for a language it is not written in."""
    return _METHODOLOGY.get(language, _METHODOLOGY["en"])


def standard_disclaimer(language: str) -> str:
    """Return what a report does not promise; English for a language it is not written in."""
    return _DISCLAIMER.get(language, _DISCLAIMER["en"])


def response_text(responses: Sequence[Response], language: str) -> str:
    """Return what client and firm answered to a finding, in order, each with who says it.

    English for a language that is not known here.
    """
    client = _CLIENT.get(language, _CLIENT["en"])
    fixed_in = _FIXED_IN.get(language, _FIXED_IN["en"])
    parts: list[str] = []
    for one in responses:
        who = client if one.party is Party.CLIENT else "VLN"
        parts.append(f"**{who}:** {one.text.strip()}")
        if one.fix_commit:
            parts.append(fixed_in.format(commit=one.fix_commit))
    return "\n\n".join(parts)
