"""Lists in pages: a cursor names the last row that was seen, so rows added meanwhile are neither repeated nor skipped."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from ninja import Query

from apps.core.errors import Invalid

Cursor = Annotated[str, Query(description="`next` of the page before.", max_length=500)]
Limit = Annotated[int, Query(ge=1, le=200, description="Rows on a page.")]

Row = TypeVar("Row", bound=models.Model)


def page_of(
    rows: models.QuerySet[Row], *, cursor: str, limit: int, order: tuple[str, ...] = ("-created_at", "-pk")
) -> tuple[list[Row], str | None]:
    """Return one page of `rows` in `order`, all of whose fields run the same way, and the cursor of the next page."""
    try:
        if cursor:
            rows = rows.filter(_after(order, _read(cursor, len(order))))
        found = list(rows.order_by(*order)[: limit + 1])
    except (ValidationError, ValueError):
        raise _unusable() from None
    more = len(found) > limit
    return found[:limit], _write(found[limit - 1], order) if more else None


def _after(order: tuple[str, ...], values: list[Any]) -> Q:
    """Return the condition that a row comes after `values`: (a < x) or (a = x and b < y), and so on."""
    condition, same = Q(), Q()
    for field, value in zip(order, values, strict=True):
        name, comparison = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        condition |= same & Q(**{f"{name}__{comparison}": value})
        same &= Q(**{name: value})
    return condition


def _write(row: models.Model, order: tuple[str, ...]) -> str:
    values = [getattr(row, field.lstrip("-")) for field in order]
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def _read(cursor: str, length: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise _unusable() from None
    if not isinstance(values, list) or len(values) != length or not all(isinstance(v, str) for v in values):
        raise _unusable()
    return values


def _unusable() -> Invalid:
    message = _("This is not a cursor of this list. Start again without one.")
    return Invalid(message, errors={"cursor": [message]})
