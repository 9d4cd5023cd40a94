"""Places survive every turn of the page."""

from hypothesis import given
from hypothesis import strategies as st

from apps.core.geometry import Box
from apps.documents.layout import Frame, PageLayout, Word, arrange
from apps.documents.layout.paragraphs import Style

_LENGTH = st.floats(10, 2000)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[Box, float, float]:
    width, height = draw(_LENGTH), draw(_LENGTH)
    xs = sorted(draw(st.tuples(st.floats(0, width), st.floats(0, width))))
    ys = sorted(draw(st.tuples(st.floats(0, height), st.floats(0, height))))
    return (xs[0], ys[0], xs[1], ys[1]), width, height


@given(boxes(), st.sampled_from(Frame))
def test_a_box_comes_back_from_every_frame(placed: tuple[Box, float, float], frame: Frame) -> None:
    box, width, height = placed
    back = frame.leave(frame.enter(box, width, height), width, height)
    assert all(abs(a - b) < 1e-6 for a, b in zip(back, box, strict=True))


@given(boxes(), st.sampled_from(Frame))
def test_fractions_are_ordered_and_on_the_page(placed: tuple[Box, float, float], frame: Frame) -> None:
    box, width, height = placed
    x0, y0, x1, y1 = frame.fraction(frame.enter(box, width, height), width, height)
    assert 0 <= x0 <= x1 <= 1
    assert 0 <= y0 <= y1 <= 1


_WORDS = st.lists(
    st.tuples(
        st.text("abcdefgXYZ0123456789.,%()", min_size=1, max_size=12),
        st.floats(0, 500),
        st.floats(0, 780),
        st.sampled_from([8.0, 10.0, 16.0]),
        st.booleans(),
        st.sampled_from([Frame.UPRIGHT, Frame.UPRIGHT, Frame.UPRIGHT, Frame.DOWNWARDS]),
    ),
    max_size=60,
)


@given(_WORDS)
def test_no_word_is_lost_or_repeated_however_words_lie(
    placed: list[tuple[str, float, float, float, bool, Frame]],
) -> None:
    words = [
        Word(text, x, y, x + len(text) * size / 2, y + size, y + size, size, bold, frame)
        for text, x, y, size, bold, frame in placed
    ]
    blocks = arrange(words, PageLayout(600, 800, Style(10.0)))
    read = sorted("".join(block.text.split()) for block in blocks)
    assert sorted("".join(read)) == sorted("".join(word.text for word in words))
    for block in blocks:
        assert block.text == "\n".join(line.text for line in block.lines)
        for line in block.lines:
            assert all(0 <= value <= 1 for value in line.box)
