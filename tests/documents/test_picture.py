"""Pictures as read, by the real recognition."""

import io
from pathlib import Path

import pytest
from PIL import Image

from apps.documents.parsers.picture import PictureParser, size_of
from apps.documents.parsing import Parsed, Quality, Source, Unreadable
from tests.documents import letters
from tests.documents.conftest import text_of


def read(path: Path) -> Parsed:
    return PictureParser().parse(Source(path), progress=lambda *at: None).whole()


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "gif", "bmp"])
def test_what_stands_on_a_picture_is_read(tmp_path: Path, ending: str) -> None:
    parsed = read(letters.saved(tmp_path / f"a.{ending}", letters.picture("Invoice number 4711")))
    page = parsed.whole().pages
    assert "4711" in text_of(parsed)
    assert [(p.recognised, p.quality) for p in page] == [(True, Quality.READ)]


def test_every_page_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    pages = [
        letters.picture("First sheet"),
        letters.picture("Second sheet").convert("L"),
        letters.picture("Third").convert("1"),
    ]
    parsed = read(letters.saved(tmp_path / "a.tiff", *pages))
    assert [page.number for page in parsed.pages] == [1, 2, 3]
    assert [page.blocks[0].text.split()[0] for page in parsed.pages] == ["First", "Second", "Third"]


def test_a_photograph_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    path = letters.saved(
        tmp_path / "a.jpg", letters.picture("Turned by the camera").transpose(Image.Transpose.ROTATE_90), exif=exif
    )
    page = next(iter(read(path).pages))
    assert page.width > page.height
    assert "camera" in page.blocks[0].text


def test_the_size_of_a_page_is_what_its_scanner_says(tmp_path: Path) -> None:
    page = next(iter(read(letters.saved(tmp_path / "a.png", letters.picture("Words"), dpi=(200, 200))).pages))
    assert (round(page.width), round(page.height)) == (446, 252)


def test_what_shines_through_is_read_on_white(tmp_path: Path) -> None:
    sheet = Image.new("RGBA", (1240, 400), (0, 0, 0, 0))
    sheet.paste(letters.picture("Seen on white").crop((0, 0, 1240, 400)), mask=Image.new("L", (1240, 400), 255))
    assert "white" in text_of(read(letters.saved(tmp_path / "a.png", sheet)))


def test_a_picture_of_nothing_is_listed_as_unread(tmp_path: Path) -> None:
    assert [
        page.quality for page in read(letters.saved(tmp_path / "a.png", Image.new("RGB", (600, 400), "white"))).pages
    ] == [Quality.UNREAD]


def test_pages_are_drawn_in_the_width_that_is_asked_for(tmp_path: Path) -> None:
    path = letters.saved(tmp_path / "a.tiff", letters.picture("One"), letters.picture("Two", size=(800, 1200)))
    drawn = Image.open(io.BytesIO(PictureParser().draw(Source(path), 2, 400)))
    assert (drawn.format, drawn.size) == ("PNG", (400, 600))
    with pytest.raises(Unreadable):
        PictureParser().draw(Source(path), 3, 400)


def test_a_picture_is_refused_by_what_it_declares_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    whole = letters.saved(path, Image.new("1", (8, 8))).read_bytes()
    path.write_bytes(whole[:16] + (60_000).to_bytes(4, "big") * 2 + whole[24:])
    with pytest.raises(Unreadable) as caught:
        read(path)
    assert caught.value.code in ("picture_too_large", "damaged")


@pytest.mark.parametrize("ending", ["png", "jpg", "tiff", "webp", "gif", "bmp"])
def test_a_picture_that_is_cut_off_is_refused_with_a_sentence(tmp_path: Path, ending: str) -> None:
    path = letters.saved(tmp_path / f"a.{ending}", letters.picture("Cut off"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(Unreadable, match="damaged or cut off"):
        read(path)


def test_what_is_no_picture_has_no_size() -> None:
    assert size_of(b"words") is None
