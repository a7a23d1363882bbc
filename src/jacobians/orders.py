"""How many multiplications a product of Jacobians takes, by the order in which it is multiplied.

A chain of N layers has the sizes n[0], n[1], …, n[N]: its layer i takes n[i − 1] numbers to n[i]. Its Jacobian is the
product J[N] … J[1], factor i of shape (n[i], n[i − 1]). A product of shapes (a, b) and (b, c) takes a b c
multiplications. Shown in book/backprop.md.
"""

from functools import cache
from itertools import pairwise

from jacobians.summary import Table

CHAINS = [
    ("a digit to its loss", (64, 64, 10, 1)),
    ("a larger image to its loss", (784, 256, 10, 1)),
    ("one input to many outputs", (1, 64, 64, 64)),
    ("as many outputs as inputs", (64, 64, 64, 64)),
    ("through a narrow waist", (64, 64, 2, 64, 64)),
]


def as_sizes(sizes):
    """The sizes of a chain, as a tuple.

    Raises:
        ValueError: there are fewer than two, or one is no positive integer.

    >>> as_sizes([3])
    Traceback (most recent call last):
    ValueError: sizes must be two or more positive integers; got (3,)
    """
    sizes = tuple(sizes)
    if len(sizes) < 2 or not all(isinstance(n, int) and n > 0 for n in sizes):
        raise ValueError(f"sizes must be two or more positive integers; got {sizes}")
    return sizes


def from_left(sizes):
    """The multiplications of ((J[N] J[N − 1]) …) J[1], which pulls n[N] cotangents back: by VJPs.

    Args:
        sizes: n[0], n[1], …, n[N].

    Returns:
        n[N] (n[0] n[1] + n[1] n[2] + … + n[N − 2] n[N − 1]).

    Raises:
        ValueError: there are fewer than two sizes, or one is no positive integer.

    Source: :eq:`eq-counts` of book/backprop.md.

    >>> from_left((64, 64, 10, 1))
    4736
    """
    *rest, last = as_sizes(sizes)
    return sum(last * a * b for a, b in pairwise(rest))


def from_right(sizes):
    """The multiplications of J[N] (… (J[2] J[1])), which pushes n[0] tangents forward: by JVPs.

    Args:
        sizes: n[0], n[1], …, n[N].

    Returns:
        n[0] (n[1] n[2] + n[2] n[3] + … + n[N − 1] n[N]).

    Raises:
        ValueError: there are fewer than two sizes, or one is no positive integer.

    Source: :eq:`eq-counts` of book/backprop.md.

    >>> from_right((64, 64, 10, 1))
    41600
    """
    first, *rest = as_sizes(sizes)
    return sum(first * a * b for a, b in pairwise(rest))


def fewest(sizes):
    """The fewest multiplications, and their order, by dynamic programming.

    Args:
        sizes: n[0], n[1], …, n[N].

    Returns:
        The count, and the product with its parentheses.

    Raises:
        ValueError: there are fewer than two sizes, or one is no positive integer.

    Source: Griewank and Naumann (2003), *Accumulating Jacobians as chained sparse matrix products*.

    >>> fewest((64, 64, 2, 64, 64))
    (24576, '(J_4 J_3) (J_2 J_1)')
    """
    sizes = as_sizes(sizes)

    @cache
    def best(i, j):
        if j == i + 1:
            return 0, f"J_{j}"
        return min(joined(i, k, j) for k in range(i + 1, j))

    def joined(i, k, j):
        (left, first), (right, second) = best(k, j), best(i, k)
        return left + right + sizes[j] * sizes[k] * sizes[i], f"({first} {second})"

    count, order = best(0, len(sizes) - 1)
    return count, order[1:-1] if order.startswith("(") else order


def winner(sizes):
    """Which order takes the fewest multiplications: left, right, either; or another one, with its count.

    >>> winner((64, 64, 10, 1)), winner((64, 64, 2, 64, 64))
    ('left', '$(J_4 J_3) (J_2 J_1)$: 24,576')
    """
    left, right, (count, order) = from_left(sizes), from_right(sizes), fewest(sizes)
    if count < min(left, right):
        return f"${order}$: {count:,}"
    return "either" if left == right else "left" if left < right else "right"


def table():
    """A line for each of `CHAINS`: its multiplications from either side, and which order takes the fewest.

    >>> for line in str(table()).splitlines()[:2]:
    ...     print(line)
    Chain | Sizes | From the left | From the right | Fewest
    a digit to its loss | 64 64 10 1 | 4,736 | 41,600 | left
    """
    head = ["Chain", "Sizes", "From the left", "From the right", "Fewest"]
    return Table(head, [[name, " ".join(map(str, sizes)), f"{from_left(sizes):,}", f"{from_right(sizes):,}",
                         winner(sizes)] for name, sizes in CHAINS])  # fmt: skip
