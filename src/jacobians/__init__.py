"""Jacobians, vector-Jacobian products and determinants: the routines that the book quotes."""

__version__ = "0.1.0"
