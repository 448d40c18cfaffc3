"""`vln-desktop keys`: the team's encryption keys without a window."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.opening import opened_keys
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.domain.key_envelopes import new_private_key, read_recovery, recovery_text
from vln_desktop.domain.keys import KeyStatus, Rotation
from vln_desktop.errors import UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.key_chain import KeyChain
from vln_desktop.services.key_status import key_status
from vln_desktop.services.keys import KeysService

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Who holds the team's data key, letting people in, rotation and recovery.",
)

_GROUPS_A_LINE = 7
_ASKED_BACK = 2
_VARIABLE = "VLN_RECOVERY_KEY"


@app.command()
def status(context: typer.Context) -> None:
    """Say what this machine holds, who holds the team's keys, and what each key carries."""
    invocation = invocation_of(context)
    with opened_keys(invocation) as chain:
        found = _status(chain)
    if invocation.as_json:
        print_json(found)
        return
    if found.keys or found.holders:
        _show_tables(found)
    note(f"You: {found.mine.value.replace('_', ' ')}. {found.reason}".strip())


def _show_tables(found: KeyStatus) -> None:
    print_table(
        ("key", "state", "made", "values"),
        [(k.key_id, k.state.value, f"{k.made_at:%Y-%m-%d}", k.values) for k in found.keys],
    )
    print_table(
        ("person", "fingerprint", "holds keys"),
        [
            (h.name, h.fingerprint, ", ".join(map(str, h.key_ids)) or "waits to be let in")
            for h in found.holders
        ],
    )


@app.command()
def publish(
    context: typer.Context,
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of a key on a machine that is lost.")
    ] = False,
) -> None:
    """Make a key pair on this machine, unless there is one, and publish its public half."""
    invocation = invocation_of(context)
    with opened_keys(invocation) as chain:
        _service(chain).publish(replace=replace)
        found = _status(chain)
    if invocation.as_json:
        print_json({"fingerprint": found.fingerprint, "mine": found.mine})
    else:
        note(f"Published. Its fingerprint: {found.fingerprint}")


@app.command()
def setup(context: typer.Context) -> None:
    """Make the team's first data key; prints the recovery key, once."""
    invocation = invocation_of(context)
    recovery = recovery_text(new_private_key())
    with opened_keys(invocation) as chain:
        if _status(chain).keys:
            raise UserError("The team's keys are set up already.")
        if not invocation.as_json:
            _show_recovery(recovery)
        _service(chain).set_up(recovery)
    if invocation.as_json:
        print_json({"key_id": 1, "recovery_key": recovery})
    else:
        note("The team's keys are set up. Let colleagues in with “keys onboard”.")


@app.command()
def onboard(
    context: typer.Context,
    email: Annotated[
        str | None, typer.Argument(help="Whom to let in; without it, everybody who waits.")
    ] = None,
    fingerprint: Annotated[
        str | None, typer.Option(help="What the person read out; another one is refused.")
    ] = None,
) -> None:
    """Let people in who published a key."""
    invocation = invocation_of(context)
    if fingerprint is not None and email is None:
        raise UserError("A fingerprint belongs to one person: say whose e-mail.")
    with opened_keys(invocation) as chain:
        service, before = _service(chain), _status(chain)
        known = {holder.user_id: holder for holder in before.holders}
        wanted = (
            [service.find_person(email)]
            if email is not None
            else [holder.user_id for holder in before.waiting]
        )
        for person in wanted:
            if person not in known:
                raise UserError("They have to publish a key of their own first: “keys publish”.")
            if fingerprint and _bare(fingerprint) != _bare(known[person].fingerprint):
                raise UserError(
                    f"Published is {known[person].fingerprint}: not what was read out to you. "
                    "Nobody was let in."
                )
        new = service.let_in(wanted)
    people = [known[person] for person in new]
    if invocation.as_json:
        print_json({"let_in": people})
    elif people:
        print_table(("let in", "fingerprint"), [(p.name, p.fingerprint) for p in people])
    else:
        note("Nobody waits.")


@app.command()
def rotate(
    context: typer.Context,
    go_on: Annotated[
        bool, typer.Option("--continue", help="Only encrypt anew what still has an old key.")
    ] = False,
    new_recovery: Annotated[
        bool, typer.Option("--new-recovery", help="Print a new recovery key too.")
    ] = False,
) -> None:
    """Make a new data key and encrypt with it what you may; leavers do not get it."""
    invocation = invocation_of(context)
    if go_on and new_recovery:
        raise UserError("A rotation that goes on keeps its recovery key.")
    recovery = recovery_text(new_private_key()) if new_recovery else None
    with opened_keys(invocation) as chain:
        service, directory = _service(chain), Directory.load(chain.database)
        if recovery is not None and not invocation.as_json:
            _show_recovery(recovery)
        done = service.renew(_tell) if go_on else service.rotate(recovery, _tell)
    if invocation.as_json:
        print_json({"rotation": done, "recovery_key": recovery})
    else:
        _say_rotation(done, directory)


@app.command()
def recover(context: typer.Context) -> None:
    """Let yourself in by the printed recovery key (VLN_RECOVERY_KEY, or typed)."""
    invocation = invocation_of(context)
    recovery = os.environ.get(_VARIABLE) or _typed_recovery()
    read_recovery(recovery)
    with opened_keys(invocation) as chain:
        held = _service(chain).recover(recovery)
    if invocation.as_json:
        print_json({"key_ids": held})
    else:
        note(f"You hold key {', '.join(map(str, held))} now.")


def _service(chain: KeyChain) -> KeysService:
    return KeysService(chain.database, chain)


def _status(chain: KeyChain) -> KeyStatus:
    return key_status(chain, Directory.load(chain.database))


def _tell(done: int) -> None:
    note(f"{done:,} values encrypted anew")


def _say_rotation(done: Rotation, directory: Directory) -> None:
    note(f"Key {done.key_id} is in use; {done.encrypted_anew:,} values were encrypted anew.")
    for person in done.left_out:
        note(f"{directory.name_of(person)} did not get it.")
    if done.left:
        note(f"{done.left:,} values of other teams wait for their managers: “keys rotate "
             "--continue”.")  # fmt: skip
    for key_id in done.retired:
        note(f"Key {key_id} is retired: nothing needs it any more.")


def _show_recovery(recovery: str) -> None:
    """Print the key and, if somebody sits there, let them type its end back."""
    groups = recovery.split("-")
    for at in range(0, len(groups), _GROUPS_A_LINE):
        sys.stdout.write(f"{'-'.join(groups[at : at + _GROUPS_A_LINE])}\n")
    sys.stdout.flush()
    note("This is the recovery key. It is shown once: write it down and keep it off computers.")
    if sys.stdin.isatty():
        end = "-".join(groups[-_ASKED_BACK:])
        typed: str = typer.prompt(f"Its last {_ASKED_BACK} groups", err=True)
        if _bare(typed) != _bare(end):
            raise UserError("That is not how it ends; nothing was changed. Start again.")


def _typed_recovery() -> str:
    if sys.stdin.isatty():
        typed: str = typer.prompt("Recovery key", hide_input=True, err=True)
        return typed
    return sys.stdin.read()


def _bare(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())
