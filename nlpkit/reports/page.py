"""HTML pages that are complete in themselves: style, pictures and scripts inside, nothing fetched.

The templates are those of `templates/`, for Jinja. All extend `page.html`, which sets the style for
light and dark screens, wide and narrow ones, and forbids the browser any request.
"""

import base64
import functools
import importlib.resources
from typing import Any

import jinja2
import markupsafe

__all__ = ["data_uri", "render_page"]


def render_page(template: str, **content: Any) -> str:
    """Fills in a template.

    Args:
        template: The name of a file of `templates/`.
        **content: What the template names; text is escaped. Every page takes `title`, and
            `language`, a code such as "en".

    Returns:
        The page.

    Raises:
        jinja2.UndefinedError: If the template names something that is not given.

    Example:
        >>> "<title>A &amp; B</title>" in render_page("page.html", title="A & B", language="en")
        True
    """
    return _environment().get_template(template).render(content)


def data_uri(png: bytes) -> str:
    """A picture as the address of an image, which holds the picture itself.

    Args:
        png: The bytes of a PNG file.

    Returns:
        The address, for `src`; a filter of the templates, too.

    Example:
        >>> data_uri(b"PNG")
        'data:image/png;base64,UE5H'
    """
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


@functools.cache
def _environment() -> jinja2.Environment:
    """The templates; what a template names and does not get is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("nlpkit.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = data_uri
    environment.filters["number"] = _number
    environment.globals["raw"] = _raw
    return environment


def _number(value: float) -> str:
    """A number with three digits; a dash for one that is not there."""
    return "–" if value != value else f"{value:.3g}"


def _raw(name: str) -> markupsafe.Markup:
    """A style sheet or script of `templates/`, as it is."""
    file = importlib.resources.files("nlpkit.reports") / "templates" / name
    return markupsafe.Markup(file.read_text(encoding="utf-8"))
