"""An answer is saved from its page as a file, by its asker only."""

import pytest

from apps.accounts.models import User
from apps.audit.models import Record
from tests.factories import AnswerFactory, DocumentFactory, owned_by
from tests.reasoning.exported import full_answer
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db

_KINDS = {"docx": b"PK", "xlsx": b"PK", "pdf": b"%PDF-", "txt": b"How much was net debt"}


@pytest.mark.parametrize("format", _KINDS)
def test_each_kind_is_saved_under_the_name_of_the_question(visitor: SignedIn, reader: User, format: str) -> None:
    answer = full_answer(reader, DocumentFactory(collection=owned_by(reader)))
    response = visitor.get(f"/answers/{answer.pk}/export?format={format}")
    assert response.content.startswith(_KINDS[format])
    name = f"How much was net debt at the end of the year.{format}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Cache-Control"] == "private, no-store"
    assert Record.objects.filter(action="answer.exported", answer=str(answer.pk)).count() == 1


def test_links_of_a_file_lead_to_where_the_page_was(visitor: SignedIn, reader: User) -> None:
    answer = full_answer(reader, DocumentFactory(collection=owned_by(reader)))
    assert b"http://testserver/documents/" in visitor.get(f"/answers/{answer.pk}/export?format=txt").content


def test_others_and_unknown_kinds_get_nothing(visitor: SignedIn, reader: User) -> None:
    assert visitor.get(f"/answers/{AnswerFactory().pk}/export?format=pdf").status_code == 404
    assert visitor.get(f"/answers/{AnswerFactory(asker=reader).pk}/export?format=exe").status_code == 422
    assert not Record.objects.filter(action="answer.exported").exists()


def test_the_page_offers_the_files_and_the_copy_with_its_citations(visitor: SignedIn, reader: User) -> None:
    answer = full_answer(reader, DocumentFactory(collection=owned_by(reader)))
    html = visitor.get(f"/answers/{answer.pk}/").content.decode()
    for format in _KINDS:
        assert f'href="/answers/{answer.pk}/export?format={format}"' in html
    assert '<template id="to-copy-html"><p><b>How much was net debt' in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert(1)" not in html


def test_a_workbook_is_offered_only_where_there_are_figures(visitor: SignedIn, reader: User) -> None:
    answer = full_answer(reader, DocumentFactory(collection=owned_by(reader)), text="Debt rose [1].")
    html = visitor.get(f"/answers/{answer.pk}/").content.decode()
    assert "format=docx" in html
    assert "format=xlsx" not in html
