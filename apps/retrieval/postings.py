"""Postings as searches read them: which of the permitted passages hold a term, how often, and how many passages there are.

They are written by the database (see the migration that makes `retrieval_keep_postings`), in the statement that writes, moves or
deletes passages: a passage that is gone has no postings, and no number of one that may not be seen takes part in a score.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import psycopg
from django.db import connection
from django.db.models import Sum
from numpy.typing import NDArray

from apps.retrieval.bm25 import Entries
from apps.retrieval.models import IndexedPassage, PostedPassages, Posting
from apps.retrieval.within import PASSAGES_NUMBERED, Within

_ENTRIES_SQL = f"""
SELECT term, string_agg(entries, ''::bytea) FROM {Posting._meta.db_table}
WHERE access_id = ANY(%s::int[]) AND generation_id = %s AND term = ANY(%s::bigint[]) AND in_force = ANY(%s::boolean[])
GROUP BY term
"""  # noqa: S608
_NUMBERS_SQL = "SELECT string_agg(int8send(p.number), ''::bytea) FROM {table} p WHERE {within}"
_CHECKED_SQL = f"SELECT p.number FROM {PASSAGES_NUMBERED} WHERE {{within}}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Totals:
    """How many passages there are, and how many terms all of them have together."""

    passages: int
    length: int

    @property
    def average(self) -> float:
        return self.length / self.passages if self.passages else 0.0


def entries_of(within: Within, terms: Collection[int]) -> dict[int, Entries]:
    """Return where each term stands in what is permitted; terms that stand nowhere are left out."""
    if not terms:
        return {}
    connection.ensure_connection()
    with psycopg.Cursor(
        connection.connection
    ) as cursor:  # not Django's, which has bytes sent as text of twice the length
        cursor.execute(
            _ENTRIES_SQL, [list(within.accesses), within.generation.number, list(terms), _in_force(within)], binary=True
        )
        return {term: Entries.unpacked(packed) for term, packed in cursor.fetchall()}


def totals(within: Within) -> Totals:
    """Return how much is permitted."""
    posted = PostedPassages.objects.filter(
        access__in=within.accesses, generation=within.generation, in_force__in=_in_force(within)
    )
    found = posted.aggregate(passages=Sum("passages"), length=Sum("length"))
    return Totals(found["passages"] or 0, found["length"] or 0)


def allowed_numbers(within: Within) -> NDArray[np.int64]:
    """Return the numbers of all passages that may be searched."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS_SQL.format(table=IndexedPassage._meta.db_table, within=within.sql), within.parameters)
        (packed,) = cursor.fetchone()
    return np.frombuffer(packed or b"", dtype=">i8").astype(np.int64)


def still_allowed(within: Within, numbers: list[int]) -> set[int]:
    """Return those of these passages that may be searched."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CHECKED_SQL.format(within=within.sql),
            within.parameters | {"numbers": numbers},
        )
        return {number for (number,) in cursor.fetchall()}


def _in_force(within: Within) -> list[bool]:
    """Return which postings are read: those in force today, or, for another day, of every version."""
    return [True, False] if within.filters.other_day else [True]
