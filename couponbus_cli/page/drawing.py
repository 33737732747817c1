"""Draw a screen as HTML: each value redacted, made visible and escaped."""

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from couponbus_cli.app.answer import redacted, visible
from couponbus_cli.app.formatting import duration, moment
from couponbus_cli.page.screen import Screen
from couponbus_cli.page.search import Result

HERE = Path(__file__).parent
STYLE, SCRIPT = "page.css", "page.js"
SAVED_POLICY = (
    "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
)


def page_of(screen: Screen) -> str:
    """Return the first screen."""
    return _drawn("page.html", screen=screen)


def search_page_of(result: Result, *, stage: str) -> str:
    """Return what a search has found."""
    return _drawn("search.html", result=result, stage=stage)


def refusal() -> str:
    """Return the answer to a browser without the key."""
    return _drawn("refused.html")


def problem_page_of(problem: str, *, stage: str) -> str:
    """Return a page that says why there is no other one."""
    return _drawn("problem.html", problem=problem, stage=stage)


def saved_page_of(screen: Screen) -> str:
    """Return the first screen as one file that needs nothing else, and runs nothing."""
    style = asset(STYLE)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = SAVED_POLICY.format(digest=digest)
    own = Markup(style)  # noqa: S704 - a file of this package
    return _drawn("saved.html", screen=screen, style=own, policy=policy)


@cache
def asset(name: str) -> str:
    """Return the stylesheet or the script."""
    return (HERE / name).read_text(encoding="utf-8")


def _drawn(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        finalize=_shown,
        loader=FileSystemLoader(HERE / "templates"),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "moment": moment,
        "duration": duration,
        "instant": _instant,
    }
    return environment


def _shown(value: object) -> object:
    """Prepare a value for a page; `Markup` is a part that was drawn of such values."""
    return value if isinstance(value, Markup) else redacted(visible(str(value)))


def _instant(at: str) -> str:
    return moment(datetime.fromisoformat(at))
