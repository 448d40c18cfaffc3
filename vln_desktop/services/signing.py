"""The certificate that signs published papers: chosen once per machine, asked for when it signs.

`config.toml` names the PKCS#12 file or the certificate on a token, the time-stamp authority and
further roots; passphrase or PIN is kept by the keyring of the machine, or asked for each time, and
never written down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from vln_desktop.adapters.files import write_whole
from vln_desktop.adapters.paper_check import check_paper
from vln_desktop.adapters.passwords import (
    forget_password,
    remember_password,
    remembered_password,
)
from vln_desktop.adapters.signing import (
    SigningKey,
    SigningWish,
    open_pkcs12,
    roots_of,
    sign,
)
from vln_desktop.adapters.tokens import open_token, tokens_of
from vln_desktop.adapters.trusted_roots import loaded_roots
from vln_desktop.domain.signatures import Certificate, PaperCheck, SignedPaper
from vln_desktop.domain.tokens import Token, TokenWish
from vln_desktop.errors import UserError
from vln_desktop.services.signing_settings import SigningChoice, SigningSettings

_PLACE = "signing"
_ROOTS = "signing-roots.pem"
_LARGEST_ROOTS = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Terms:
    """How papers are signed and checked here, whatever signs.

    `authority` stamps the time, empty for none; `roots` are files of certificates that are trusted
    beside those that came with the certificate; `remember` lets the keyring keep the secret.
    """

    authority: str = ""
    roots: tuple[Path, ...] = ()
    remember: bool = False


class SigningService:
    """Signs papers and checks signatures; `file` is the program's config.toml, None for none."""

    def __init__(self, file: Path | None) -> None:
        self._settings = SigningSettings(file)

    def chosen(self) -> SigningChoice | None:
        """Return what signs here, None if nothing was chosen; raises UserError for a bad file."""
        return self._settings.chosen()

    def trusted(self) -> tuple[Path, ...]:
        """Return the files of roots that are trusted beside those of the certificate."""
        return self._settings.roots()

    def tokens(self, module: Path) -> tuple[Token, ...]:
        """Return the tokens that a driver reaches, with what they show without their PIN.

        Raises UserError (field module) for what is no driver or does not answer.
        """
        return tokens_of(module)

    def use(self, path: Path, passphrase: str, terms: Terms | None = None) -> Certificate:
        """Choose a PKCS#12 file; its own roots are trusted from then on, for what it signed.

        Raises UserError (fields path, passphrase, authority, roots) for what cannot sign, and if
        the keyring does not keep the passphrase.
        """
        terms = terms or Terms()
        _check(terms)
        key = open_pkcs12(path, passphrase)
        return self._keep(key, passphrase, terms, SigningChoice(path, "", ""))

    def use_token(self, wish: TokenWish, pin: str, terms: Terms | None = None) -> Certificate:
        """Choose a certificate on a token (PKCS#11); its PIN is tried once.

        Raises UserError (fields module, token, certificate, pin, authority, roots), also for a
        certificate that is not valid now.
        """
        terms = terms or Terms()
        _check(terms)
        place, key = open_token(wish, pin)
        return self._keep(key, pin, terms, SigningChoice(None, "", "", token=place))

    def set_terms(self, authority: str, roots: tuple[Path, ...]) -> None:
        """Change authority and trusted roots, and leave what signs as it is, if anything does.

        Raises UserError (fields authority, roots).
        """
        _check(Terms(authority, roots))
        chosen = self.chosen()
        if chosen is None and authority:
            raise UserError(
                "A time-stamp authority is of use only with a certificate.", field="authority"
            )
        self._settings.keep(replace(chosen, authority=authority) if chosen else None, roots)

    def forget(self) -> None:
        """Sign with nothing from now on, and let the keyring forget passphrase or PIN."""
        chosen = self.chosen()
        if chosen is not None:
            self._settings.keep(None, chosen.roots)
            self._forget_secret(chosen)

    def asks_passphrase(self) -> bool:
        """Tell whether passphrase or PIN has to be typed, as the keyring does not hold it."""
        chosen = self.chosen()
        return chosen is not None and remembered_password(_PLACE, chosen.sha256) is None

    def signs(self, secret: str | None, reason: str) -> Callable[[bytes], SignedPaper]:
        """Return what signs a paper with the chosen certificate; `secret` is passphrase or PIN.

        Raises UserError if nothing is chosen, the secret is missing or wrong (field passphrase or
        pin), or the file or token cannot be read.
        """
        chosen = self.chosen()
        if chosen is None:
            raise UserError("No certificate is chosen that could sign.")
        key = self._opened(chosen, secret)
        wish = SigningWish(reason, self._roots(), chosen.authority)
        return lambda pdf: sign(pdf, key, wish)

    def verify(self, pdf: bytes) -> PaperCheck:
        """Look at the signatures of a file of anybody, in a process of its own.

        Raises UserError (field roots) if a trusted root cannot be read.
        """
        return check_paper(pdf, self._roots())

    def _opened(self, chosen: SigningChoice, secret: str | None) -> SigningKey:
        field = "passphrase" if chosen.token is None else "pin"
        kept = remembered_password(_PLACE, chosen.sha256) if not secret else None
        typed = secret or kept
        if typed is None:
            name = "PIN of the token" if chosen.token else "passphrase of the certificate"
            raise UserError(f"Type the {name}.", field=field)
        try:
            return _open(chosen, typed)
        except UserError as error:
            if kept is None or error.field != field:
                raise
            self._forget_secret(chosen)  # a token would count it as wrong again, and lock
            raise UserError(
                f"{error} The keyring has forgotten it; type it.", field=field
            ) from None

    def _keep(
        self, key: SigningKey, secret: str, terms: Terms, chosen: SigningChoice
    ) -> Certificate:
        certificate = key.certificate
        if terms.remember:
            remember_password(_PLACE, certificate.sha256, secret)
        folder = self._settings.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / _ROOTS, roots_of(key))
        named = replace(
            chosen, subject=certificate.subject, sha256=certificate.sha256,
            authority=terms.authority,
        )  # fmt: skip
        self._settings.keep(named, terms.roots)
        return certificate

    def _forget_secret(self, chosen: SigningChoice) -> None:
        if remembered_password(_PLACE, chosen.sha256) is not None:
            forget_password(_PLACE, chosen.sha256)

    def _roots(self) -> tuple[bytes, ...]:
        """Return what is trusted; a file that is no certificate any more is told, not passed by."""
        roots = tuple(_root_of(file) for file in self.trusted())
        try:
            own = self._settings.folder / _ROOTS
        except UserError:
            return roots  # a program without settings trusts nobody
        return (*roots, *((_bytes_of(own),) if own.is_file() else ()))


def _open(chosen: SigningChoice, secret: str) -> SigningKey:
    """Open what was chosen; a token may hold another certificate by now, which nobody chose."""
    token = chosen.token
    if token is not None:
        wish = TokenWish(token.module, token.serial or token.token, chosen.sha256)
        return open_token(wish, secret)[1]
    return open_pkcs12(chosen.certificate or Path(), secret)


def _check(terms: Terms) -> None:
    if terms.authority and not terms.authority.startswith(("https://", "http://")):
        raise UserError("A time-stamp authority has an address of the web.", field="authority")
    for root in terms.roots:
        _root_of(root)


def _root_of(file: Path) -> bytes:
    data = _bytes_of(file)
    loaded_roots(data, file.name)
    return data


def _bytes_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST_ROOTS + 1)
    except OSError as error:
        raise UserError(
            f"{file.name} cannot be read ({error.strerror or error}).", field="roots"
        ) from error
    if len(data) > _LARGEST_ROOTS:
        raise UserError(f"{file.name} is too large to be a certificate.", field="roots")
    return data
