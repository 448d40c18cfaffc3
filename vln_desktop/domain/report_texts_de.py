"""The standard texts of reports in German: by service type, for all, and added by kind."""

from __future__ import annotations

from collections.abc import Mapping

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.reports import ReportKind, SectionKind

BY_SERVICE: Mapping[SectionKind, Mapping[ServiceType, str]] = {
    SectionKind.SCOPE: {
        ServiceType.SMART_CONTRACT_AUDIT: """\
Geprüft wurden die unten aufgeführten Quelldateien in den genannten Ständen sowie, soweit
aufgeführt, die eingesetzten Verträge. Abhängigkeiten wurden gelesen, soweit sich der geprüfte
Quelltext auf sie stützt; selbst geprüft wurden sie nicht.""",
        ServiceType.PLATFORM_SECURITY_AUDIT: """\
Geprüft wurden die mit dem Auftraggeber vereinbarten Anwendungen, Dienste und Konfigurationen der
Plattform, wie sie im Zeitraum der Prüfung bestanden. Dienste Dritter wurden berücksichtigt, soweit
sich die Plattform auf sie stützt; selbst getestet wurden sie nicht.""",
        ServiceType.RNG_ANALYSIS: """\
Untersucht wurde der mit dem Auftraggeber vereinbarte Zufallsgenerator: seine Entropiequellen, die
Initialisierung und ihre Erneuerung, der Algorithmus, die Abbildung der Ausgabe auf Ergebnisse und
die Nachprüfbarkeit eines Ergebnisses. Was die Ergebnisse verwendet, wurde nur insoweit betrachtet,
als es sie beeinflussen kann.""",
        ServiceType.WALLET_FLOW_RISK_ASSESSMENT: """\
Bewertet wurden die mit dem Auftraggeber vereinbarten Zahlungswege: die beteiligten Wallets und
Konten, wer Werte mit wessen Freigabe bewegen darf, wie Schlüssel verwahrt werden und was zwischen
Auftrag und Ausführung geschieht.""",
        ServiceType.API_SECURITY_REVIEW: """\
Geprüft wurden die mit dem Auftraggeber vereinbarten Schnittstellen in der bereitgestellten
Umgebung: ihre Endpunkte, Authentifizierung und Autorisierung, der Umgang mit Eingaben und Fehlern
sowie Nutzungsgrenzen.""",
        ServiceType.CUSTOM_ASSESSMENT: """\
Geprüft wurde der mit dem Auftraggeber vereinbarte Gegenstand, und nichts darüber hinaus.""",
    },
    SectionKind.METHODOLOGY: {
        ServiceType.SMART_CONTRACT_AUDIT: """\
Der Quelltext wurde Zeile für Zeile gelesen, zuerst von jeder prüfenden Person allein, dann
gemeinsam. Statische Analyse, Eigenschafts- und Fuzz-Tests der angegebenen Invarianten und Tests,
die jeden vermuteten Angriff ausführen, unterstützten das Lesen.

Gesucht wird nach Verlust oder Sperrung von Vermögen, falscher Buchführung, fehlender oder
umgehbarer Zugriffskontrolle, unsicheren Aufrufen und Rückrufen, Manipulation von Preisen und
Zufall, Dienstverweigerung und Abweichungen von der Dokumentation.""",
        ServiceType.PLATFORM_SECURITY_AUDIT: """\
Am Anfang stand ein Modell der Plattform: ihre Werte, Nutzer und Rollen, die Vertrauensgrenzen und
die Wege darüber. Entlang dieser Grenzen wurden Quelltext und Konfiguration gelesen und die laufende
Plattform nach dem Application Security Verification Standard (ASVS) von OWASP von Hand getestet.
Scanner unterstützten die Tests; jedes ihrer Ergebnisse wurde von einem Menschen geprüft.

Gesucht wird nach fehlerhafter Authentifizierung und Autorisierung, Injektion, Preisgabe von Daten
und Geheimnissen, unsicherem Umgang mit Sitzungen und Dateien, schwacher Kryptografie,
Fehlkonfiguration, verwundbaren Abhängigkeiten und Fehlern der Geschäftslogik.""",
        ServiceType.RNG_ANALYSIS: """\
Zuerst wurde der Entwurf geprüft: woher die Entropie stammt, wer sie beobachten oder beeinflussen
kann und ob sich frühere oder künftige Ausgaben aus Bekanntem vorhersagen lassen. Dann wurde die
Umsetzung Zeile für Zeile gegen den Entwurf gelesen und ihre Ausgabe mit statistischen Testreihen
untersucht.

Gesucht wird nach vorhersagbarer oder unzureichender Initialisierung, Wiederverwendung und Abfluss
des Zustands, Verzerrung bei der Abbildung auf Ergebnisse, Wegen, ein Ergebnis zurückzuhalten, zu
wiederholen oder auszusuchen, und Ergebnissen, die sich nachträglich nicht prüfen lassen.
Statistische Tests können einen Fehler aufdecken; ihr Bestehen beweist nicht, dass die Ausgabe
unvorhersagbar ist.""",
        ServiceType.WALLET_FLOW_RISK_ASSESSMENT: """\
Jeder Zahlungsweg wurde von der Auslösung bis zur Ausführung verfolgt, anhand von Unterlagen,
Konfigurationen, Gesprächen und Transaktionen. Bei jedem Schritt wurde gefragt, wer ihn auslösen,
freigeben, ändern oder anhalten kann, worauf er sich stützt und was verloren geht, wenn eine
beteiligte Person, ein Schlüssel oder ein System versagt oder unredlich handelt.

Gesucht wird nach einzelnen Stellen mit alleiniger Kontrolle, umgehbaren Freigaben, schwacher
Verwahrung und Wiederherstellung von Schlüsseln, vertauschten Adressen und Beträgen, fehlenden
Grenzen und fehlender Überwachung sowie Fehlern, die erst auffallen, wenn Werte verloren sind.""",
        ServiceType.API_SECURITY_REVIEW: """\
Die Schnittstellen wurden anhand ihrer Spezifikation, des Quelltexts, soweit er vorlag, und des
Datenverkehrs erfasst. Dann wurde jeder Endpunkt von Hand getestet, mit Konten jeder Rolle und ohne
Konto; automatische Tests mit fehlerhaften und unerwarteten Eingaben unterstützten dies. Die Tests
decken die API Security Top 10 von OWASP ab.

Gesucht wird nach Zugriff auf Objekte und Funktionen anderer Nutzer, schwacher Authentifizierung und
unsicherem Umgang mit Tokens, Injektion, übermäßiger Preisgabe von Daten, fehlenden Grenzen für
Anzahl und Größe von Anfragen, unsicherer Nutzung anderer Schnittstellen und Fehlermeldungen, die zu
viel verraten.""",
        ServiceType.CUSTOM_ASSESSMENT: """\
Das Vorgehen wurde vor Beginn mit dem Auftraggeber vereinbart. Der Gegenstand wurde zuerst von jeder
prüfenden Person allein untersucht, dann gemeinsam; Werkzeuge unterstützten die Untersuchung, und
jedes ihrer Ergebnisse wurde von einem Menschen geprüft.""",
    },
    SectionKind.LIMITATIONS: {
        ServiceType.SMART_CONTRACT_AUDIT: """\
Geprüft wurden nur die aufgeführten Dateien in den genannten Ständen. Nicht geprüft wurden Compiler
und virtuelle Maschinen, die Netze, auf denen die Verträge laufen, fremder Quelltext, den sie
aufrufen, Bestandteile außerhalb der Blockchain, die Verwahrung administrativer Schlüssel und die
wirtschaftliche Tragfähigkeit des Entwurfs über die Befunde hinaus. Dass der eingesetzte dem
geprüften Quelltext entspricht, wurde nur festgestellt, wo dies vermerkt ist.""",
        ServiceType.PLATFORM_SECURITY_AUDIT: """\
Getestet wurde in der Umgebung und mit den Konten, die der Auftraggeber bereitstellte, in der
vereinbarten Zeit. Dienstverweigerung durch bloße Last, Social Engineering, physischer Zugang und
Geräte der Beschäftigten wurden nicht getestet, soweit kein Befund anderes sagt. Eine Plattform
ändert sich mit jeder Version; die Ergebnisse gelten für die getesteten.""",
        ServiceType.RNG_ANALYSIS: """\
Die Ergebnisse gelten für die untersuchte Umsetzung und Konfiguration und für die bereitgestellten
Stichproben der Ausgabe. Bei Hardware-Entropiequellen, Betriebssystemen und kryptografischen
Bibliotheken wurde vorausgesetzt, dass sie wie dokumentiert arbeiten. Die Fairness eines Spiels oder
Dienstes insgesamt, sein Betrieb und die Einhaltung von Glücksspiel- oder Lizenzregeln wurden nicht
bewertet.""",
        ServiceType.WALLET_FLOW_RISK_ASSESSMENT: """\
Die Bewertung stützt sich auf bereitgestellte Unterlagen, Konfigurationen und Angaben sowie auf
öffentlich sichtbare Transaktionen. Angaben konnten nur teilweise überprüft werden. Die Umsetzung
von Wallets, Signiergeräten und Verträgen, die Zahlungsfähigkeit der Beteiligten und Fragen von
Recht, Steuern und Sanktionen wurden nicht bewertet.""",
        ServiceType.API_SECURITY_REVIEW: """\
Getestet wurde in der Umgebung und mit den Konten, die der Auftraggeber bereitstellte. Endpunkte,
die weder dokumentiert waren noch gefunden wurden, die Systeme hinter den Schnittstellen,
Client-Anwendungen und Dienstverweigerung durch bloße Last wurden nicht getestet. Die Ergebnisse
gelten für die getestete Version.""",
        ServiceType.CUSTOM_ASSESSMENT: """\
Die Ergebnisse gelten für den Gegenstand, wie er bereitgestellt wurde, zum Zeitpunkt der Prüfung und
im vereinbarten zeitlichen Rahmen. Was nicht bereitgestellt wurde oder nach dem vereinbarten
Vorgehen außen vor blieb, wurde nicht geprüft.""",
    },
}

