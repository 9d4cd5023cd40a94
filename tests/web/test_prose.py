"""Model text becomes HTML here and nowhere else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.web.prose import Number, Sentence, paragraphs


def chip(marker: int) -> str:
    return f'<a class="cite" href="/x/{marker}" data-marker="{marker}">{marker}</a>' if 1 <= marker <= 5 else ""


def html_of(text: str, *sentences: Sentence) -> str:
    return "".join(p.html for p in paragraphs(text, chip=chip, sentences=sentences))


def sentence(number: int, text: str, part: str) -> Sentence:
    start = text.index(part)
    return Sentence(number, start, start + len(part), "unchecked", cited=True)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<https://evil.example>",
    "<style>body{display:none}</style>",
    "[1]: https://evil.example 'x'\n\n[1]",
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    "| <b onclick=alert(1)>a</b> |\n|---|\n| <svg onload=alert(1)> |",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_model_writes_becomes_a_link_a_picture_or_a_script(text: str) -> None:
    html = html_of(text)
    assert not re.search(r"<(script|img|style|svg|b\b|iframe|object)", html)
    assert all('class="cite"' in link for link in re.findall(r"<a [^>]*>", html))
    assert not re.search(r"<[^>]+\s(on\w+|style)=", html)
    assert "https://evil" not in "".join(re.findall(r"<[^>]+>", html))


@given(st.text(alphabet="ab <>\"'&*_`[]()!#|-\n1🎉\U00012470\ue001", max_size=120))
def test_any_text_gives_balanced_markup_without_foreign_attributes(text: str) -> None:
    spans = [Sentence(1, 0, len(text) // 2, "unchecked", False), Sentence(2, len(text) // 2, len(text), "partly", True)]
    html = html_of(text, *spans)
    assert html.count("<span") == html.count("</span>")
    for tag in re.findall(r"<[a-z][^>]*>", html):
        assert not re.search(r"\s(on\w+|style|src)=", tag)


def test_markers_become_chips_and_those_without_a_passage_stay_text() -> None:
    html = html_of("Debt rose. [1][2] So it is [9].")
    assert html.count('class="cite"') == 2
    assert "[9]" in html


def test_a_sentence_is_wrapped_with_the_chips_that_follow_it() -> None:
    text = "Debt rose. [1] It fell later."
    html = html_of(text, sentence(1, text, "Debt rose."))
    span = re.search(r'<span class="claim" id="k1"[^>]*>(.*?)</span>', html)
    assert span is not None
    assert span[1].startswith("Debt rose.")
    assert 'data-marker="1"' in span[1]


def test_a_sentence_that_begins_with_emphasis_keeps_it() -> None:
    text = "**Net debt** rose, and _much_ so."
    html = html_of(text, sentence(1, text, text))
    assert "<strong>" in html
    assert "<em>" in html
    assert html.count('id="k1"') == 1
    assert html.count("<span") == html.count("</span>") == 4


def test_list_items_and_table_cells_are_marked_inside_their_markup() -> None:
    text = "- One thing [1].\n- Another.\n\n| A | B |\n|---|--:|\n| x | 12 [2] |"
    html = html_of(text, sentence(1, text, "- One thing [1]."), sentence(2, text, "12 [2]"))
    assert re.search(r'<li>\s*<span class="claim" id="k1"', html)
    assert re.search(r'<td class="num">\s*<span class="claim" id="k2"', html)


def test_headings_go_with_what_follows_and_never_reach_the_pages_own_level() -> None:
    found = paragraphs("# Net debt\n\nIt rose.\n\n### Why\n\nCapital.", chip=chip)
    assert len(found) == 2
    assert found[0].html.startswith("<h2>Net debt</h2>")
    assert found[1].html.startswith("<h3>Why</h3>")


def test_tables_scroll_in_a_region_of_their_own() -> None:
    html = html_of("| A | B |\n|---|---|\n| 1 | 2 |")
    assert re.search(
        r'<div class="tablewrap" tabindex="0" role="region" aria-label="[^"]+"><table class="table">', html
    )


def test_paragraphs_know_their_sentences_and_markers_in_reading_order() -> None:
    text = "First [3]. Second [1].\n\nThird [3]."
    parts = [sentence(n, text, part) for n, part in enumerate(["First [3].", "Second [1].", "Third [3]."], start=1)]
    found = paragraphs(text, chip=chip, sentences=parts)
    assert [p.markers for p in found] == [(3, 1), (3,)]
    assert [p.sentences for p in found] == [(1, 2), (3,)]
    assert [p.lead for p in found] == [True, False]


def number(n: int, text: str, part: str) -> Number:
    start = text.index(part)
    return Number(n, start, start + len(part), f'<button class="figure" type="button" popovertarget="f{n}">', "")


def test_a_figure_is_a_button_within_its_sentence_and_emphasis() -> None:
    text = "It rose by **10.76 %** to \\$1,204 [1]."
    html = paragraphs(
        text,
        chip=chip,
        sentences=[sentence(1, text, text)],
        figures=[number(1, text, "10.76 %"), number(2, text, "$1,204")],
    )[0].html
    assert re.search(r'<strong><span class="claim"[^>]*><button[^>]*popovertarget="f1">10.76 %</button>', html)
    assert re.search(r'popovertarget="f2">\$1,204</button>', html)
    assert "\\" not in html


def test_the_words_that_nothing_bears_out_are_marked_within_their_sentence() -> None:
    text = "一つ目は12です。二つ目は34です。"
    first = Sentence(1, 0, 9, "partly", True, short=((0, 9),))
    second = Sentence(2, 9, len(text), "partly", True, short=((9, 12),))
    html = paragraphs(text, chip=chip, sentences=[first, second])[0].html
    assert html.count('<span class="short">') == 2
    assert '<span class="short">二つ目</span>' in html


@given(
    st.text(alphabet="ab <>\"'&*_`[]()!#|-\n1🎉\U00012470\U00012472\ue001\\", min_size=8, max_size=120),
    st.integers(0, 7),
    st.integers(1, 8),
)
def test_any_text_with_figures_gives_balanced_markup(text: str, start: int, length: int) -> None:
    half = len(text) // 2
    spans = [
        Sentence(1, 0, half, "partly", False, short=((start, start + length),)),
        Sentence(2, half, len(text), "partly", True, short=((half, len(text)),)),
    ]
    figure = Number(1, start, start + length, '<button class="figure" type="button">', "")
    html = "".join(p.html for p in paragraphs(text, chip=chip, sentences=spans, figures=[figure]))
    for tag in ("span", "button"):
        assert html.count(f"<{tag}") == html.count(f"</{tag}>")
    assert not re.search(r"[\U00012470-\U00012474]", html)
