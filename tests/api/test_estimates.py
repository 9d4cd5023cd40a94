"""What an answer will take, asked for over REST before the question is sent."""

import pytest

from apps.reasoning.models import Answer
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


def test_an_estimate_names_the_effort_that_fits_and_keeps_nothing(ingrid: Caller) -> None:
    told = ingrid("post", "/answers/estimate", {"question": "What is the average rent?", "effort": "auto"})
    assert told.status_code == 200, told.content
    found = told.json()
    assert (found["effort"], found["routed"]["kind"]) == ("standard", "calculation")
    assert found["basis"]["code"] == "no_model"
    assert found["seconds"] is None
    assert not Answer.objects.exists()


def test_an_effort_that_is_named_is_not_routed(ingrid: Caller) -> None:
    found = ingrid("post", "/answers/estimate", {"question": "What is the average rent?", "effort": "deep"}).json()
    assert (found["effort"], found["routed"]) == ("deep", None)


def test_an_effort_that_there_is_none_of_is_refused(ingrid: Caller) -> None:
    refused = ingrid("post", "/answers/estimate", {"effort": "heroic"})
    assert refused.status_code == 422, refused.content
    assert refused.json()["code"] == "invalid"
