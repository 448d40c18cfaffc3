"""`vln-desktop verify`: whether a paper is what was signed."""

from __future__ import annotations

from pathlib import Path

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.output import note, print_json
from vln_desktop.domain.signatures import SignatureCheck
from vln_desktop.errors import UserError
from vln_desktop.services.signing import SigningService

app = typer.Typer(no_args_is_help=True, help="Whether a paper is what was signed.")

_LARGEST = 500 * 1024 * 1024


@app.callback()
def _kinds() -> None:
    """Keep `report` a word of its own: Typer drops the name of an only command."""


@app.command()
def report(context: typer.Context, file: Path) -> None:
    """Check the signatures of a report's PDF; ends with 1 unless all are good. Needs no server.

    A file that is no PDF, or made to break who reads it, ends with 1, too; one that is not there
    with 2.
    """
    invocation = invocation_of(context)
    check = SigningService(invocation.settings.file).verify(_read(file))
    if invocation.as_json:
        print_json(
            {
                "file": file, "sha256": check.sha256, "valid": check.valid,
                "told": check.sentence, "signatures": [_told(one) for one in check.signatures],
            }
        )  # fmt: skip
    else:
        note(f"{file}: {check.sentence}")
        note(f"SHA-256 {check.sha256}")
        for one in check.signatures:
            stamped = (
                f", time-stamped {one.stamped_at:%Y-%m-%d %H:%M} UTC" if one.stamped_at else ""
            )
            note(f"{one.level}: {one.signer}, issued by {one.issuer}{stamped}")
    if not check.valid:
        raise typer.Exit(1)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from error
    if len(data) > _LARGEST:
        raise UserError(f"{file} is larger than any report.")
    return data


def _told(one: SignatureCheck) -> dict[str, object]:
    return {
        "signer": one.signer, "issuer": one.issuer, "level": one.level,
        "certificate_sha256": one.certificate_sha256, "signed_at": one.signed_at,
        "stamped_at": one.stamped_at, "intact": one.intact, "whole": one.whole,
        "trusted": one.trusted, "valid": one.valid, "told": one.sentence,
    }  # fmt: skip
