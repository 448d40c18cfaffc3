"""Connection profiles: what one holds, how it is written down, and what is refused in it.

A profile never holds a password. It can make the way to a server stricter, never laxer: what TLS
asks of a server that is not on this machine is decided in `db/engine.py`, whatever is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from vln_desktop.errors import UserError

ENVIRONMENT = "environment"
"""The profile that the variables below make."""
POOLED_VARIABLE = "POSTGRES_URL"
DIRECT_VARIABLE = "POSTGRES_URL_NON_POOLING"
"""Vercel's names: the pooler's address, and the server's own beside it."""
LONGEST_NAME = 60

KEYS = (
    "url", "host", "port", "database", "direct_url", "environment", "pooled", "cluster",
    "ca_file", "client_certificate", "client_key",
)  # fmt: skip
"""What a profile may say, in the order in which it is written."""
PARAMETERS = frozenset(
    {
        "host", "hostaddr", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl",
        "ssl_min_protocol_version", "sslnegotiation", "sslsni", "channel_binding",
        "connect_timeout", "target_session_attrs", "load_balance_hosts", "gssencmode", "options",
    }
)  # fmt: skip
"""What may stand behind the question mark of an address: libpq's own names, without secrets."""
_SECRETS = {"password", "passfile", "sslpassword", "oauth_client_secret"}
_SERVICES = {"service", "servicefile"}
SCHEMES = {"postgresql", "postgres", "postgresql+psycopg"}
_POOLER_LABEL = "-pooler"
"""Ends the first label of Neon's pooled host names."""

_DEVELOPMENT_POOL = 5
_PRODUCTION_POOL = 20


class Environment(StrEnum):
    """What a profile's data is worth; the window colours its frame by it."""

    DEMO = "demo"
    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Profile:
    """One database a person can sign in to.

    `url` is None for the embedded server, whose data is then the cluster called `cluster`.
    `pooled` says that `url` is a transaction pooler (PgBouncer, Neon's "-pooler" host);
    `direct_url` is then the server's own address, for what a pooler cannot do.
    """

    name: str
    url: str | None = None
    environment: Environment = Environment.PRODUCTION
    pooled: bool = False
    cluster: str = "main"
    direct_url: str | None = None
    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None

    @property
    def embedded(self) -> bool:
        """Whether the program runs this database's server itself."""
        return self.url is None

    @property
    def place(self) -> str:
        """What a remembered password is for: the profile and, since that can change, its host."""
        host = urlsplit(self.url).hostname if self.url else None
        return f"{self.name} ({host})" if host else self.name

    @property
    def pool_size(self) -> int:
        """Connections one client may hold (ADR-004: 5 in development, 20 in production)."""
        production = self.environment is Environment.PRODUCTION and not self.embedded
        return _PRODUCTION_POOL if production else _DEVELOPMENT_POOL

    @property
    def address(self) -> str:
        """The address with the files of TLS in it, as the driver takes it.

        Raises UserError if one of the files is not there. Not for the embedded server.
        """
        return self._with_files(self.url or "")

    @property
    def direct_address(self) -> str | None:
        """The server's own address for LISTEN and other work of a whole session.

        None if only a pooler is known. Raises UserError as `address` does.
        """
        if not self.pooled:
            return self.address
        return self._with_files(self.direct_url) if self.direct_url else None

    def _with_files(self, url: str) -> str:
        mine = f"of the profile “{self.name}”"
        files = {
            "sslrootcert": _existing(self.ca_file, "ca_file", f"CA file {mine}"),
            "sslcert": _existing(
                self.client_certificate, "client_certificate", f"client certificate {mine}"
            ),
            "sslkey": _existing(self.client_key, "client_key", f"client key {mine}"),
        }
        return with_parameters(url, {name: file for name, file in files.items() if file})


def _existing(file: str | None, field: str, what: str) -> str | None:
    if file is None:
        return None
    path = Path(file).expanduser()
    if not path.is_file():
        raise UserError(f"The {what} is not there: {path}.", field=field)
    return str(path)


def with_parameters(url: str, values: Mapping[str, str]) -> str:
    """Return an address with parameters behind its question mark set to values."""
    if not values:
        return url
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in values]
    return _joined(parts._replace(query=urlencode([*kept, *values.items()], quote_via=quote)))


def _joined(parts: SplitResult) -> str:
    """Return an address of its parts; `urlunsplit` would drop the slashes of one without a host."""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"


