"""What client and firm know of an audit beforehand: imports suppress such results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from uuid import UUID

from vln_desktop.domain.rule_grades import LONGEST_RULE, LONGEST_TOOL
from vln_desktop.errors import UserError

LONGEST_TITLE = 300
LONGEST_NOTE = 2000
LONGEST_PATH = 500


@dataclass(frozen=True, slots=True)
class KnownIssueDraft:
    """A known issue as it is typed; an empty tool, rule or path stands for every one.

    `path` is a file, or a pattern with `*` (which crosses folders) and `?`.
    """

    title: str
    tool: str = ""
    rule_id: str = ""
    path: str = ""
    note: str = ""

    def tidied(self) -> KnownIssueDraft:
        """Return it without the space around its words."""
        return KnownIssueDraft(
            self.title.strip(), self.tool.strip(), self.rule_id.strip(), self.path.strip(),
            self.note.strip(),
        )  # fmt: skip

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        if not self.title.strip():
            raise UserError("Say what is known.", field="title")
        if not self.rule_id.strip() and not self.path.strip():
            raise UserError(
                "Name a rule or a file: else every result would be suppressed.", field="rule_id"
            )
        for field, text, longest in (
            ("title", self.title, LONGEST_TITLE),
            ("tool", self.tool, LONGEST_TOOL),
            ("rule_id", self.rule_id, LONGEST_RULE),
            ("path", self.path, LONGEST_PATH),
        ):
            if len(text) > longest or not text.strip().isprintable():
                raise UserError(f"It takes at most {longest} characters of one line.", field=field)
        if len(self.note) > LONGEST_NOTE or "\x00" in self.note:
            raise UserError(f"It takes at most {LONGEST_NOTE:,} characters.", field="note")

    def covers(self, tool: str, rules: Iterable[str], paths: Iterable[str]) -> bool:
        """Tell whether a result is known: by its tool, one of its rule's names, and a place.

        Tool and rule are compared in any case of letters, as gradings are; a path as it is written.
        """
        if self.tool and self.tool.lower() != tool.lower():
            return False
        if self.rule_id and self.rule_id.lower() not in {rule.lower() for rule in rules}:
            return False
        return not self.path or any(fnmatchcase(path, self.path) for path in paths)


@dataclass(frozen=True, slots=True)
class KnownIssue:
    """A stored known issue; `version` guards the next change."""

    id: UUID
    draft: KnownIssueDraft
    added_by: UUID | None
    version: int
