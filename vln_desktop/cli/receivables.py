"""`vln-desktop receivables`: what clients owed on a day, by how late it was."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from vln_desktop.cli.days import day_or_today
from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.domain.receivables import Age, OpenItem, by_client
from vln_desktop.services.receivables import ReceivablesService

app = typer.Typer()

_TITLES = {
    Age.NOT_DUE: "not due yet",
    Age.UP_TO_30: "1-30 days",
    Age.UP_TO_60: "31-60 days",
    Age.UP_TO_90: "61-90 days",
    Age.OVER_90: "over 90 days",
    Age.CREDIT: "credit",
}


@app.command("receivables")
def list_receivables(
    context: typer.Context,
    as_of: Annotated[str, typer.Option(help="YYYY-MM-DD; today in UTC without it.")] = "",
    client: Annotated[str, typer.Option(help="Only clients whose name contains this.")] = "",
    items: Annotated[bool, typer.Option("--items", help="Each paper and payment.")] = False,
) -> None:
    """List what clients owed at the end of a day, per client and currency."""
    invocation = invocation_of(context)
    on = day_or_today(as_of)
    with opened(invocation) as database:
        found = [
            item
            for item in ReceivablesService(database).open_items(on)
            if client.casefold() in item.client.casefold()
        ]
    records = [_item_record(item, on) for item in found] if items else _totals(found, on)
    if invocation.as_json:
        print_json(records)
    else:
        _print(records, on)


def _print(records: list[dict[str, object]], on: date) -> None:
    if not records:
        note(f"Nothing was open at the end of {on}.")
        return
    titles = list(records[0])
    print_table(titles, ([record[title] for title in titles] for record in records))


def _totals(items: list[OpenItem], on: date) -> list[dict[str, object]]:
    return [
        {
            "client": entry.client,
            "currency": entry.currency,
            **{_TITLES[age]: money.amount for age, money in entry.ages.items()},
            "balance": entry.balance.amount,
        }
        for entry in by_client(items, on)
    ]


def _item_record(item: OpenItem, on: date) -> dict[str, object]:
    return {
        "client": item.client,
        "kind": item.kind.value.replace("_", " "),
        "number": item.number,
        "day": item.day,
        "due": item.due_on,
        "age": _TITLES[item.age(on)],
        "currency": item.open.currency,
        "open": item.open.amount,
    }
