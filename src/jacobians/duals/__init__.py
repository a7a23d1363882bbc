"""Dual numbers, in four parts: the rules, the storage of tangents, the array, and the NumPy functions that know it.

Serves `jacobians.forward`, which book/forward.md explains.
"""

from jacobians.duals import functions, rules, tangents
from jacobians.duals.dual import Dual, DualArray

__all__ = ["Dual", "DualArray", "functions", "rules", "tangents"]
