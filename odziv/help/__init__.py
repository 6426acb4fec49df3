"""The help centre: the articles as public pages, their search, and what readers say about them.

`catalogue` is what there is to read, `pages` shows it, `machines` is for search engines, `api` for the widget,
`feedback` for both.
"""

from flask import Flask

from odziv.help import api, feedback, machines, pages
from odziv.help.blueprint import blueprint

__all__ = ["api", "feedback", "machines", "pages", "register"]


def register(app: Flask) -> None:
    """Puts the pages under /help and the calls under /api/v1."""
    app.register_blueprint(blueprint)
    app.register_blueprint(api.blueprint)
