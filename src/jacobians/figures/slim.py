"""What a drawing weighs on a page: Matplotlib's SVG without what nobody sees."""

import re

FEWEST = r'(<g\b[^>]*)>((?:\s*<use [^>]* style="([^"]*)"/>)(?:\s*<use [^>]* style="\3"/>)+)\s*</g>'


def slim(svg):
    """The same drawing with coordinates to three digits, one style for many marks, and no names that nothing asks for.

    A tenth of a point, a hundredth below ten, is a part of what a screen can show.

    >>> slim('<g id="a"><path d="M 1.00412 2.5 \\nL 3 4 \\nz"/><!-- x --></g>')
    '<path d="M1 2.5L3 4z"/>'
    """
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(?<=\b[dxy]=")[^"]*', lambda found: _path(found[0]), svg)
    svg = re.sub(r"(?<=translate\()[^)]*", lambda found: _path(found[0]), svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(FEWEST, lambda g: f'{g[1]} style="{g[3]}">' + g[2].replace(f' style="{g[3]}"', "") + "</g>", svg)
    svg = re.sub(r"(?<=[;:]) ", "", svg)
    asked = set(re.findall(r"#([^\")]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in asked else "", svg)
    while (less := re.sub(r"<g>((?:(?!</?g\b).)*)</g>", r"\1", svg, flags=re.DOTALL)) != svg:
        svg = less
    return svg


def _path(text):
    """Coordinates, rounded, with as few spaces as they need.

    >>> _path("M 37.268209 -0.001 \\nL 1.50 3")
    'M37.3 0L1.5 3'
    """
    text = re.sub(r"-?\d+\.\d+(?:e-?\d+)?", lambda number: _short(float(number[0])), text)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(text.split()))


def _short(value):
    places = 1 if abs(value) >= 10 else 2
    return f"{round(value, places) + 0.0:.{places}f}".rstrip("0").rstrip(".")