FOR_ALL: Mapping[SectionKind, str] = {
    SectionKind.METHODOLOGY: """\
Ein Befund wird berichtet, sobald er nachgestellt oder seine Ursache schriftlich bewiesen ist.""",
    SectionKind.DISCLAIMER: """\
Dieser Bericht beschreibt, was unter Prüfgegenstand genannt ist, im genannten Stand und Zeitraum, im
vereinbarten zeitlichen Rahmen, und nichts anderes. Eine Prüfung findet Fehler; sie kann nicht
beweisen, dass es keine gibt. Spätere Änderungen wurden nicht geprüft.

Der Bericht wurde für den Auftraggeber erstellt. Er ist weder Anlageberatung noch Empfehlung eines
Projekts oder Produkts noch Gewährleistung und ersetzt nicht eigene Tests, Überwachung und weitere
Prüfungen des Auftraggebers. Wer sich ohne Vereinbarung mit VLN auf ihn stützt, tut dies auf eigene
Gefahr.""",
}
"""What every service type adds to its own text, or has alone."""

BY_KIND: Mapping[ReportKind, Mapping[SectionKind, str]] = {
    ReportKind.PRELIMINARY: {
        SectionKind.LIMITATIONS: """\
Dieser Bericht ist vorläufig. Bis zum abschließenden Bericht können Befunde hinzukommen, anders
eingestuft oder zurückgezogen werden; Stellungnahmen des Auftraggebers stehen noch aus.""",
    },
    ReportKind.FIX_REVIEW: {
        SectionKind.SCOPE: """\
Die Nachprüfung betrachtet die früher berichteten Befunde und was zu ihrer Behebung geändert wurde.
Andere Änderungen seit der ersten Prüfung gehören nicht dazu.""",
        SectionKind.METHODOLOGY: """\
Für die Nachprüfung wurde jeder Befund in dem Stand erneut angesehen, der neben dem Urteil genannt
ist: ob die Ursache beseitigt ist, ob der gezeigte Angriff noch gelingt und ob die Änderung einen
neuen Fehler mitbringt. Urteile zu kritischen und hohen Befunden bestätigte eine zweite Person.""",
    },
    ReportKind.PUBLIC_SUMMARY: {
        SectionKind.LIMITATIONS: """\
Diese Zusammenfassung ist eine gekürzte Fassung des Berichts an den Auftraggeber. Nachweise, Belege
und weitere Einzelheiten, die einem Angreifer nützen könnten, fehlen; Einstufungen und Anzahlen sind
dieselben.""",
    },
}
"""What a kind of report adds to the text of a section."""

ATTESTATION = """\
Dieses Schreiben bestätigt, dass die Prüfung stattfand und was sie ergab. Es gilt für den oben
genannten Stand und ist weder Zertifikat noch Gewährleistung noch Empfehlung: Eine Prüfung findet
Fehler, sie kann nicht beweisen, dass es keine gibt, und spätere Änderungen wurden nicht geprüft.
Weichen dieses Schreiben und der Bericht voneinander ab, gilt der Bericht."""
"""The limitations of an attestation letter, which has no other standard text."""
