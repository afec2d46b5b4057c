"""What the pictures of a comparison are drawn on."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["figure"]


def figure(width: float, height: float) -> Figure:
    """An empty figure that no global state knows of.

    Args:
        width: Inches.
        height: Inches.

    Returns:
        The figure.
    """
    empty = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(empty)
    return empty
