"""Each line of code in an element of its own: on a phone, what does not fit goes on further in than it begins.

It goes on after a bracket or a dot, so that names stay whole.
"""

import re

from pygments.formatters import HtmlFormatter
from sphinx.highlighting import PygmentsBridge

TAG = re.compile(r"<.*?>")
BEGIN = re.compile(r"(?:(?:&gt;){3} |\.{3} )? *")  # a prompt, spaces
DOT = re.compile(r'<span class="o">\.</span>')  # in the ink of names
OPEN = re.compile(r'(<span class="p">[^<]*[(\[{]</span>)(?!\s)')
DEEPEST = 24  # columns


class Hanging(HtmlFormatter):
    """The writer of Pygments, with ``<code>`` around each line, which says how far in it begins."""

    def wrap(self, source):
        return super().wrap((own, line_of(line) if own else line) for own, line in source)


def line_of(line):
    """A line in its element.

    >>> print(line_of('     return f<span class="p">(</span>x<span class="p">)</span>'))
    <code style="--in:5">     return f<span class="p">(</span><wbr/>x<span class="p">)</span></code>
    """
    depth = min(len(BEGIN.match(TAG.sub("", line))[0].replace("&gt;", ">")), DEEPEST)
    begin = f'<code style="--in:{depth}">' if depth else "<code>"
    return begin + DOT.sub(".<wbr/>", OPEN.sub(r"\1<wbr/>", line)) + "</code>"


def setup(app):
    PygmentsBridge.html_formatter = Hanging
    return {"parallel_read_safe": True, "parallel_write_safe": True}
