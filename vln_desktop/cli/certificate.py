"""`vln-desktop certificate`: what signs papers on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.output import note, print_json
from vln_desktop.services.signing import SigningService

app = typer.Typer(no_args_is_help=True, help="The certificate that signs papers here.")


@app.command()
def show(context: typer.Context) -> None:
    """Tell what signs papers on this machine."""
    invocation = invocation_of(context)
    chosen = SigningService(invocation.settings.file).chosen()
    if invocation.as_json:
        print_json({"certificate": chosen})
    elif chosen is None:
        note("Nothing signs here: published reports say that they carry no signature.")
    else:
        authority = chosen.authority or "no time-stamp authority"
        note(f"{chosen.subject} ({chosen.certificate}), {authority}.")


@app.command()
def use(
    context: typer.Context,
    file: Path,
    authority: Annotated[
        str, typer.Option("--authority", help="Address of a time-stamp authority (RFC 3161).")
    ] = "",
    root: Annotated[
        list[Path] | None, typer.Option("--root", help="A further trusted root (PEM or DER).")
    ] = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="Let the keyring keep the passphrase.")
    ] = False,
) -> None:
    """Sign with the certificate of a PKCS#12 file; its passphrase is asked for, never given."""
    invocation = invocation_of(context)
    passphrase = typer.prompt("Passphrase", hide_input=True, err=True)
    found = SigningService(invocation.settings.file).use(
        file, passphrase, authority=authority, roots=tuple(root or ()), remember=remember
    )
    if invocation.as_json:
        print_json({"certificate": found})
    else:
        note(f"{found.subject}, issued by {found.issuer}, valid to {found.not_after:%d %b %Y}.")


@app.command()
def forget(context: typer.Context) -> None:
    """Sign with nothing from now on, and forget the passphrase."""
    SigningService(invocation_of(context).settings.file).forget()
    note("Nothing signs here any more.")
