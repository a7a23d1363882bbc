"""A chain of layers: its pullbacks composed, its Jacobian, and the dot-product test of all its gradients.

A layer of a chain is a `Layer`, as ``relu``, or one with its parameters, as ``(dense, W, b)``. Where only the way back
is asked for, any function of a point to (value, pullback) will do in its place. Serves `jacobians.backprop`.
"""

from inspect import signature
from math import isclose

import numpy as np

from jacobians.checks import CheckError
from jacobians.layers import Layer


def apart(layer):
    """A layer of a chain, and the list of its parameters.

    Raises:
        TypeError: it is no layer.

    >>> from jacobians.layers import relu
    >>> apart(relu)
    (layers.relu, [])
    >>> apart("relu")
    Traceback (most recent call last):
    TypeError: a layer must be a Layer or a pullback, alone or in a tuple with its parameters; got 'relu'
    """
    layer, *parameters = layer if isinstance(layer, tuple) and layer else (layer,)
    if not isinstance(layer, Layer) and not callable(layer):
        wanted = "a Layer or a pullback, alone or in a tuple with its parameters"
        raise TypeError(f"a layer must be {wanted}; got {layer!r}")
    return layer, parameters


def compose(*layers):
    """The layers as one function, of a point to its value and pullback.

    Args:
        layers: those of the chain, the first one first.

    Returns:
        A function of x, shape (..., n), to y, shape (..., m), and the function v ↦ Jᵀv. If layers have parameters,
        that function gives a tuple: the cotangent of x, then those of all parameters in their order.

    Raises:
        TypeError: one of them is no layer.
        ValueError: there is none.

    Source: :eq:`eq-chain-vjp` of book/backprop.md.

    >>> from jacobians.layers import dense, relu
    >>> W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([-3.0, 0.0])
    >>> y, pull = compose((dense, W, b), relu)(np.array([1.0, 0.5]))
    >>> print(y)
    [0. 5.]
    >>> for cotangent in pull(np.array([5.0, 1.0])):
    ...     print(cotangent)
    [3. 4.]
    [[0.  0. ]
     [1.  0.5]]
    [0. 1.]
    """
    if not layers:
        raise ValueError("compose must have at least one layer; got none")
    parts = [apart(layer) for layer in layers]

    def pullback(x):
        pulls = []
        for layer, parameters in parts:
            x, pull = getattr(layer, "pullback", layer)(x, *parameters)
            pulls.append(pull)
        return x, lambda v: pulled_through(pulls, v)

    return pullback


def pulled_through(pulls, v):
    """The cotangent v pulled back through the last function, then the one before it, and so on.

    Args:
        pulls: what each layer's pullback gave: functions of a cotangent to that of the layer's input, or to a tuple of
            that and those of its parameters.
        v: the cotangent of the last value.

    Returns:
        The cotangent of the first input; or, if there are parameters, a tuple of it and of theirs, in their order.

    >>> pulled_through([lambda v: (2 * v, "W's"), lambda v: 3 * v], 1.0)
    (6.0, "W's")
    """
    found = ()
    for pull in reversed(pulls):
        pulled = pull(v)
        v, *own = pulled if isinstance(pulled, tuple) else (pulled,)
        found = (*own, *found)
    return (v, *found) if found else v


def push(layers, x, tangents):
    """Jt of a chain, from the tangents of its input and of each parameter that is differentiated.

    Args:
        layers: those of the chain, each a `Layer`, with its parameters if it has some.
        x: the point, shape (..., n).
        tangents: that of x and those of the parameters of floats, in their order.

    Returns:
        Jt, of the shape of the value.

    Raises:
        TypeError: a layer is none, or its JVP is not known.

    >>> from jacobians.layers import dense, relu
    >>> layers = [(dense, np.eye(2), np.zeros(2)), relu]
    >>> x, t = np.array([1.0, -1.0]), np.array([2.0, 3.0])
    >>> print(push(layers, x, [t, np.zeros((2, 2)), np.zeros(2)]))
    [2. 0.]
    """
    t, *left = tangents
    for layer, parameters in map(apart, layers):
        if not isinstance(layer, Layer):
            raise TypeError(f"each layer must be a Layer, whose JVP is known; got {layer!r}")
        own = [left.pop(0) for p in parameters if differentiated(p)]
        t = layer.jvp(x, *parameters, t, *own)
        x = layer.forward(x, *parameters)
    return t


def differentiated(parameter):
    """True for an array of floats, False for labels.

    >>> differentiated(np.zeros(2)), differentiated(np.array([3, 1]))
    (True, False)
    """
    return np.asarray(parameter).dtype.kind == "f"


