"""What needs a person, as an operator sees it: by `couponbus status`, and by the page."""

import html
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from tests.e2e.product import Product

EVERYWHERE = (True, True)
SENTENCE = re.compile(r"<li><p>(.*?)</p>")


def shown_of(product: Product, *words: str) -> tuple[bool, bool]:
    """Return whether one sentence of status, and one of the page, has all of the words.

    Status must end with 1, as scripts rely on it.
    """
    status = product.couponbus("status", "--json")
    assert status.returncode == 1, status.stdout + status.stderr
    by_status = cast("list[str]", json.loads(status.stdout)["attention"])
    return _is_said(words, by_status), _is_said(words, _by_page(product))


def _is_said(words: Sequence[str], sentences: Sequence[str]) -> bool:
    return any(all(word in sentence for word in words) for sentence in sentences)


def _by_page(product: Product) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        saved = product.couponbus("page", "--save", str(file))
        assert saved.returncode == 0, saved.stdout + saved.stderr
        return [html.unescape(text) for text in SENTENCE.findall(file.read_text("utf-8"))]
