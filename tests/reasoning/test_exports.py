"""An answer taken out as a file says what the page says, with its notes, its verdicts and its record."""

import ctypes
import hashlib
import io
import zipfile
from typing import Any

import docx
import pypdfium2
import pytest

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.log import read_body
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound
from apps.documents.models import Document
from apps.reasoning.models import Answer
from apps.reasoning.services import export_answer
from tests.factories import AnswerFactory, DocumentFactory, UserFactory, grant, owned_by, scope_of
from tests.reasoning.exported import W, full_answer, part, said

pytestmark = pytest.mark.django_db

SITE = "https://toulmin.example/"


@pytest.fixture
def asker() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def document(asker: User) -> Document:
    made: Document = DocumentFactory(collection=owned_by(asker), title="Annual Report 2025")
    return made


def exported(answer: Answer, format: str) -> bytes:
    return export_answer(scope_of(answer.asker), answer, format=format, site=SITE).content


def pdf_pages(content: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in opened]


def test_word_opens_the_file_with_headings_items_and_tables(asker: User, document: Document) -> None:
    opened = docx.Document(io.BytesIO(exported(full_answer(asker, document), "docx")))
    paragraphs = {paragraph.text: paragraph.style.name for paragraph in opened.paragraphs}
    assert paragraphs["How much was net debt at the end of the year?"] == "Title"
    assert paragraphs["By lender"] == "Heading 2"
    assert [cell.text for cell in opened.tables[0].rows[0].cells] == ["Year", "Net debt"]
    assert opened.core_properties.title == "How much was net debt at the end of the year?"


def test_word_has_a_footnote_for_each_citation_once_and_refers_to_it_again(asker: User, document: Document) -> None:
    content = exported(full_answer(asker, document), "docx")
    body, notes = part(content, "word/document.xml"), part(content, "word/footnotes.xml")
    assert [ref.get(f"{W}id") for ref in body.iter(f"{W}footnoteReference")] == ["1", "2"]
    again = [field.get(f"{W}instr").split()[1] for field in body.iter(f"{W}fldSimple")]
    assert again == ["_Note1", "_Note2", "_Note2", "_Note1"]
    written = [said(note) for note in notes if note.get(f"{W}type") is None]
    assert "Annual Report 2025, p. 1: “Net debt fell to 4,120 million.”" in written[0]
    assert "“Net debt was 1,087 million.”" in written[1]


def test_notes_of_a_word_file_lead_to_the_page_with_the_words_lit(asker: User, document: Document) -> None:
    answer = full_answer(asker, document)
    links = part(exported(answer, "docx"), "word/_rels/footnotes.xml.rels")
    targets = [link.get("Target") for link in links]
    assert targets[0] == f"{SITE}documents/{document.pk}/?page=1&answer={answer.pk}&marker=1"


@pytest.mark.parametrize("format", ["docx", "pdf", "txt"])
def test_a_claim_that_is_not_supported_says_so_behind_itself(asker: User, document: Document, format: str) -> None:
    content = exported(full_answer(asker, document), format)
    assert "Banks waive the covenant. [not supported]" in words_of(content, format)


@pytest.mark.parametrize("format", ["docx", "pdf", "txt"])
def test_every_file_names_the_record_and_its_hash(asker: User, document: Document, format: str) -> None:
    words = words_of(exported(full_answer(asker, document), format), format)
    assert "record 41" in words
    assert "ab12" * 16 in words.replace(" ", "")


@pytest.mark.parametrize("format", ["docx", "pdf", "txt"])
def test_markup_of_the_model_stays_text_and_no_address_of_its_own_is_a_link(
    asker: User, document: Document, format: str
) -> None:
    content = exported(full_answer(asker, document), format)
    assert "<script>alert(1)</script>" in words_of(content, format)
    assert not [target for target in links_of(content, format) if not target.startswith(SITE)]


def test_footnotes_of_a_pdf_stand_on_the_page_that_cites_them(asker: User, document: Document) -> None:
    filler = "\n\n".join("The covenant is tested twice a year and was met at both dates. " * 6 for _ in range(14))
    answer = full_answer(asker, document, text=f"Net debt was £1,204 million [1].\n\n{filler}\n\nBonds do not [2].")
    pages = pdf_pages(exported(answer, "pdf"))
    first = next(number for number, page in enumerate(pages) if "Net debt fell to 4,120 million" in page)
    second = next(number for number, page in enumerate(pages) if "Net debt was 1,087 million" in page)
    assert "Net debt was £1,204 million" in pages[first]
    assert "Bonds do not" in pages[second]
    assert first < second


def test_links_of_a_pdf_lead_to_the_cited_page(asker: User, document: Document) -> None:
    answer = full_answer(asker, document)
    assert f"{SITE}documents/{document.pk}/?page=1&answer={answer.pk}&marker=2" in links_of(
        exported(answer, "pdf"), "pdf"
    )


