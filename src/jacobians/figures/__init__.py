"""The figures of the book: fig-NAME is drawn by the function NAME of its chapter's module here."""

from jacobians.figures.jacobian import square_image
from jacobians.figures.polar import polar_area, polar_grid
from jacobians.figures.vjp import relu_cost
from jacobians.figures.volume import disk_samples, volume_cells

__all__ = ["disk_samples", "polar_area", "polar_grid", "relu_cost", "square_image", "volume_cells"]
