"""What DOCX, XLSX and PPTX have in common: parts that name each other, and what the file says of itself."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from apps.documents.parsers.archives import Package, damaged

_OF_SELF = {
    "creator": "author", "subject": "subject", "keywords": "keywords", "category": "category",
    "description": "description", "created": "created", "modified": "modified", "lastModifiedBy": "last_modified_by",
}  # fmt: skip
_LONGEST_PROPERTY = 500


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another; `kind` is the last word of its type, such as `comments`."""

    id: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says of itself."""

    title: str = ""
    language: str = ""
    metadata: tuple[tuple[str, str], ...] = ()


class OfficePackage(Package):
    """An archive whose parts are found by following relations from the root."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._relations: dict[str, tuple[Relation, ...]] = {}

    def main_part(self) -> str:
        """Return the name of the part that everything else hangs on."""
        for relation in self.relations(""):
            if relation.kind == "officeDocument":
                return relation.target
        raise damaged()

    def relations(self, part: str) -> tuple[Relation, ...]:
        """Return the links of a part ("" for the root) to other parts of the archive."""
        if part not in self._relations:
            folder, name = posixpath.split(part)
            root = self.tree(posixpath.join(folder, "_rels", f"{name}.rels"))
            self._relations[part] = () if root is None else tuple(_relations(root, folder))
        return self._relations[part]

    def related(self, part: str, kind: str) -> Iterator[str]:
        """Yield the names of the parts of this kind that a part links to, those that are there."""
        for relation in self.relations(part):
            if relation.kind == kind and relation.target in self:
                yield relation.target

    def properties(self) -> Properties:
        """Return what the file says of itself."""
        for part in self.related("", "core-properties"):
            root = self.tree(part)
            if root is not None:
                return properties_of(root)
        return Properties()


def properties_of(root: Any) -> Properties:
    """Return what an element of Dublin Core and similar fields says."""
    said = {local_name(child): " ".join((child.text or "").split())[:_LONGEST_PROPERTY] for child in root}
    metadata = tuple((name, said[field]) for field, name in _OF_SELF.items() if said.get(field))
    return Properties(said.get("title", ""), language_code(said.get("language", "")), metadata)


def language_code(tag: str) -> str:
    """Return the two letters of a language tag such as `de-CH`; "" for anything else."""
    code = tag.split("-")[0].lower()
    return code if len(code) == 2 and code.isalpha() else ""


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace; "" for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Any, name: str) -> Iterator[Any]:
    """Yield the children with this local name, whichever edition of the standard they are from."""
    return (child for child in element if local_name(child) == name)


def child(element: Any, *path: str) -> Any:
    """Return the first element down this path of local names; None where it ends."""
    for name in path:
        element = next(children(element, name), None) if element is not None else None
    return element


def attribute(element: Any, name: str, default: str = "") -> str:
    """Return an attribute by its local name."""
    value = element.get(name)
    if value is None:
        value = next((found for key, found in element.attrib.items() if key.rpartition("}")[2] == name), default)
    return str(value)


def number(text: str | None, default: int = 0) -> int:
    """Return a whole number from an attribute, `default` for what is none."""
    try:
        return int(text) if text else default
    except ValueError:
        return default


def is_true(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _relations(root: Any, folder: str) -> Iterator[Relation]:
    for link in root:
        target = link.get("Target", "")
        if local_name(link) == "Relationship" and target and link.get("TargetMode") != "External":
            name = target if target.startswith("/") else posixpath.join(folder, target)
            yield Relation(
                link.get("Id", ""), link.get("Type", "").rpartition("/")[2], posixpath.normpath(name).lstrip("/")
            )
