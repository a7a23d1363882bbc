"""What a drawing weighs on a page: Matplotlib's SVG without what nobody sees."""

import re

FEWEST = r'(<g\b[^>]*)>((?:\s*<use [^>]* style="([^"]*)"/>)(?:\s*<use [^>]* style="\3"/>)+)\s*</g>'
UNSEEN = r'<g\b[^>]*>\s*<path d="[^"]*" style="fill: none"/>\s*</g>'  # the ground of a figure that is transparent
LETTER = r'(?<=\bd=")([^"]*)" transform="scale\(0.015625\)'
PLACE = r'(?<=")\s*transform="translate\(([\d.]+) 0\)"(?=/>)'  # of a letter in its line, in 100ths of its size


def slim(svg):
    """The same drawing with coordinates to three digits, one style for many marks, and no names that nothing asks for.

    A tenth of a point, a hundredth below ten, is a part of what a screen can show. A letter's points keep
    a 500th of its size, its place in the line a 100th.

    >>> slim('<g id="a"><path d="M 1.00412 2.5 \\nL 3 4 \\nz"/><!-- x --></g>')
    '<path d="M1 2.5l2 1.5z"/>'
    """
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(UNSEEN, "", svg)
    svg = re.sub(LETTER, lambda g: f'{_path(g[1], 8)}" transform="scale(.125)', svg)
    svg = re.sub(r'(?<=\bd=")[A-Z] [^"]*', lambda found: _path(found[0]), svg)  # letters have no space there any more
    svg = re.sub(PLACE, lambda found: f' x="{round(float(found[1]))}"', svg)
    svg = re.sub(r'(?<=\b[xy]=")[^"]*|(?<=translate\()[^)]*', lambda found: _rounded(found[0]), svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(FEWEST, lambda g: f'{g[1]} style="{g[3]}">' + g[2].replace(f' style="{g[3]}"', "") + "</g>", svg)
    svg = re.sub(r"(?<=[;:]) ", "", svg)
    asked = set(re.findall(r"#([^\")]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in asked else "", svg)
    while (less := re.sub(r"<g>((?:(?!</?g\b).)*)</g>", r"\1", svg, flags=re.DOTALL)) != svg:
        svg = less
    return svg


def _path(path, shrink=1):
    """A path, shrunk, its points rounded where they stand, and told from the point before.

    >>> _path("M 37.268209 -0.001 \\nL 37.5 3 \\nL 37.5 3 \\nQ 38 4 39 4 \\nz"), _path("M 800 0 \\nL 816 8", 8)
    ('M37.3 0l.2 3q.5 1 1.5 1z', 'M100 0l2 1')
    """
    steps = [(step[0], [float(n) / shrink for n in step[1:].split()]) for step in re.findall("[A-Zz][^A-Zz]*", path)]
    places = 0 if shrink > 1 else 1 if any(abs(n) >= 10 for _, numbers in steps for n in numbers) else 2
    told, before, here, start = "", "", (0, 0), (0, 0)
    for letter, numbers in steps:
        at = [round(n * 10**places) for n in numbers]
        if letter == "M":
            start, moves = at, at
        else:
            moves = [n - here[i % 2] for i, n in enumerate(at)]
        if letter == "L" and not any(moves):
            continue
        here = tuple(at[-2:]) or start
        name = letter if letter in "Mz" else letter.lower()
        text = _tight(moves, places)
        told += text if name == before and text[0] == "-" else " " + text if name == before else name + text
        before = name
    return told


def _tight(numbers, places):
    """Whole numbers of a decimal place, as few letters as tell them apart.

    >>> _tight([25, -3, 40], 1)
    '2.5-.3 4'
    """
    told = ""
    for number in numbers:
        text = re.sub(r"^(-?)0\.", r"\1.", _plain(number / 10**places, places))
        told += text if text[0] == "-" or not told else " " + text
    return told


def _rounded(text):
    """A list of coordinates.

    >>> _rounded("37.268209 -0.001 1.50")
    '37.3 0 1.5'
    """
    values = [float(number) for number in text.split()]
    return " ".join(_plain(value, 1 if abs(value) >= 10 else 2) for value in values)


def _plain(value, places):
    text = f"{round(value, places) + 0.0:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text
