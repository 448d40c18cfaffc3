"""Migrations go up, down and up again, and leave what the models describe."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command

from tests.cluster import FreshDatabase
from vln_desktop.db import migrations
from vln_desktop.db.embedded_cluster import OWNER
from vln_desktop.db.engine import owner_engine
from vln_desktop.errors import UserError


def downgrade(owner_url: str) -> None:
    with owner_engine(owner_url).connect() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def shape(database: FreshDatabase) -> list[tuple[object, ...]]:
    """Everything that a schema consists of, as far as the catalogue tells it in words."""
    with database.connect(OWNER) as owner:
        return [
            *owner.execute(
                "SELECT table_schema, table_name, column_name, data_type, is_nullable,"
                " column_default, generation_expression FROM information_schema.columns"
                " WHERE table_schema LIKE 'vln%' ORDER BY 1, 2, ordinal_position"
            ).fetchall(),
            *owner.execute(
                "SELECT schemaname, tablename, policyname, roles::text, cmd, qual, with_check"
                " FROM pg_policies ORDER BY 1, 2, 3"
            ).fetchall(),
            *owner.execute(
                "SELECT n.nspname, p.proname, p.proacl::text, pg_get_functiondef(p.oid)"
                " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                " WHERE n.nspname LIKE 'vln%' ORDER BY 1, 2, 4"
            ).fetchall(),
            *owner.execute(
                "SELECT table_name, grantee, privilege_type, column_name"
                " FROM information_schema.column_privileges WHERE table_schema LIKE 'vln%'"
                " ORDER BY 1, 2, 3, 4"
            ).fetchall(),
            *owner.execute(
                "SELECT pg_get_triggerdef(oid) AS it FROM pg_trigger WHERE NOT tgisinternal"
                " ORDER BY 1"
            ).fetchall(),
        ]


def left_behind(owner: psycopg.Connection[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return owner.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'vln%'").fetchall()


def test_models_and_migrated_schema_are_the_same(fresh_database: FreshDatabase) -> None:
    assert migrations.differences(fresh_database.owner_url) == ()
    assert migrations.current(fresh_database.owner_url) == migrations.head()


def test_going_down_and_up_again_ends_where_it_began(fresh_database: FreshDatabase) -> None:
    before = shape(fresh_database)

    downgrade(fresh_database.owner_url)
    with fresh_database.connect(OWNER) as owner:
        assert left_behind(owner) == []
    migrations.upgrade(fresh_database.owner_url)

    assert len(before) > 1000
    assert shape(fresh_database) == before
    assert migrations.differences(fresh_database.owner_url) == ()


def test_upgrading_twice_changes_nothing(fresh_database: FreshDatabase) -> None:
    before = shape(fresh_database)

    migrations.upgrade(fresh_database.owner_url)

    assert shape(fresh_database) == before


def test_history_names_every_step(fresh_database: FreshDatabase) -> None:
    steps = migrations.history(fresh_database.owner_url)

    assert all(step.applied and step.title for step in steps)
    assert steps[-1].revision == migrations.head()


def test_a_schema_of_a_newer_program_is_left_alone(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect(OWNER) as owner:
        owner.execute("UPDATE alembic_version SET version_num = 'of_tomorrow'")

    with pytest.raises(UserError, match=r"of_tomorrow.*newer program"):
        migrations.upgrade(fresh_database.owner_url)
