"""The figures of the book: fig-NAME is drawn by the function NAME of its chapter's module here."""

from jacobians.figures.backprop import forgotten_transpose, product_orders, training_curve, wrong_digits
from jacobians.figures.differences import coloured_matrix, step_curves
from jacobians.figures.flows import flow_curve, flow_density, flow_grid
from jacobians.figures.forward import tangent_curve
from jacobians.figures.information import (
    cluster_maps,
    moved_digit,
    score_rows,
    singular_ellipse,
    singular_spectrum,
)
from jacobians.figures.jacobian import square_image
from jacobians.figures.layers import layer_jacobians, layer_slopes
from jacobians.figures.measured import peer_ratios
from jacobians.figures.polar import polar_area, polar_grid
from jacobians.figures.scale import plate
from jacobians.figures.vjp import relu_cost
from jacobians.figures.volume import disk_samples, volume_cells

__all__ = [
    "cluster_maps",
    "coloured_matrix",
    "disk_samples",
    "flow_curve",
    "flow_density",
    "flow_grid",
    "forgotten_transpose",
    "layer_jacobians",
    "layer_slopes",
    "moved_digit",
    "peer_ratios",
    "plate",
    "polar_area",
    "polar_grid",
    "product_orders",
    "relu_cost",
    "score_rows",
    "singular_ellipse",
    "singular_spectrum",
    "square_image",
    "step_curves",
    "tangent_curve",
    "training_curve",
    "volume_cells",
    "wrong_digits",
]