def jacobian(layers, x):
    """The Jacobian of a chain: each row pulled back from its unit cotangent, all of them in one pass.

    Args:
        layers: those of the chain.
        x: points, shape (..., n).

    Returns:
        J, shape (..., m, n).

    Raises:
        TypeError: one of them is no layer.
        ValueError: there is none.

    >>> from jacobians.layers import dense, relu
    >>> W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([-3.0, 0.0])
    >>> print(jacobian([(dense, W, b), relu], np.array([1.0, 0.5])))
    [[0. 0.]
     [3. 4.]]
    """
    chain = compose(*layers)
    m = chain(x)[0].shape[-1]
    y, pull = chain(np.broadcast_to(x[..., None, :], (*x.shape[:-1], m, x.shape[-1])))
    pulled = pull(np.broadcast_to(np.eye(m), y.shape))
    return pulled[0] if isinstance(pulled, tuple) else pulled


def dot_products(layers, x, seed=237):
    """⟨v, Jt⟩ and ⟨Jᵀv, t⟩ of a chain, for its input and for each parameter alone: equal, if the pullback is right.

    Args:
        layers: those of the chain, each a `Layer`, with its parameters if it has some.
        x: the point, shape (..., n).
        seed: of the random v and t.

    Returns:
        A dict from a name, as "x" or "W of layers[0]", to the two numbers.

    Raises:
        TypeError: a layer is none, or its JVP is not known.
        ValueError: there is none.

    >>> from jacobians.layers import dense, relu
    >>> layers = [(dense, np.eye(2), np.ones(2)), relu]
    >>> for name, (left, right) in dot_products(layers, np.ones(2)).items():
    ...     print(f"{name:15} {left:.6f} {right:.6f}")
    x               -1.497444 -1.497444
    W of layers[0]  0.159857 0.159857
    b of layers[0]  -0.482909 -0.482909
    """
    rng, points = np.random.default_rng(seed), arguments(layers, x)
    y, pull = compose(*layers)(x)
    v, pairs = rng.standard_normal(y.shape), {}
    for name, cotangent in pulled_for(points, pull(v)).items():
        t = rng.standard_normal(points[name].shape)
        tangents = [t if other == name else np.zeros(p.shape) for other, p in points.items()]
        pairs[name] = float(np.sum(v * push(layers, x, tangents))), float(np.sum(cotangent * t))
    return pairs


def arguments(layers, x):
    """What a chain is differentiated by: its input and the parameters of its layers, each under its name.

    >>> from jacobians.layers import dense, relu
    >>> list(arguments([relu, (dense, np.eye(2), np.ones(2))], np.ones(2)))
    ['x', 'W of layers[1]', 'b of layers[1]']
    """
    points = {"x": x}
    for i, (layer, parameters) in enumerate(map(apart, layers)):
        names = list(signature(getattr(layer, "forward", layer)).parameters)[1:]
        points |= {f"{name} of layers[{i}]": p for name, p in zip(names, parameters, strict=False) if differentiated(p)}
    return points


def pulled_for(points, pulled):
    """The cotangents by the names of the ``points``, each of the shape of its own.

    Raises:
        CheckError: there are more or fewer of them, or one has another shape.

    >>> pulled_for({"x": np.ones(2)}, np.ones(3))
    Traceback (most recent call last):
    jacobians.checks.CheckError: the cotangent of x must have its shape, (2,); got (3,)
    """
    pulled = pulled if isinstance(pulled, tuple) else (pulled,)
    if len(pulled) != len(points):
        raise CheckError(f"there must be a cotangent for each of {', '.join(points)}; got {len(pulled)}")
    named = dict(zip(points, pulled, strict=True))
    for name, cotangent in named.items():
        expected, got = np.shape(points[name]), np.shape(cotangent)
        if got != expected:
            raise CheckError(f"the cotangent of {name} must have its shape, {expected}; got {got}")
    return named


def check_chain(layers, x, seed=237):
    """Refuse a chain one of whose gradients does not pass the dot-product test.

    Args:
        layers, x, seed: as in `dot_products`.

    Raises:
        CheckError: ⟨v, Jt⟩ and ⟨Jᵀv, t⟩ differ, for the argument that is named.
        TypeError: a layer is none, or its JVP is not known.
        ValueError: there is none.

    >>> from dataclasses import replace
    >>> from jacobians.layers import tanh
    >>> forgetful = replace(tanh, pullback=lambda x: (np.tanh(x), lambda v: v))
    >>> check_chain([forgetful], np.ones(2))
    Traceback (most recent call last):
    jacobians.checks.CheckError: <v, Jt> and <Jᵀv, t> must agree for x; got -0.628888 and -1.49744
    """
    for name, (left, right) in dot_products(layers, x, seed).items():
        if not isclose(left, right, rel_tol=1e-6, abs_tol=1e-12):
            raise CheckError(f"<v, Jt> and <Jᵀv, t> must agree for {name}; got {left:.6g} and {right:.6g}")
