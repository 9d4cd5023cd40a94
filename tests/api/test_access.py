"""Who may read one document, and what a person can see, over REST."""

import uuid

import pytest

from apps.audit.models import Record
from apps.documents.models import Document, Role
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem
from tests.factories import DocumentFactory, GroupFactory, UserFactory, grant, owned_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(ingrid: Caller, boris: Caller) -> Document:
    """Managed by Ingrid, read by Boris."""
    made: Document = DocumentFactory(collection=owned_by(ingrid.user), title="Salaries")
    grant(made.collection, boris.user)
    return made


def path(document: Document) -> str:
    return f"/documents/{document.pk}/access"


class TestNarrowing:
    def test_those_who_are_not_named_no_longer_see_it(self, ingrid: Caller, boris: Caller, document: Document) -> None:
        told = ingrid("put", path(document), {"users": [], "groups": []})
        assert told.status_code == 200
        assert told.json() == {
            "document": str(document.pk),
            "collection": str(document.collection_id),
            "narrowed": True,
            "users": [],
            "groups": [],
        }
        assert_problem(boris.get(f"/documents/{document.pk}"), 404, "not_found")
        assert boris.get("/documents").json()["items"] == []
        assert boris.get(f"/collections/{document.collection_id}").json()["documents"] == 0
        assert ingrid.get(f"/documents/{document.pk}").status_code == 200

    def test_those_who_are_named_do(self, ingrid: Caller, boris: Caller, document: Document) -> None:
        group = GroupFactory(name="Payroll", members=[boris.user])
        told = ingrid("put", path(document), {"groups": [str(group.pk)]}).json()
        assert told["groups"] == [{"type": "group", "id": str(group.pk), "label": "Payroll"}]
        assert boris.get(f"/documents/{document.pk}").status_code == 200
        assert ingrid.get(path(document)).json() == told

    def test_being_named_is_no_way_into_the_collection(self, ingrid: Caller, document: Document) -> None:
        stranger = Caller(UserFactory())
        ingrid("put", path(document), {"users": [str(stranger.user.pk)]})
        assert_problem(stranger.get(f"/documents/{document.pk}"), 404, "not_found")

    def test_it_is_opened_again(self, ingrid: Caller, boris: Caller, document: Document) -> None:
        ingrid("put", path(document), {})
        assert ingrid("delete", path(document)).status_code == 204
        assert ingrid.get(path(document)).json()["narrowed"] is False
        assert boris.get(f"/documents/{document.pk}").status_code == 200

    def test_it_is_recorded_once(self, ingrid: Caller, boris: Caller, document: Document) -> None:
        for _ in range(2):
            ingrid("put", path(document), {"users": [str(boris.user.pk)]})
        [record] = Record.objects.filter(action="document.narrowed")
        assert record.documents == [str(document.pk)]

    def test_somebody_who_does_not_exist_is_refused(self, ingrid: Caller, document: Document) -> None:
        assert_problem(ingrid("put", path(document), {"users": [str(uuid.uuid4())]}), 422, "invalid")

    @pytest.mark.parametrize(("method", "body"), [("get", None), ("put", {}), ("delete", None)])
    def test_readers_may_not_and_strangers_meet_nothing(
        self, boris: Caller, document: Document, method: str, body: object
    ) -> None:
        grant(document.collection, boris.user, Role.CONTRIBUTOR)
        assert_problem(boris(method, path(document), body), 403, "not_allowed")
        assert_problem(Caller(UserFactory())(method, path(document), body), 404, "not_found")

    def test_administrators_may_and_still_read_nothing(self, administrator: Caller, document: Document) -> None:
        assert administrator("put", path(document), {}).status_code == 200
        assert "Salaries" not in administrator.get(path(document)).content.decode()
        assert_problem(administrator.get(f"/documents/{document.pk}"), 404, "not_found")


class TestWhatAPersonCanSee:
    def test_a_manager_is_told_of_their_own_collections_only(
        self, ingrid: Caller, boris: Caller, document: Document
    ) -> None:
        grant(owned_by(UserFactory()), boris.user)
        ingrid("put", path(document), {})
        [reach] = ingrid.get(f"/users/{boris.user.pk}/access").json()["collections"]
        assert (reach["id"], reach["role"]) == (str(document.collection_id), "reader")
        assert [one["principal"]["id"] for one in reach["grants"]] == [str(boris.user.pk)]
        assert reach["narrowed"] == [{"id": str(document.pk), "title": "Salaries", "may_read": False}]

    def test_the_highest_role_and_each_grant_are_told(self, ingrid: Caller, boris: Caller, document: Document) -> None:
        group = GroupFactory(members=[boris.user])
        grant(document.collection, group, Role.CONTRIBUTOR)
        [reach] = ingrid.get(f"/users/{boris.user.pk}/access").json()["collections"]
        assert reach["role"] == "contributor"
        assert {one["principal"]["type"] for one in reach["grants"]} == {"user", "group"}

    def test_a_manager_meets_nobody_who_is_not_in_their_collections(self, ingrid: Caller, document: Document) -> None:
        assert_problem(ingrid.get(f"/users/{UserFactory().pk}/access"), 404, "not_found")
        assert_problem(ingrid.get(f"/users/{uuid.uuid4()}/access"), 404, "not_found")

    def test_an_administrator_is_told_of_all_collections_and_of_no_document(
        self, administrator: Caller, ingrid: Caller, boris: Caller, document: Document
    ) -> None:
        ingrid("put", path(document), {})
        told = administrator.get(f"/users/{boris.user.pk}/access")
        assert [reach["id"] for reach in told.json()["collections"]] == [str(document.collection_id)]
        assert "Salaries" not in told.content.decode()


class TestGroups:
    def test_a_group_is_renamed_and_deleted(self, administrator: Caller, boris: Caller, document: Document) -> None:
        group = GroupFactory(name="Credit", members=[boris.user])
        document.collection.grants.filter(user=boris.user).delete()
        grant(document.collection, group)
        renamed = administrator("patch", f"/groups/{group.pk}", {"name": "Credit risk"}).json()
        assert (renamed["name"], len(renamed["members"])) == ("Credit risk", 1)
        assert boris.get(f"/documents/{document.pk}").status_code == 200
        assert administrator("delete", f"/groups/{group.pk}").status_code == 204
        assert_problem(boris.get(f"/documents/{document.pk}"), 404, "not_found")
        assert [record.action for record in Record.objects.order_by("sequence")][-2:] == [
            "access.revoked",
            "group.deleted",
        ]

    def test_a_name_that_is_taken_is_refused(self, administrator: Caller) -> None:
        GroupFactory(name="Credit")
        assert_problem(administrator("patch", f"/groups/{GroupFactory().pk}", {"name": "Credit"}), 409, "conflict")
