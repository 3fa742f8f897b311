"""The colours of pages and plots: one name, one value on light and one on dark paper.

The lines' colours are Okabe and Ito's, told apart by colour-blind readers too. Plots are drawn in the light
values; in an SVG each becomes its CSS variable, so that one drawing serves both.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colour:
    """A role and its values as `#rrggbb`."""

    name: str
    light: str
    dark: str


INK = Colour("ink", "#1b1f24", "#e6e8eb")
MUTED = Colour("muted", "#5b6470", "#a3adb8")
LINE = Colour("line", "#d5d9de", "#3a414b")
PAPER = Colour("paper", "#ffffff", "#14171b")
PANEL = Colour("panel", "#f5f6f8", "#1d2127")
BLUE = Colour("blue", "#0072b2", "#56b4e9")
ORANGE = Colour("orange", "#d55e00", "#ff9448")
GREEN = Colour("green", "#00875f", "#3fc79d")
PURPLE = Colour("purple", "#a8447f", "#e39cc8")
AMBER = Colour("amber", "#b07900", "#f0c04a")
ALL = (INK, MUTED, LINE, PAPER, PANEL, BLUE, ORANGE, GREEN, PURPLE, AMBER)

SERVERS = {"tensorflow": BLUE, "torchserve": ORANGE}
SERIES = (BLUE, ORANGE, GREEN, PURPLE, AMBER, MUTED)


def of_server(server: str) -> Colour:
    """The colour of a server's marks; servers that are not known yet share one."""
    return SERVERS.get(server, GREEN)


def variables(*, dark: bool) -> str:
    """CSS declarations of all colours."""
    return " ".join(f"--{each.name}: {each.dark if dark else each.light};" for each in ALL)


def style_sheet() -> str:
    """CSS that follows the reader's colour scheme; `data-theme` on the root element overrides it."""
    light, dark = variables(dark=False), variables(dark=True)
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark; {dark} }} }}\n"
        f':root[data-theme="light"] {{ color-scheme: light; {light} }}\n'
        f':root[data-theme="dark"] {{ color-scheme: dark; {dark} }}\n'
        f"@media print {{ :root, :root[data-theme] {{ color-scheme: light; {light} }} }}\n"
    )
