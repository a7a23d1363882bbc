"""When does a printed result agree with the one that its author wrote?

One answer, used by the tests (through Sybil) and by the build (through ``doctest_cells``).
"""

import doctest
import re
from decimal import Context, Decimal

NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")


def same_number(want, got):
    """True if both are the same text, or if ``got`` shows more digits and rounds to ``want``.

    Rounding counts only from three significant digits on: ``0.141`` stands for ``0.14147440``, but
    ``0.5`` and ``3.`` stand for themselves.

    >>> same_number("0.141", "0.14147440"), same_number("0.142", "0.14147440"), same_number("3.", "3.2")
    (True, False, False)
    """
    if want == got:
        return True
    w, g = Decimal(want), Decimal(got)
    written = len(w.as_tuple().digits) if re.search(r"\.\d", want) else 0
    finer = g.as_tuple().exponent < w.as_tuple().exponent
    return written >= 3 and finer and g.quantize(w, context=Context(prec=400)) == w


def same_output(want, got):
    """True if the texts agree but for white space, number by number as in `same_number`.

    >>> same_output("det J = 2.00", "det  J = 2.001"), same_output("det J = 2.00", "det J = 2.01")
    (True, False)
    """
    wanted, given = (NUMBER.split(_tidied(text)) for text in (want, got))
    return len(wanted) == len(given) and wanted[::2] == given[::2] and all(map(same_number, wanted[1::2], given[1::2]))


def _tidied(text):
    """One space for any white space, none beside brackets (NumPy pads there)."""
    return re.sub(r" ?([][()]) ?", r"\1", " ".join(text.replace("<BLANKLINE>", "").split()))


class Checker(doctest.OutputChecker):
    """`same_output` for whoever runs doctests."""

    def check_output(self, want, got, optionflags):
        return same_output(want, got)
