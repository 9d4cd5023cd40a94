"""What a judge is asked: text files beside this one. What is put in is marked off, since an answer may address its judge."""

import hashlib
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

_FOLDER = Path(__file__).parent


def filled(name: str, **parts: str) -> str:
    """Return a prompt with its parts put in, each between marks that its text cannot know."""
    mark = token_hex(4)
    text = _template(name)
    for part in parts:
        text = text.replace(f"{{{part}}}", f"<<{mark} {part}>>", 1)
    for part, value in parts.items():  # after all places are known: a value may hold the name of another part
        text = text.replace(f"<<{mark} {part}>>", f"[{part} {mark} begin]\n{value.strip()}\n[{part} {mark} end]", 1)
    return text


@lru_cache
def prompt_hash(name: str) -> str:
    """Return the SHA-256 of a prompt file, in hex."""
    return hashlib.sha256(_template(name).encode()).hexdigest()


@lru_cache
def _template(name: str) -> str:
    return (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").strip()
