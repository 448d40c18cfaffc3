"""`vln-desktop doctor`: says what is well, doubtful or broken, and what would help."""

from __future__ import annotations

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.output import print_json, print_table
from vln_desktop.domain.checks import State
from vln_desktop.tools.doctor import examine

app = typer.Typer(add_completion=False)


@app.command()
def doctor(context: typer.Context) -> None:
    """Check profile, TLS, server, privileges, schema, log, pool, keyring, pg_dump, clock.

    Looks through the owner's address (--owner-url), or into the embedded server. Without it, walks
    the way to a profile's server: name, port, TLS, who answers.
    """
    invocation = invocation_of(context)
    checks = examine(invocation.settings, invocation.profile, invocation.owner_url)
    if invocation.as_json:
        print_json({"checks": checks})
    else:
        print_table(("check", "state", "found"), [(c.name, c.state.value, c.said) for c in checks])
    if any(check.state is State.BROKEN for check in checks):
        raise typer.Exit(1)
