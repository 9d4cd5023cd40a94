"""File names as people send them: anything may be in them, and none of it is ever used as a path."""

import re
import unicodedata

LONGEST = 200
"""In characters: short enough for every file system when somebody downloads the file again."""

LONGEST_FOLDER = 500

_NAMELESS = "document"


def clean_filename(name: str) -> str:
    """Return a name that is safe to store, show and send in a header: no folders, no invisible or control characters.

    The ending is kept where the name has to be cut. Returns "document" where nothing is left.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    name = re.sub(r"\s+", " ", name).strip().rstrip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 12:
        return name[:LONGEST].strip(" .") or _NAMELESS
    stem = stem[: LONGEST - len(ending) - 1].strip(" .")
    return f"{stem or _NAMELESS}.{ending}"


def clean_folder(path: str) -> str:
    """Return the folders of a path as they may be shown, joined by slashes; nothing leads upwards, and it is never opened."""
    parts = (part.strip() for part in path.replace("\\", "/").split("/"))
    names = [clean_filename(part) for part in parts if part.strip(". ")]
    return "/".join(names)[:LONGEST_FOLDER].strip("/ ")


def title_of(filename: str) -> str:
    """Return the title that a document gets from its cleaned file name: without ending, underscores as spaces."""
    stem, dot, ending = filename.rpartition(".")
    words = (stem if dot and len(ending) <= 12 else filename).replace("_", " ")
    return re.sub(r"\s+", " ", words).strip() or filename
