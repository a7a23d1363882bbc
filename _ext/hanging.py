"""Each line of code in an element of its own: on a phone, what does not fit goes on further in than it begins."""

import re

from pygments.formatters import HtmlFormatter
from sphinx.highlighting import PygmentsBridge

INDENT = re.compile(r'(?:<span class="w">)?( *)')
DEEPEST, STEP = 12, 4  # columns


class Hanging(HtmlFormatter):
    """The writer of Pygments, with ``<code>`` around each line; its class says how far in it begins."""

    def wrap(self, source):
        return super().wrap((own, line_of(line) if own else line) for own, line in source)


def line_of(line):
    """A line in its element.

    >>> print(line_of("     return x"))
    <code class="in4">     return x</code>
    """
    depth = min(len(INDENT.match(line)[1]) // STEP * STEP, DEEPEST)
    begin = f'<code class="in{depth}">' if depth else "<code>"
    return f"{begin}{line}</code>"


def setup(app):
    PygmentsBridge.html_formatter = Hanging
    return {"parallel_read_safe": True, "parallel_write_safe": True}
