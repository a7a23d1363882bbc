"""The figures of the book: fig-NAME is drawn by the function NAME of its chapter's module here."""

from jacobians.figures.forward import tangent_curve
from jacobians.figures.jacobian import square_image
from jacobians.figures.measured import peer_ratios
from jacobians.figures.polar import polar_area, polar_grid
from jacobians.figures.scale import plate
from jacobians.figures.vjp import relu_cost

__all__ = ["peer_ratios", "plate", "polar_area", "polar_grid", "relu_cost", "square_image", "tangent_curve"]
