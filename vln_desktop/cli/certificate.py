"""`vln-desktop certificate`: what signs papers on this machine, and who is trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.domain.tokens import Token, TokenWish
from vln_desktop.errors import UserError
from vln_desktop.services.signing import SigningService, Terms
from vln_desktop.services.signing_settings import SigningChoice

app = typer.Typer(no_args_is_help=True, help="The certificate that signs papers here.")


@app.command()
def show(
    context: typer.Context,
    module: Annotated[
        Path | None,
        typer.Option("--module", help="A token's driver (PKCS#11): list what its tokens hold."),
    ] = None,
) -> None:
    """Tell what signs papers on this machine, and what the tokens hold. No PIN is needed."""
    invocation = invocation_of(context)
    service = SigningService(invocation.settings.file)
    chosen = service.chosen()
    if module is None and chosen is not None and chosen.token is not None:
        module = chosen.token.module
    if not invocation.as_json:
        _tell(chosen, service.trusted())
    tokens = service.tokens(module.absolute()) if module is not None else ()
    if invocation.as_json:
        print_json({"certificate": chosen, "roots": service.trusted(), "tokens": tokens})
    elif module is not None:
        _list(tokens)


def _tell(chosen: SigningChoice | None, roots: tuple[Path, ...]) -> None:
    if chosen is None:
        note("Nothing signs here: published reports say that they carry no signature.")
    else:
        authority = chosen.authority or "no time-stamp authority"
        note(f"{chosen.subject} ({chosen.place}), {authority}.")
    for root in roots:
        note(f"Trusted root: {root}")


def _list(tokens: tuple[Token, ...]) -> None:
    if not tokens:
        note("No token is plugged in that this driver knows.")
    rows = [
        (token.label, token.serial, one.label, one.id, one.certificate.subject,
         f"{one.certificate.not_after:%Y-%m-%d}")
        for token in tokens for one in token.certificates
    ]  # fmt: skip
    if rows:
        print_table(("token", "serial", "certificate", "id", "subject", "valid to"), rows)
    for token in tokens:
        if not token.certificates:
            note(f"{token.label} ({token.serial}) shows no certificate without its PIN.")


@app.command()
def use(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A PKCS#12 file: .p12 or .pfx.")] = None,
    module: Annotated[
        Path | None,
        typer.Option("--module", help="The driver of a token (PKCS#11) instead of a file."),
    ] = None,
    token: Annotated[
        str, typer.Option("--token", help="Label or serial number of the token.")
    ] = "",
    cert: Annotated[
        str, typer.Option("--cert", help="Label, id or SHA-256 of the certificate on it.")
    ] = "",
    authority: Annotated[
        str, typer.Option("--authority", help="Address of a time-stamp authority (RFC 3161).")
    ] = "",
    root: Annotated[
        list[Path] | None, typer.Option("--root", help="A further trusted root (PEM or DER).")
    ] = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="Let the keyring keep passphrase or PIN.")
    ] = False,
) -> None:
    """Sign with a certificate of a file or token; passphrase or PIN is asked for, never given."""
    if (file is None) == (module is None):
        raise UserError("Name either a PKCS#12 file, or a token's driver by --module.")
    if module is None and (token or cert):
        raise UserError("--token and --cert belong to --module, which is missing.")
    invocation = invocation_of(context)
    service = SigningService(invocation.settings.file)
    terms = Terms(authority, tuple(root or ()), remember)
    if module is not None:
        pin = typer.prompt("PIN", hide_input=True, err=True)
        found = service.use_token(TokenWish(module.absolute(), token, cert), pin, terms)
    else:
        passphrase = typer.prompt("Passphrase", hide_input=True, err=True)
        found = service.use(file or Path(), passphrase, terms)
    if invocation.as_json:
        print_json({"certificate": found})
    else:
        note(f"{found.subject}, issued by {found.issuer}, valid to {found.not_after:%d %b %Y}.")


@app.command()
def trust(
    context: typer.Context,
    root: Annotated[
        list[Path] | None, typer.Argument(help="Files of roots (PEM or DER); none: trust no more.")
    ] = None,
) -> None:
    """Check signatures by these roots, beside those that came with the certificate."""
    service = SigningService(invocation_of(context).settings.file)
    chosen = service.chosen()
    roots = tuple(root or ())
    service.set_terms(chosen.authority if chosen is not None else "", roots)
    note(f"Trusted roots: {len(roots)} files." if roots else "No further root is trusted.")


@app.command()
def forget(context: typer.Context) -> None:
    """Sign with nothing from now on, and forget passphrase or PIN; trusted roots stay."""
    SigningService(invocation_of(context).settings.file).forget()
    note("Nothing signs here any more.")