def address_of(host: str, port: int | None, database: str) -> str:
    """Return the address of a server by its parts; a host that begins with "/" is a socket's."""
    name = quote(database, safe="")
    if host.startswith("/"):
        parameters = {"host": host, **({"port": str(port)} if port else {})}
        return with_parameters(f"postgresql:///{name}", parameters)
    shown = f"[{host}]" if ":" in host else host
    return f"postgresql://{shown}{f':{port}' if port else ''}/{name}"


def parts_of(url: str) -> tuple[str, int | None, str]:
    """Return host, port and database of an address that was checked."""
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query))
    port = parts.port or (int(named["port"]) if named.get("port", "").isdigit() else None)
    return named.get("host") or parts.hostname or "", port, unquote(parts.path.lstrip("/"))


def without_login(url: str) -> str:
    """Return an address without user name and password, and without what libpq does not know."""
    parts = urlsplit(url)
    known = [(name, value) for name, value in parse_qsl(parts.query) if name in PARAMETERS]
    host = parts.netloc.rpartition("@")[2]
    return _joined(parts._replace(netloc=host, query=urlencode(known, quote_via=quote)))


def check_address(
    url: str, where: str, *, may_hold_password: bool = False, field: str = "url"
) -> None:
    """Raise UserError, beginning with `where`, for an address that a profile may not have."""
    try:
        parts = urlsplit(url)
        password = parts.password
        parts.port  # noqa: B018 - refuses what is no port
        names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    except ValueError as error:
        raise UserError(f"{where}: the address cannot be read: {error}.", field=field) from error
    if parts.scheme not in SCHEMES:
        raise UserError(f"{where}: the address must begin with postgresql://.", field=field)
    if any(character.isspace() for character in url) or not unquote(url).isprintable():
        raise UserError(
            f"{where}: the address has a space or a control character in it.", field=field
        )
    if names & _SECRETS or (password is not None and not may_hold_password):
        raise UserError(
            f"{where}: a password belongs in the keyring, not in the address.", field=field
        )
    if names & _SERVICES:
        raise UserError(
            f"{where}: service files can hold a password and are not read; give the host itself.",
            field=field,
        )
    if unknown := names - PARAMETERS:
        raise UserError(
            f"{where}: the address has unknown parameters: {_listed(unknown)}.", field=field
        )
    if not parts.path.strip("/"):
        raise UserError(
            f"{where}: the address names no database: postgresql://host/database.", field=field
        )


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def read_profile(name: str, table: object, where: str) -> Profile:
    """Return the profile that a table describes; UserError, beginning with `where`, if it cannot.

    Nothing is looked up on disk or in the network.
    """
    check_name(name, where)
    if not isinstance(table, Mapping):
        raise UserError(f"{where} must be a table.")
    if unknown := set(table) - set(KEYS):
        if unknown & (_SECRETS | {"user", "username"}):
            raise UserError(
                f"{where}: a password or user name is no part of a profile; "
                "each person signs in, and the keyring remembers."
            )
        raise UserError(f"{where} has unknown settings: {_listed(unknown)}.")
    _check_types(table, where)
    url = _url(table, where)
    _check_combination(table, url, where)
    return Profile(
        name,
        url,
        _environment(table, where),
        bool(table.get("pooled", False)),
        _cluster(table, name, where),
        table.get("direct_url"),
        table.get("ca_file"),
        table.get("client_certificate"),
        table.get("client_key"),
    )


