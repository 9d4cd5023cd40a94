"""Endpoints as those see them who ask, and a Redis that is clean."""

from tests.reasoning.conftest import clean_cache

__all__ = ["clean_cache"]
