"""What is said about answers of the interface again and again."""

from typing import Any

from django.http import HttpResponse


def items(response: HttpResponse) -> list[dict[str, Any]]:
    """Return the rows of a list that was answered."""
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def assert_problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """Say that a response is a whole problem, and return it."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) - {"errors"} == {"type", "title", "status", "code", "detail", "request_id"}
    assert ("errors" in body) == (status == 422)
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"].endswith(f"#{code}")
    assert body["title"]
    assert body["detail"].endswith(".")
    assert body["request_id"] == response["X-Request-ID"]
    return body
