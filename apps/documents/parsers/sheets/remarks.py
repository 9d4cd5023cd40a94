"""What lies over the cells of a sheet: comments on cells, text boxes, and the titles of charts (their figures are cells)."""

from collections.abc import Iterator
from typing import Any

from apps.documents.parsers.ooxml import OfficePackage, attribute, local_name, number
from apps.documents.parsing import Block, BlockKind


def remarks_of(package: OfficePackage, sheet: str) -> Iterator[Block]:
    """Yield the remarks of a sheet: drawings in their order, then comments in theirs."""
    for drawing in package.related(sheet, "drawing"):
        root = package.tree(drawing)
        if root is not None:
            yield from _texts(root)
        for chart in package.related(drawing, "chart"):
            yield from _chart_title(package.tree(chart))
    yield from _comments(package, sheet)


def _texts(root: Any) -> Iterator[Block]:
    for body in root.iter("{*}txBody"):
        text = "\n".join(filter(None, (drawn_text(paragraph) for paragraph in body.iter("{*}p"))))
        yield Block(BlockKind.TEXT, text)


def _chart_title(root: Any) -> Iterator[Block]:
    title = root.find(".//{*}chart/{*}title") if root is not None else None
    if title is not None:
        yield Block(BlockKind.CAPTION, " ".join(filter(None, (drawn_text(p) for p in title.iter("{*}p")))))


def drawn_text(paragraph: Any) -> str:
    """Return the words of a paragraph in a drawing."""
    parts = []
    for item in paragraph.iter("{*}t", "{*}br"):
        parts.append((item.text or "") if local_name(item) == "t" else " ")
    return " ".join("".join(parts).split())


def _comments(package: OfficePackage, sheet: str) -> Iterator[Block]:
    """Yield a note a comment: threads where the file has them, since what stands beside them for older programs repeats them."""
    threads = list(package.related(sheet, "threadedComment"))
    threaded: set[str] = set()
    names = dict(_persons(package)) if threads else {}
    for part in threads:
        root = package.tree(part)
        for comment in root if root is not None else ():
            text = " ".join("".join(t.text or "" for t in comment.iter("{*}text")).split())
            threaded.add(comment.get("ref", ""))
            yield _note(comment.get("ref", ""), names.get(comment.get("personId", ""), ""), text)
    for part in package.related(sheet, "comments"):
        root = package.tree(part)
        if root is None:
            continue
        authors = [author.text or "" for author in root.iter("{*}author")]
        for comment in root.iter("{*}comment"):
            place, by = comment.get("ref", ""), number(comment.get("authorId"), -1)
            if place not in threaded:
                text = " ".join("".join(t.text or "" for t in comment.iter("{*}t")).split())
                yield _note(place, authors[by] if 0 <= by < len(authors) else "", text)


def _note(place: str, author: str, text: str) -> Block:
    said = text if not author or text.startswith(author) else f"{author}: {text}"
    return Block(BlockKind.NOTE, f"{place} {said}" if text else "")


def _persons(package: OfficePackage) -> Iterator[tuple[str, str]]:
    for part in package.related(package.main_part(), "person"):
        root = package.tree(part)
        for person in root if root is not None else ():
            yield attribute(person, "id"), attribute(person, "displayName")
