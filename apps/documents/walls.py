"""The second wall: while documents are read for somebody, PostgreSQL itself gives out no row that they may not read.

The first wall are the conditions that the application puts into its queries. A condition can be forgotten, so reading happens
as another role of the database (`toulmin_reader`), which may only read, owns nothing and is bound by row level security: of
documents and everything below them it sees what `toulmin_accesses` finds for the person, worked out in SQL from grants, groups
and narrowing, without the code of the first wall. Where nobody was named it sees nothing.

Tables of the apps above are named here as PostgreSQL knows them, so that there is one list. `raise_wall` may be run at any
time, by migrations and by the command of that name.
"""

import contextlib
import uuid
from collections.abc import Iterator

from asgiref.local import Local
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.accounts.scope import Permission, Scope
from apps.core.errors import Unavailable

ROLE = "toulmin_reader"

_PERMITTED = "ANY ((SELECT string_to_array(nullif(current_setting('toulmin.access', true), ''), ',')::int[])::int[])"
_OF_ACCESS = f"access_id = {_PERMITTED}"
_OF_COLLECTION = (
    "EXISTS (SELECT 1 FROM documents_access a "  # noqa: S608  # of constants
    f"WHERE a.collection_id = documents_collection.id AND a.id = {_PERMITTED})"
)
_OF_DOCUMENT = "EXISTS (SELECT 1 FROM documents_document d WHERE d.id = document_id)"
_OF_VERSION = "EXISTS (SELECT 1 FROM documents_version v WHERE v.id = version_id)"

WALLED = {
    "documents_collection": _OF_COLLECTION,
    "documents_document": _OF_ACCESS,
    "documents_version": _OF_DOCUMENT,
    "documents_page": _OF_VERSION,
    "documents_block": _OF_VERSION,
    "documents_attachment": _OF_VERSION,
    "retrieval_indexedpassage": _OF_ACCESS,
    "retrieval_posting": _OF_ACCESS,
    "retrieval_postedpassages": _OF_ACCESS,
}
"""Tables with what documents hold or say of themselves, and which rows of each may be read. Each relies on those before."""

OPEN = {
    "documents_access": "*",
    "documents_accessreader": "*",
    "documents_grant": "*",
    "retrieval_indexgeneration": "*",
    "accounts_user": "id, created_at, name, email, is_active, is_administrator, is_auditor",
}
"""Tables that are read beside them and hold nothing of a document, and their columns."""

_PERMITTED_ACCESSES = """
CREATE OR REPLACE FUNCTION toulmin_accesses(person uuid, manages boolean) RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH belongs AS (
        SELECT m.group_id FROM accounts_group_members m WHERE m.user_id = person
    ), held AS (
        SELECT g.collection_id, bool_or(g.role = 'manager') AS manager FROM documents_grant g
        WHERE (g.user_id = person OR g.group_id IN (SELECT group_id FROM belongs))
          AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active)
        GROUP BY g.collection_id
    )
    SELECT coalesce(array_agg(a.id ORDER BY a.id), '{}') FROM documents_access a JOIN held h USING (collection_id)
    WHERE NOT a.narrowed OR (manages AND h.manager) OR EXISTS (
        SELECT 1 FROM documents_accessreader r
        WHERE r.access_id = a.id AND (r.user_id = person OR r.group_id IN (SELECT group_id FROM belongs))
    )
$$
"""

_ENTER = (
    "SELECT set_config('toulmin.access', array_to_string(toulmin_accesses(%s, %s), ','), true), "
    "set_config('role', %s, true)"
)
_LEAVE = "SELECT set_config('role', 'none', true), set_config('toulmin.access', '', true)"

_inside = Local(thread_critical=True)  # as Django keeps connections


@contextlib.contextmanager
def reading(scope: Scope) -> Iterator[None]:
    """Let queries of this block see what the scope may read and nothing else, and change nothing. It is one transaction.

    Raises `Unavailable` where there is no wall.
    """
    named = _named(scope)
    already = getattr(_inside, "named", None)
    if already is not None:
        if already != named:
            raise RuntimeError("Documents are being read for somebody else in this very block.")
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        _enter(cursor, named)
        _inside.named = named
        try:
            yield
        finally:
            _inside.named = None
        # After an error the transaction, or its savepoint, is rolled back, and what was set with it.
        cursor.execute(_LEAVE)


def raise_wall(cursor: CursorWrapper) -> bool:
    """Make the wall, or bring it up to date for the tables that there are; return False where the role cannot be made."""
    if not _make_role(cursor):
        return False
    cursor.execute(_PERMITTED_ACCESSES)
    there = _tables(cursor)
    for table, condition in WALLED.items():
        if table in there:
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            cursor.execute(f"DROP POLICY IF EXISTS readers ON {table}")
            cursor.execute(f"CREATE POLICY readers ON {table} FOR SELECT TO {ROLE} USING ({condition})")
            cursor.execute(f"GRANT SELECT ON {table} TO {ROLE}")
    for table, columns in OPEN.items():
        if table in there:
            cursor.execute(f"GRANT SELECT {'' if columns == '*' else f'({columns})'} ON {table} TO {ROLE}")
    return True


def lower_wall(cursor: CursorWrapper) -> None:
    """Take the wall away; the role stays, since other databases of the server may use it."""
    for table in WALLED.keys() & _tables(cursor):
        cursor.execute(f"DROP POLICY IF EXISTS readers ON {table}")
        cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    cursor.execute("DROP FUNCTION IF EXISTS toulmin_accesses(uuid, boolean)")


def gaps(cursor: CursorWrapper) -> list[str]:
    """Return what of the wall is missing: the role, what it must not be able to, and tables without their policy."""
    cursor.execute("SELECT rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = %s", [ROLE])
    role = cursor.fetchone()
    if role is None:
        return [ROLE]
    cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'readers' AND roles = ARRAY[%s::name]", [ROLE])
    guarded = {row[0] for row in cursor.fetchall()}
    cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relname = ANY(%s)", [list(WALLED)])
    guarded &= {row[0] for row in cursor.fetchall()}
    return ([ROLE] if role[0] else []) + sorted((WALLED.keys() & _tables(cursor)) - guarded)


def _named(scope: Scope) -> tuple[uuid.UUID | None, bool]:
    """Return for whom is read, and whether as a manager where they are one: a token may be less."""
    return scope.user_id if scope.may(Permission.READ) else None, scope.may(Permission.MANAGE)


def _enter(cursor: CursorWrapper, named: tuple[uuid.UUID | None, bool]) -> None:
    try:
        cursor.execute(_ENTER, [*named, ROLE])
        _, role = cursor.fetchone()
    except DatabaseError as error:
        if connection.connection is None or connection.connection.closed:
            raise
        raise Unavailable(
            "The database has no second wall around documents, so none is read. Run “manage.py raise_wall”.",
            code="no_wall",
        ) from error
    if role != ROLE:
        raise RuntimeError("PostgreSQL did not take the role that documents are read with.")


def _make_role(cursor: CursorWrapper) -> bool:
    """Make the role on first use, and let this user of the database take it; return whether that is so now."""
    cursor.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
    is_superuser, may_create = cursor.fetchone()
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
    if cursor.fetchone() is None:
        if not (is_superuser or may_create):
            return False
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN NOINHERIT NOBYPASSRLS; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    cursor.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", [ROLE])
    if not cursor.fetchone()[0]:
        if not may_create:
            return False
        cursor.execute(f"GRANT {ROLE} TO CURRENT_USER")
    return True


def _tables(cursor: CursorWrapper) -> set[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = ANY(current_schemas(false))")
    return {row[0] for row in cursor.fetchall()}
