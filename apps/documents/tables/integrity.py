"""Whether the figures of a table add up: relations that a table itself states are computed from its cells.

A relation is taken for meant where the figures bear it out more often than chance would, and a label or other columns say so.
Only then is a figure that departs from it reported: in an audited report that is nearly always one that was misread.
"""

from apps.documents.parsing import Table, TableCheck
from apps.documents.tables.across import checks_across
from apps.documents.tables.amounts import amounts_of
from apps.documents.tables.grid import Grid
from apps.documents.tables.sums import checks_down

_MOST_ROWS = 400


def check_table(grid: Grid, table: Table) -> tuple[TableCheck, ...]:
    """Return the relations that were tested, each of which holds or does not."""
    amounts = amounts_of(grid, table.column_paths)
    if not 2 <= len(amounts.rows) <= _MOST_ROWS:
        return ()
    return (*checks_down(amounts), *checks_across(amounts, table.column_paths))
