"""Alembic's environment: migrations run as the schema's owner, on the connection handed in."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, text

import vln_desktop.db.models  # noqa: F401  (fills the metadata)
from vln_desktop.db.base import PRIVATE_SCHEMA, SCHEMA, Base


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Compare only our two schemas; the log's monthly partitions belong to their parent."""
    if kind == "schema":
        return name in {SCHEMA, PRIVATE_SCHEMA}
    return not (kind == "table" and (name or "").startswith("activity_logs_"))


def run(connection: Connection | None, url: str | None) -> None:
    """Run the migrations, or print their SQL when there is no connection."""
    context.configure(
        connection=connection,
        url=url,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=include_name,
        compare_server_default=False,
        transaction_per_migration=True,
        literal_binds=connection is None,
    )
    with context.begin_transaction():
        if connection is not None:
            connection.execute(text("SET lock_timeout = '5s'"))
        context.run_migrations()


connection: Connection | None = context.config.attributes.get("connection")
url = context.config.get_main_option("sqlalchemy.url")
if connection is not None:
    run(connection, None)
elif context.is_offline_mode():
    run(None, url)
else:
    with create_engine(str(url)).connect() as own:
        run(own, None)
