"""What belongs to a slide without standing on it: the speaker's notes, and comments of both editions of PowerPoint."""

from collections.abc import Iterator
from typing import Any

from apps.documents.parsers.ooxml import OfficePackage, child
from apps.documents.parsers.slides.text import body_text
from apps.documents.parsing import Block, BlockKind


class Authors:
    """Who has commented on a presentation, by number."""

    def __init__(self, package: OfficePackage, main: str) -> None:
        self._names: dict[str, str] = {}
        for kind in ("commentAuthors", "authors"):
            for part in package.related(main, kind):
                root = package.tree(part)
                for author in root if root is not None else ():
                    self._names[author.get("id", "")] = " ".join((author.get("name") or "").split())

    def note(self, comment: Any, text: str) -> Block:
        """Return a comment as a note that begins with its author."""
        author = self._names.get(comment.get("authorId", ""), "")
        text = " ".join(text.split())
        return Block(BlockKind.NOTE, f"{author}: {text}" if author and text else text)


def notes_of(package: OfficePackage, slide: str) -> Iterator[Block]:
    """Yield what the speaker is to say."""
    for part in package.related(slide, "notesSlide"):
        root = package.tree(part)
        for shape in root.iter("{*}sp") if root is not None else ():
            placeholder = shape.find(".//{*}nvPr/{*}ph")
            if placeholder is not None and placeholder.get("type", "obj") == "body":
                yield Block(BlockKind.NOTE, body_text(child(shape, "txBody")))


def comments_of(package: OfficePackage, slide: str, authors: Authors) -> Iterator[Block]:
    """Yield the comments on a slide with their replies."""
    for part in package.related(slide, "comments"):
        root = package.tree(part)
        for comment in root.iter("{*}cm") if root is not None else ():
            yield authors.note(comment, _said(comment))
            for reply in comment.iter("{*}reply"):
                yield authors.note(reply, _said(reply))


def _said(comment: Any) -> str:
    plain = child(comment, "text")
    if plain is not None:
        return str(plain.text or "")
    return body_text(child(comment, "txBody"), " ")
