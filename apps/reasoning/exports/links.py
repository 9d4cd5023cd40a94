"""Addresses that lead from a file back to the pages: of an answer, and of a passage with its words lit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses for one answer. `site` is where the installation is reached, such as `https://toulmin.example/`."""

    site: str
    answer_id: str

    def answer(self) -> str:
        return self._at(reverse("answer", args=[self.answer_id]))

    def citation(self, passage: Mapping[str, Any], marker: int) -> str:
        """Return the address of the page with the words of a citation lit."""
        return self._document(passage, {"answer": self.answer_id, "marker": marker})

    def passage(self, passage: Mapping[str, Any]) -> str:
        """Return the address of the page with a passage lit."""
        return self._document(passage, {"passage": passage["id"]})

    def _document(self, passage: Mapping[str, Any], lit: Mapping[str, object]) -> str:
        page = {"page": passage["page"]} if passage["page"] else {}
        return self._at(f"{reverse('document', args=[passage['document']['id']])}?{urlencode(page | dict(lit))}")

    def _at(self, path: str) -> str:
        return urljoin(self.site, path)
