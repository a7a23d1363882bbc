"""The layers of a network: ``layers.relu.vjp(x, v)`` is one of the five functions of a `Layer`.

One idea, in parts that can each be read alone: what is asked of an array (`arrays`), what a layer is (`layer`), and the
rules by the shape of their Jacobian: diagonal (`elementwise`), a matrix (`affine`), diagonal plus rank one or two
(`probabilities`, `normalisation`), banded (`convolution`). `LAYERS` has them all by name.
Explained in book/layers.md.
"""

from jacobians.layers.affine import dense
from jacobians.layers.convolution import conv1d
from jacobians.layers.elementwise import leaky_relu, relu, sigmoid, softplus, tanh
from jacobians.layers.layer import Layer
from jacobians.layers.normalisation import layer_norm
from jacobians.layers.probabilities import cross_entropy, log_softmax, softmax

LAYERS = {
    layer.name: layer
    for layer in (
        relu, leaky_relu, tanh, sigmoid, softplus, softmax, log_softmax, cross_entropy, layer_norm, dense, conv1d,
    )
}  # fmt: skip

__all__ = ["LAYERS", "Layer", *LAYERS]
