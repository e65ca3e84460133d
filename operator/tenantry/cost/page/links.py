"""Addresses of views: each is its words in a URL, so that a view can be sent to somebody.

The words are those of the HTTP API, and of ``tenantry cost``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from tenantry.cost.inquiry import DEFAULTS


@dataclass(frozen=True, slots=True)
class Links:
    """From one view to others.

    Attributes:
        words: of the view that is shown, as they were said.
    """

    words: Mapping[str, str]

    def said(self, word: str) -> str:
        """What a word is here."""
        return self.words.get(word) or DEFAULTS[word]

    def to(self, **changes: str) -> str:
        """The same view but for some words; a hyphen is written as an underscore."""
        return f"/?{self._query(changes)}".removesuffix("?")

    def download(self, form: str) -> str:
        """The same as a file; a FOCUS data set is of a whole tenant."""
        changes = {"application": "", "by": ""} if form == "focus" else {}
        return f"/api/v1/costs?{self._query(changes, format=form)}"

    def _query(self, changes: Mapping[str, str], **more: str) -> str:
        renamed = {word.replace("_", "-"): said for word, said in changes.items()}
        words = {word: said for word, said in {**self.words, **renamed, **more}.items() if said}
        kept = {word: said for word, said in words.items() if said != DEFAULTS.get(word)}
        return urlencode(kept)
