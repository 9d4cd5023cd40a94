"""What is sealed is read by this installation only."""

from typing import Any

import pytest

from apps.core.errors import Invalid
from apps.core.sealing import seal, unseal


def test_what_was_sealed_is_unsealed() -> None:
    assert unseal(seal("Schlüssel 42")) == "Schlüssel 42"


def test_sealing_twice_does_not_show_that_the_text_is_the_same() -> None:
    assert seal("same") != seal("same")


def test_what_another_secret_key_sealed_is_not_opened(settings: Any) -> None:
    sealed = seal("secret")
    settings.SECRET_KEY = "another key altogether"
    with pytest.raises(Invalid):
        unseal(sealed)


def test_what_was_changed_since_is_not_opened() -> None:
    sealed = bytearray(seal("secret"))
    sealed[-5] ^= 1
    with pytest.raises(Invalid):
        unseal(bytes(sealed))


def test_nothing_of_the_text_is_in_what_is_kept() -> None:
    assert b"secret" not in seal("secret")
