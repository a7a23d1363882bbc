"""How Markdown lays out what stands inside of something else."""

import re

from docutils import nodes


def depth(section):
    """How many sections lie one in the other here: the level of a heading."""
    return 1 + depth(section.parent) if isinstance(section, nodes.section) else 0


def indented(mark, text):
    """A list's item: its mark, and under it the lines that belong to it.

    >>> print(indented("- ", "one\\n\\ntwo"))
    - one
    <BLANKLINE>
      two
    """
    return mark + re.sub(r"\n(?=.)", "\n" + " " * len(mark), text)


def quoted(text, title):
    """A box, as a quotation under its title, if the text does not begin with one."""
    text = text if text.startswith("**") else f"**{title}**\n\n{text}"
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
