"""The one vocabulary of errors. Domain code raises meaning; the edges turn it into a page or into problem+json.

A message is one sentence that says what happened and what to do. What a caller may not see raises `NotFound`,
the same as what does not exist.
"""

from typing import ClassVar


class ToulminError(Exception):
    """Base of all expected errors; `code` is stable and part of the REST contract."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code  # type: ignore[misc]  # an instance may be more exact than its class


class NotFound(ToulminError):
    code = "not_found"

    def __init__(self, detail: str = "There is nothing at this address, or it is not yours to see.") -> None:
        super().__init__(detail)


class NotAllowed(ToulminError):
    """The caller sees the thing but may not do this to it."""

    code = "not_allowed"


class NotSignedIn(ToulminError):
    code = "not_signed_in"


class Invalid(ToulminError):
    """What was sent cannot be used; `errors` names the fields."""

    code = "invalid"

    def __init__(self, detail: str, *, code: str | None = None, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(detail, code=code)
        self.errors = errors or {}


class Conflict(ToulminError):
    code = "conflict"


class TooLarge(ToulminError):
    code = "too_large"


class TooMany(ToulminError):
    """A limit was reached; try again after `retry_after` seconds."""

    code = "too_many"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(ToulminError):
    """A part of the system is down; nothing of the caller's is wrong."""

    code = "unavailable"


class Transient(Unavailable):
    """Trying the same again soon may work."""

    code = "transient"
