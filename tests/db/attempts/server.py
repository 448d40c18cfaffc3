"""The machine under the database: files, programs, other people's processes."""

from __future__ import annotations

from tests.db.attempts.roles import ANY, SUPERUSER
from tests.db.insider import NOTHING, POSTGRES, Attempt

NO_SUCH_FUNCTION = "42883"
NO_SUCH_TABLE = "42P01"
NOT_PREPARED = "55000"


def _call(function: str) -> str:
    return f'GRANT EXECUTE ON FUNCTION {function} TO :"me.email"'


SERVER = (
    Attempt(
        "run a program with COPY TO", ANY, "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'",
        "membership in pg_execute_server_program",
        without='GRANT pg_execute_server_program TO :"me.email"',
    ),
    Attempt(
        "run a program with COPY FROM", ("auditor.a",),
        "COPY vln.finding_locations (id) FROM PROGRAM 'true'",
        "membership in pg_execute_server_program",
        without='GRANT pg_execute_server_program TO :"me.email";'
        'GRANT INSERT ON vln.finding_locations TO :"me.email"',
        succeeds="0A000",  # row-level security takes no COPY FROM: a second guard of PostgreSQL's
    ),
    Attempt(
        "write a file", ANY, "COPY (SELECT 1) TO '/dev/null'",
        "membership in pg_write_server_files",
        without='GRANT pg_write_server_files TO :"me.email"',
    ),
    Attempt(
        "read a file with COPY", ("auditor.a",),
        "COPY vln.finding_locations (id) FROM '/etc/passwd'",
        "membership in pg_read_server_files",
        without='GRANT pg_read_server_files TO :"me.email"',
        succeeds="0A000",
    ),
    Attempt(
        "read a file", ANY, "SELECT pg_read_file('PG_VERSION')", "EXECUTE on pg_read_file",
        without=_call("pg_read_file(text)"),
    ),
    Attempt(
        "read a file as bytes", ANY, "SELECT pg_read_binary_file('PG_VERSION')",
        "EXECUTE on pg_read_binary_file", without=_call("pg_read_binary_file(text)"),
    ),
    Attempt(
        "list a folder", ANY, "SELECT pg_ls_dir('base')", "EXECUTE on pg_ls_dir",
        without=_call("pg_ls_dir(text)"),
    ),
    Attempt(
        "look at a file", ANY, "SELECT pg_stat_file('PG_VERSION')", "EXECUTE on pg_stat_file",
        without=_call("pg_stat_file(text)"),
    ),
    Attempt(
        "list the write-ahead log", ANY, "SELECT count(*) FROM pg_ls_waldir()",
        "EXECUTE on pg_ls_waldir", without=_call("pg_ls_waldir()"),
    ),
    Attempt(
        "read a file as a large object", ANY, "SELECT lo_import('/etc/hostname')",
        "EXECUTE on lo_import", without=_call("lo_import(text)"),
    ),
    Attempt(
        "write a large object to a file", ANY, "SELECT lo_export(1, '/tmp/x')",
        "EXECUTE on lo_export", without=_call("lo_export(oid, text)"), succeeds="42704",
    ),
    Attempt(
        "read the server's rules of entry", ANY, "SELECT count(*) FROM pg_hba_file_rules",
        "SELECT on pg_hba_file_rules",
        without='GRANT SELECT ON pg_hba_file_rules TO :"me.email";'
        + _call("pg_hba_file_rules()"),
    ),
    Attempt(
        "read the settings' files", ANY, "SELECT count(*) FROM pg_file_settings",
        "SELECT on pg_file_settings",
        without='GRANT SELECT ON pg_file_settings TO :"me.email";'
        + _call("pg_show_all_file_settings()"),
    ),
    Attempt(
        "reload the settings", ANY, "SELECT pg_reload_conf()", "EXECUTE on pg_reload_conf",
        without=_call("pg_reload_conf()"),
    ),
    Attempt(
        "switch the write-ahead log", ANY, "SELECT pg_switch_wal()::text", "EXECUTE on pg_switch_wal",
        without=_call("pg_switch_wal()"),
    ),
    Attempt(
        "keep the write-ahead log from being recycled", ("auditor.a",),
        "SELECT slot_name::text FROM pg_create_physical_replication_slot('spy', false, true)",
        "REPLICATION attribute", without='ALTER ROLE :"me.email" REPLICATION',
    ),
    Attempt(
        "cancel what a colleague runs", ANY,
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = :'auditor.b.email'",
        "membership in pg_signal_backend", without='GRANT pg_signal_backend TO :"me.email"',
    ),
    Attempt(
        "read the text of others' queries", ANY,
        "SELECT count(*) FROM pg_stat_activity WHERE usename = :'auditor.b.email'"
        " AND query NOT LIKE '<insufficient%'",
        "membership in pg_read_all_stats", refused=NOTHING,
        without='GRANT pg_read_all_stats TO :"me.email"',
    ),
    Attempt(
        "read where others sit", ANY,
        "SELECT count(*) FROM pg_stat_activity WHERE usename = :'auditor.b.email'"
        " AND backend_start IS NOT NULL",
        "membership in pg_read_all_stats", refused=NOTHING,
        without='GRANT pg_read_all_stats TO :"me.email"',
    ),
    Attempt(
        "read the statistics of statements", ANY, "SELECT * FROM pg_stat_statements",
        "the extension is not installed", refused=NO_SUCH_TABLE,
    ),
    Attempt(
        "reach out by dblink", ANY, "SELECT dblink('dbname=postgres', 'SELECT 1')",
        "the extension is not installed", refused=NO_SUCH_FUNCTION,
    ),
    Attempt(
        "load a library", ANY, "LOAD 'plpgsql'", "superuser attribute", without=SUPERUSER,
    ),
    Attempt(
        "see the server's memory", ANY, "SELECT count(*) FROM pg_shmem_allocations",
        "SELECT on pg_shmem_allocations",
        without='GRANT SELECT ON pg_shmem_allocations TO :"me.email";'
        + _call("pg_get_shmem_allocations()"),
    ),
    Attempt(
        "put messages into the server's log", ("auditor.a",), "SET LOCAL log_statement = 'all'",
        "SET on log_statement", without='GRANT SET ON PARAMETER log_statement TO :"me.email"',
    ),
    Attempt(
        "read another's large object", ANY, "SELECT lo_get(424242)", POSTGRES, refused="42501",
        given="SELECT lo_from_bytea(424242, 'secret')",
        without='GRANT SELECT ON LARGE OBJECT 424242 TO :"me.email"',
    ),
)  # fmt: skip
