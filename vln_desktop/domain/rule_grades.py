"""The firm's own grading of scanners' rules, which goes before what a file says."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from vln_desktop.domain.findings import Category, FindingKind, Severity
from vln_desktop.errors import UserError

LONGEST_TOOL = 100
LONGEST_RULE = 300


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as it is graded; tool and rule are what imports compare, in any case of letters."""

    tool: str
    rule_id: str
    severity: Severity
    kind: FindingKind = FindingKind.VULNERABILITY
    category: Category = Category.OTHER
    weakness_id: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        for field, text, longest, told in (
            ("tool", self.tool, LONGEST_TOOL, "Say which tool reports it, by its own name."),
            ("rule_id", self.rule_id, LONGEST_RULE, "Say which rule, as the tool writes it."),
        ):  # fmt: skip
            if not text.strip():
                raise UserError(told, field=field)
            if len(text) > longest or not text.isprintable():
                raise UserError(f"It takes at most {longest} characters of one line.", field=field)


@dataclass(frozen=True, slots=True)
class RuleGrade:
    """A stored rule; `version` guards the next change."""

    id: UUID
    draft: RuleDraft
    weakness_name: str
    version: int
