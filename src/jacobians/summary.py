"""The summary table, computed: each shape is the ``.shape`` of an array made here. Explained in book/summary.md."""

import re
from dataclasses import dataclass

import numpy as np

from jacobians.jacobian import jacobian_numerical
from jacobians.polar import polar_jacobian

COUNT = re.compile(r"[\d,]+")  # what stands flush right, place under place
LIST = re.compile(r"(?<=\d) (?=\d)")  # of numbers, which stays on its line


@dataclass(frozen=True)
class Row:
    """One line of the table: a concept, the letters of its size, the array that shows it, and its role."""

    concept: str
    letters: tuple
    array: np.ndarray
    role: str


def rows():
    """The four concepts of the chapter, each with an array that is one.

    >>> for row in rows():
    ...     print(row.concept, row.array.shape)
    Gradient (3,)
    Jacobian (2, 3)
    VJP Jᵀv (3,)
    |det J| ()
    """
    x = np.array([1.0, 2.0, 3.0])
    gradient = jacobian_numerical(lambda x: [x @ x], x)[0]
    J = jacobian_numerical(lambda x: [x[0] * x[1], x[1] * x[2]], x)
    v = np.array([1.0, -1.0])
    return [
        Row("Gradient", ("d",), gradient, "Derivative of a scalar-output function"),
        Row("Jacobian", ("m", "n"), J, "Derivative of a vector-output function"),
        Row("VJP Jᵀv", ("n",), J.T @ v, "What backpropagation computes at each layer"),
        Row("|det J|", (), np.abs(np.linalg.det(polar_jacobian(2.0, np.pi / 6))), "Local volume factor: r for polar"),
    ]


class Table:
    """Rows as a Markdown table, which each edition of the book sets in its own way."""

    def __init__(self, head, body):
        self.head, self.body = head, body

    def __repr__(self):
        return "\n".join(" | ".join(cells) for cells in [self.head, *self.body])

    def _repr_markdown_(self):
        if not self.body:  # LaTeX has no table without a row
            return " | ".join(self.head)
        columns = zip(*self.body, strict=True)
        rules = ["---:" if all(COUNT.fullmatch(cell) for cell in filter(None, column)) else "---" for column in columns]
        body = [[LIST.sub("\N{NO-BREAK SPACE}", cell) for cell in cells] for cells in self.body]
        lines = [self.head, rules, *body]
        return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |" for cells in lines)


def size(row):
    """The letters of a row's size, as they are said: (m, n), (d,), or a scalar."""
    return f"({', '.join(row.letters)}{',' * (len(row.letters) == 1)})" if row.letters else "scalar"


def table():
    """The summary table.

    >>> table()
    Concept | Size | Here | Role
    Gradient | (d,) | (3,) | Derivative of a scalar-output function
    Jacobian | (m, n) | (2, 3) | Derivative of a vector-output function
    VJP Jᵀv | (n,) | (3,) | What backpropagation computes at each layer
    |det J| | scalar | () | Local volume factor: r for polar
    """
    head = ["Concept", "Size", "Here", "Role"]
    return Table(head, [[row.concept, size(row), str(row.array.shape), row.role] for row in rows()])
