"""What the wire types are made of. Objects come from the domain as JSON already, so ids and times are text here."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Id = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Box = Annotated[list[float], Field(min_length=4, max_length=4, description="x0, y0, x1, y1 in fractions of the page.")]
Span = Annotated[list[int], Field(min_length=2, max_length=2, description="Half-open range of characters.")]


class Shown(BaseModel):
    """What is answered: the domain's own object as it is. A field that is not described here yet passes through all the
    same, so nothing that the browser shows can be missing."""

    model_config = ConfigDict(extra="allow")


class Body(Schema):
    """What is sent: a field that is not known is refused, so that a typing mistake is never taken for a default."""

    model_config = ConfigDict(extra="forbid")


class Problem(Shown):
    """Every error, as `application/problem+json`."""

    type: str
    title: str
    status: int
    code: str
    detail: str = Field(description="One sentence: what is so and what to do.")
    request_id: str
    errors: dict[str, list[str]] | None = Field(None, description="With status 422: what is wrong, by field.")


class ErrorNote(Shown):
    code: str
    detail: str


class Principal(Body):
    """One person or one group."""

    type: Literal["user", "group"]
    id: UUID
