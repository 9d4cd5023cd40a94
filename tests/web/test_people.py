"""People and groups on screen, what a person can see, and what fields suggest."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Group, User
from apps.audit.models import Record
from apps.documents.models import Role
from apps.ingestion.services import narrow_document
from tests.factories import CollectionFactory, DocumentFactory, GroupFactory, UserFactory, grant, owned_by, scope_of
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(db: None) -> SignedIn:
    return SignedIn(UserFactory(is_administrator=True, email="admin@example.org"))


def text(visitor: SignedIn, address: str) -> str:
    response = visitor.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("address", ["/people/", "/people/new/", "/groups/", "/groups/new/"])
def test_people_are_for_administrators(visitor: SignedIn, administrator: SignedIn, address: str) -> None:
    assert visitor.get(address).status_code == 403
    assert administrator.get(address).status_code == 200
    assert 'href="/people/"' not in text(visitor, "/library/")
    assert 'href="/people/"' in text(administrator, "/library/")


def test_people_are_searched_and_filtered(administrator: SignedIn) -> None:
    UserFactory(name="Marta Oyelaran", is_auditor=True)
    UserFactory(name="Jonas Lind", is_active=False)
    assert "Jonas Lind" not in text(administrator, "/people/?q=marta")
    assert "Marta Oyelaran" not in text(administrator, "/people/?show=inactive")
    assert "Nobody matches" in text(administrator, "/people/?q=zzzz")


def test_a_longer_list_of_people_asks_the_database_no_more_often(administrator: SignedIn) -> None:
    counts = []
    for _ in range(2):
        GroupFactory(members=[UserFactory() for _ in range(4)])
        with CaptureQueriesContext(connection) as queries:
            text(administrator, "/people/")
            text(administrator, "/groups/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_person_is_added_and_shown(administrator: SignedIn) -> None:
    response = administrator.post("/people/new/", {"email": "new@example.org", "name": "Nora New"})
    made = User.objects.get(email="new@example.org")
    assert response.headers["Location"] == f"/people/{made.pk}/"
    again = administrator.post("/people/new/", {"email": "new@example.org"})
    assert again.status_code == 422
    assert "There is already a person" in again.content.decode()


def test_a_person_is_kept_from_signing_in(administrator: SignedIn, reader: User) -> None:
    administrator.post(f"/people/{reader.pk}/", {"name": "Ingrid Falk", "is_auditor": "on"})
    reader.refresh_from_db()
    assert (reader.is_active, reader.is_auditor) == (False, True)
    assert Record.objects.filter(action="user.changed").exists()


def test_the_last_administrator_stays(administrator: SignedIn) -> None:
    own = User.objects.get(email="admin@example.org")
    response = administrator.post(f"/people/{own.pk}/", {"name": "", "is_active": "on"})
    assert response.status_code == 422
    assert "This is the last administrator" in response.content.decode()


def test_a_group_lives(administrator: SignedIn, reader: User) -> None:
    administrator.post("/groups/new/", {"name": "Credit"})
    group = Group.objects.get(name="Credit")
    administrator.post(f"/groups/{group.pk}/", {"who": reader.email})
    assert list(group.members.all()) == [reader]
    assert "Ingrid Falk" in text(administrator, f"/groups/{group.pk}/")
    administrator.post(f"/groups/{group.pk}/rename/", {"name": "Credit, Utilities"})
    assert "Credit, Utilities" in text(administrator, "/groups/")
    administrator.post(f"/groups/{group.pk}/members/{reader.pk}/remove/")
    assert not group.members.exists()
    administrator.post(f"/groups/{group.pk}/delete/")
    assert not Group.objects.exists()


def test_a_member_must_be_somebody(administrator: SignedIn) -> None:
    response = administrator.post(f"/groups/{GroupFactory().pk}/", {"who": "nobody@example.org"})
    assert response.status_code == 422
    assert "No person has this address" in response.content.decode()


def test_a_manager_sees_what_somebody_reads_of_theirs_and_by_what(visitor: SignedIn, reader: User) -> None:
    mine, other = owned_by(reader, name="Credit file"), CollectionFactory(name="Board secrets")
    person = UserFactory(name="Marta Oyelaran")
    grant(mine, GroupFactory(name="Credit", members=[person]), Role.CONTRIBUTOR)
    grant(other, person)
    secret = DocumentFactory(collection=mine, title="Bonus plan")
    narrow_document(scope_of(reader), secret, [], [])
    html = text(visitor, f"/people/{person.pk}/")
    assert "Credit file" in html
    assert "As contributor through the group “Credit”" in html
    assert "Bonus plan" in html
    assert "Does not read" in html
    assert "Board secrets" not in html
    assert "Rights" not in html


def test_whoever_reads_nothing_of_a_manager_is_nobody_to_them(visitor: SignedIn, reader: User) -> None:
    collection, stranger = owned_by(reader), UserFactory()
    assert visitor.get(f"/people/{stranger.pk}/").status_code == 404
    assert visitor.get(f"/people/{uuid.uuid4()}/").status_code == 404
    for address in (stranger.email, "nobody@example.org"):
        sent = visitor.get(f"/people/find/?who={address}&back={collection.pk}")
        assert sent.headers["Location"] == f"/collections/{collection.pk}/access/"


def test_a_person_is_found_by_address(administrator: SignedIn, reader: User) -> None:
    assert administrator.get(f"/people/find/?who={reader.email}").headers["Location"] == f"/people/{reader.pk}/"


def test_people_are_suggested_to_those_who_grant(visitor: SignedIn, reader: User) -> None:
    UserFactory(name="Marta Oyelaran", email="marta@example.org")
    GroupFactory(name="Market risk")
    assert visitor.get("/suggest/readers/?q=mar").status_code == 404
    owned_by(reader)
    html = text(visitor, "/suggest/readers/?q=mar")
    assert "Marta Oyelaran" in html
    assert "Market risk" in html
    assert "Market risk" not in text(visitor, "/suggest/people/?q=mar")
    assert "Marta" not in text(visitor, "/suggest/people/?q=m")


def test_only_documents_that_may_be_read_are_suggested(visitor: SignedIn, reader: User) -> None:
    mine = DocumentFactory(collection=owned_by(reader), title="Annual report of Halden")
    DocumentFactory(title="Annual report of others")
    html = text(visitor, "/suggest/documents/?q=annual")
    assert str(mine.pk) in html
    assert "others" not in html
