"""What client and firm answered to a finding, as a report prints it."""

from __future__ import annotations

from collections.abc import Sequence

from vln_desktop.domain.responses import Party, Response

_CLIENT = {"en": "Client", "de": "Auftraggeber"}
_FIXED_IN = {"en": "Fixed in commit `{commit}`.", "de": "Behoben in Commit `{commit}`."}


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
