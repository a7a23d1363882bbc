"""Dual numbers, each idea in its module. Serves `jacobians.forward`, which book/forward.md explains.

`rules` holds the derivatives of NumPy's functions of one and two numbers, and `products` that of ``@``; `tangents` says
how tangents are stored, and `dual` is the array that carries them. `functions`, `moves`, `sums` and `algebra` are the
other functions of NumPy that know it, by kind: all four register their rules when this package is imported.
"""

from jacobians.duals import algebra, functions, moves, rules, sums, tangents
from jacobians.duals.dual import Dual, DualArray

__all__ = ["Dual", "DualArray", "algebra", "functions", "moves", "rules", "sums", "tangents"]
