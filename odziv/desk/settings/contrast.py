"""Whether a site's colour can be read: contrast by WCAG 2.2, from 1 (none) to 21 (black on white)."""

from __future__ import annotations

LEAST = 4.5  # of text, by success criterion 1.4.3


def find_poor_contrast(colour: str) -> float | None:
    """The contrast of a colour like "#1f5c4a" to a white page, where that is too little for text; else None.

    The widget then writes in a darker shade of it.
    """
    if not colour:
        return None
    contrast = 1.05 / (_luminance(colour) + 0.05)
    return round(contrast, 1) if contrast < LEAST else None


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
