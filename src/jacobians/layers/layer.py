"""What a layer is: five functions that belong together."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """A layer y = f(x, …) with its derivative, in the forms in which one needs it.

    For a point x, and parameters where the layer has some, written … here:

    ========================================  ===========================================================
    ``forward(x, …)``                         the value y
    ``jacobian(x, …)``                        J, shape (\\*shape of y, \\*shape of x) for each point
    ``jvp(x, …, t)``                          Jt, of the shape of y
    ``vjp(x, …, v)``                          Jᵀv, of the shape of x
    ``pullback(x, …)``                        y, and the function v ↦ Jᵀv, which remembers what it needs
    ========================================  ===========================================================

    Leading axes of x count points; a parameter is shared by all of them, and its cotangent is the sum over them.
    A layer with parameters answers for each argument. Its JVP takes a tangent for each; its Jacobian, its VJP and the
    function of its pullback take ``wrt``, the name of an argument or a tuple of names: an array or a tuple comes back.

    >>> import numpy as np
    >>> from jacobians import layers
    >>> layers.relu.vjp(np.array([-1.0, 0.0, 2.0]), np.array([5.0, 6.0, 7.0]))
    array([0., 0., 7.])
    >>> y, pull = layers.tanh.pullback(np.array([0.0, 1.0]))
    >>> print(pull(np.array([1.0, 1.0])).round(4))
    [1.   0.42]
    """

    name: str
    forward: Callable
    jacobian: Callable
    jvp: Callable
    vjp: Callable
    pullback: Callable

    def __repr__(self):
        return f"layers.{self.name}"