def test_a_pdf_sets_greek_and_cyrillic_and_says_what_it_cannot_set(asker: User, document: Document) -> None:
    answer = full_answer(asker, document, text="Δάνεια и долг [1]. الدين")
    words = words_of(exported(answer, "pdf"), "pdf")
    assert "Δάνεια и долг" in words
    assert "5 characters have no letters in the fonts of this file" in words
    assert "الدين" in words_of(exported(answer, "docx"), "docx")


def test_chinese_text_stays_text_in_a_pdf(asker: User, document: Document) -> None:
    words = words_of(exported(full_answer(asker, document, text="净债务为12亿英镑 [1]。"), "pdf"), "pdf")
    assert "净债务为" in words
    assert "set in the fonts of your PDF reader" in words


def test_the_workbook_computes_with_live_formulas_over_linked_sources(asker: User, document: Document) -> None:
    answer = full_answer(asker, document)
    content = exported(answer, "xlsx")
    sheet = part(content, "xl/worksheets/sheet1.xml")
    names = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    formulas = [cell.findtext("m:f", namespaces=names) for cell in sheet.iterfind(".//m:c[m:f]", namespaces=names)]
    assert formulas == ["(('Sources'!$B$2-'Sources'!$B$3)/'Sources'!$B$3)"]
    links = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/_rels/sheet2.xml.rels").decode()
    assert f"{SITE}documents/{document.pk}/?page=1&amp;answer={answer.pk}&amp;marker=1" in links


def test_plain_text_has_its_notes_below(asker: User, document: Document) -> None:
    words = exported(full_answer(asker, document), "txt").decode()
    assert "Net debt was £1,204 million\u00a0[1]." in words
    assert "\n[1] Annual Report 2025, p. 1: “Net debt fell to 4,120 million.”\n" in words


def test_an_export_is_recorded_with_the_hash_of_its_bytes(asker: User, document: Document) -> None:
    content = exported(full_answer(asker, document), "txt")
    sealed = read_body(Record.objects.get(action=Action.ANSWER_EXPORTED))
    assert sealed["data"] == {"format": "txt", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert sealed["documents"] == [str(document.pk)]


def test_access_is_asked_for_again_at_every_export(document: Document) -> None:
    reader = UserFactory()
    grant(document.collection, reader)
    answer = full_answer(reader, document)
    assert exported(answer, "txt")
    grant(document.collection, reader).delete()
    with pytest.raises(NotAllowed):
        exported(answer, "pdf")
    grant(document.collection, reader)
    assert exported(answer, "pdf")


def test_nobody_else_and_nothing_unfinished_and_no_other_format(asker: User, document: Document) -> None:
    answer = full_answer(asker, document)
    with pytest.raises(NotFound):
        export_answer(scope_of(UserFactory()), answer, format="txt", site=SITE)
    with pytest.raises(Conflict):
        exported(AnswerFactory(asker=asker, status="reasoning"), "txt")
    with pytest.raises(Invalid):
        exported(answer, "odt")


def test_rows_that_are_higher_than_a_page_go_on_under_their_headings(asker: User, document: Document) -> None:
    rows = "\n".join(f"| {n} | {'The covenant was met at both dates. ' * 220} [1] |" for n in range(3))
    answer = full_answer(asker, document, text=f"| Year | Test |\n|---|---|\n{rows}")
    pages = pdf_pages(exported(answer, "pdf"))
    assert len(pages) > 4
    assert all("Year" in page and "Test" in page for page in pages[:-1])
    assert "Net debt fell to 4,120 million" in " ".join(pages)


def words_of(content: bytes, format: str) -> str:
    """Return what a file says, in one line."""
    if format == "pdf":
        return " ".join(" ".join(pdf_pages(content)).split())
    text = content.decode() if format == "txt" else said(part(content, "word/document.xml"))
    return " ".join(text.split())


def links_of(content: bytes, format: str) -> list[str]:
    """Return the addresses to which a file leads."""
    if format == "txt":
        return []
    if format == "docx":
        names = ("document", "footnotes")
        relations = [link for name in names for link in part(content, f"word/_rels/{name}.xml.rels")]
        return [link.get("Target") for link in relations if link.get("TargetMode") == "External"]
    opened = pypdfium2.PdfDocument(content)
    return [target for page in opened for target in pdf_links(opened, page)]


def pdf_links(opened: Any, page: Any) -> list[str]:
    """Return the addresses of the link annotations of a page."""
    raw, found = pypdfium2.raw, []
    position, link = ctypes.c_int(0), raw.FPDF_LINK()
    while raw.FPDFLink_Enumerate(page, position, link):
        action = raw.FPDFLink_GetAction(link)
        size = raw.FPDFAction_GetURIPath(opened, action, None, 0) if action else 0
        if size:
            buffer = ctypes.create_string_buffer(size)
            raw.FPDFAction_GetURIPath(opened, action, buffer, size)
            found.append(buffer.value.decode())
    return found
