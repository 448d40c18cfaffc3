"""The public catalogues of weaknesses that findings point to: CWE (MITRE) and SWC."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weakness:
    """An entry of a catalogue: "CWE-841"; an SWC entry names the CWE it is a case of."""

    id: str
    catalogue: str
    name: str
    cwe: str = ""

    def __str__(self) -> str:
        return f"{self.id} {self.name}"