def check_name(name: str, where: str) -> None:
    """Raise UserError for a name that a profile may not have."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(
            f"{where}: a profile's name is 1 to {LONGEST_NAME} printable characters.", field="name"
        )
    if name == ENVIRONMENT:
        raise UserError(
            f"{where}: the name “{ENVIRONMENT}” belongs to {POOLED_VARIABLE} and "
            f"{DIRECT_VARIABLE}; choose another.",
            field="name",
        )


def _check_types(table: Mapping[str, object], where: str) -> None:
    for key, value in table.items():
        if key == "pooled":
            right, words = isinstance(value, bool), "true or false"
        elif key == "port":
            right = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**16
            words = "a number from 1 to 65535"
        else:
            right, words = isinstance(value, str), "a text"
        if not right:
            raise UserError(f"{where}: {key} must be {words}.", field=key)


def _url(table: Mapping[str, object], where: str) -> str | None:
    """Return the address that is given as a whole or in parts; None: the embedded server."""
    by_parts = [key for key in ("host", "port", "database") if key in table]
    url = table.get("url")
    if url is not None and by_parts:
        raise UserError(f"{where}: give url, or host, port and database, not both.")
    if by_parts:
        host, port, database = (table.get(key) for key in ("host", "port", "database"))
        if not host or not database:
            missing = "database" if host else "host"
            raise UserError(f"{where}: host and database belong together.", field=missing)
        _check_host(str(host), where)
        url = address_of(str(host), port if isinstance(port, int) else None, str(database))
    if url is None:
        return None
    check_address(str(url), where)
    return str(url)


def _check_host(host: str, where: str) -> None:
    if any(character in "@?#% " or (character == "/" and host[0] != "/") for character in host):
        raise UserError(
            f"{where}: “{host}” is no host name; type db.example.com, or use url.", field="host"
        )


def _check_combination(table: Mapping[str, object], url: str | None, where: str) -> None:
    server_only = {"direct_url", "pooled", "ca_file", "client_certificate", "client_key"}
    if url is None and (out_of_place := server_only & set(table)):
        raise UserError(f"{where}: without url or host there is no {_listed(out_of_place)}.")
    if url is not None and "cluster" in table:
        raise UserError(f"{where}: cluster is for the embedded server, which has no address.")
    direct = table.get("direct_url")
    if direct is not None:
        if not table.get("pooled"):
            raise UserError(
                f"{where}: direct_url stands beside a pooled url: set pooled = true.",
                field="pooled",
            )
        check_address(str(direct), f"{where}: direct_url", field="direct_url")
    if ("client_certificate" in table) != ("client_key" in table):
        missing = "client_key" if "client_certificate" in table else "client_certificate"
        raise UserError(
            f"{where}: client_certificate and client_key belong together.", field=missing
        )


def _environment(table: Mapping[str, object], where: str) -> Environment:
    try:
        return Environment(str(table.get("environment", Environment.PRODUCTION.value)))
    except ValueError as error:
        words = ", ".join(Environment)
        raise UserError(
            f"{where}: environment must be one of {words}.", field="environment"
        ) from error


def _cluster(table: Mapping[str, object], name: str, where: str) -> str:
    if "cluster" not in table and ("url" in table or "host" in table):
        return "main"
    cluster = str(table.get("cluster", name))
    if not cluster.replace("-", "").isalnum():
        raise UserError(f"{where}: cluster must be letters, digits and hyphens.")
    return cluster


def table_of(profile: Profile) -> dict[str, str | int | bool]:
    """Return what is to be written down of a profile, in the order of KEYS.

    `read_profile` makes the same profile of it again.
    """
    if profile.url is None:
        server: dict[str, str | int | bool] = {"cluster": profile.cluster}
    else:
        host, port, database = parts_of(profile.url)
        if address_of(host, port, database) != profile.url:
            server = {"url": profile.url}
        else:
            server = {"host": host, **({"port": port} if port else {}), "database": database}
    beside = {
        "direct_url": profile.direct_url,
        "environment": profile.environment.value,
        "pooled": profile.pooled or None,
        "ca_file": profile.ca_file,
        "client_certificate": profile.client_certificate,
        "client_key": profile.client_key,
    }
    found = {**server, **{key: value for key, value in beside.items() if value is not None}}
    return {key: found[key] for key in KEYS if key in found}


def environment_profile(variables: Mapping[str, str]) -> Profile | None:
    """Return the profile that POSTGRES_URL and POSTGRES_URL_NON_POOLING make; None without them.

    Their user name and password, which are the owner's on Vercel, are left out: staff sign in as
    themselves. Raises UserError, naming the variable, if an address cannot be read.
    """
    pooled, direct = variables.get(POOLED_VARIABLE), variables.get(DIRECT_VARIABLE)
    if not (pooled or direct):
        return None
    url = _of_variable(POOLED_VARIABLE, pooled) or _of_variable(DIRECT_VARIABLE, direct)
    is_pooled = bool(pooled and direct and pooled != direct) or looks_pooled(pooled or "")
    beside = _of_variable(DIRECT_VARIABLE, direct) if is_pooled and pooled else None
    return Profile(ENVIRONMENT, url, pooled=is_pooled, direct_url=beside)


def _of_variable(name: str, url: str | None) -> str | None:
    if not url:
        return None
    try:
        bare = without_login(url)
    except ValueError as error:
        raise UserError(f"{name}: the address cannot be read.") from error
    check_address(bare, name)
    return bare


def looks_pooled(url: str) -> bool:
    """Tell whether an address says of itself that it is a pooler's: Neon's name, Prisma's mark."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = (parts.hostname or "").partition(".")[0]
    return host.endswith(_POOLER_LABEL) or ("pgbouncer", "true") in parse_qsl(parts.query)
