"""The rules of all layers as one table, each line checked when the table is made. Shown in book/layers.md."""

import numpy as np

from jacobians.jacobian import jacobian_numerical
from jacobians.layers.affine import dense
from jacobians.layers.convolution import conv1d
from jacobians.layers.elementwise import leaky_relu, relu, sigmoid, softplus, tanh
from jacobians.layers.normalisation import layer_norm
from jacobians.layers.probabilities import cross_entropy, log_softmax, softmax
from jacobians.summary import Table

FORMULAS = [
    # layer          y                       J by x                Jt                        Jᵀv
    (relu,          r"\max(0, x)",          "diag(x > 0)",        "(x > 0) ⊙ t",            "(x > 0) ⊙ v"),
    (leaky_relu,    r"x \text{ or } a x", r"diag(1 \text{ or } a)", r"(1 \text{ or } a) ⊙ t", r"(1 \text{ or } a) ⊙ v"),
    (tanh,          r"\tanh x",             "diag(1 - y^2)",      "(1 - y^2) ⊙ t",          "(1 - y^2) ⊙ v"),
    (sigmoid,       "1 / (1 + e^{-x})",     "diag(y (1 - y))",    "y (1 - y) ⊙ t",          "y (1 - y) ⊙ v"),
    (softplus,      r"\log(1 + e^x)",       "diag(σ(x))",         "σ(x) ⊙ t",               "σ(x) ⊙ v"),
    (softmax,       "e^x / {∑ e^x}",        "diag(y) - y yᵀ",     "y ⊙ (t - ⟨y, t⟩)",       "y ⊙ (v - ⟨y, v⟩)"),
    (log_softmax,   r"x - \log ∑ e^x",      r"I - \mathbf 1 pᵀ",  "t - ⟨p, t⟩",             r"v - (∑ v)\, p"),
    (cross_entropy, r"-{\log p_l}",         "(p - e_l)ᵀ",         "⟨p - e_l, t⟩",           r"v\, (p - e_l)"),
    (layer_norm,    "g ⊙ z + b",            r"diag(g)\, C / s",   "g ⊙ C t / s",            "C (g ⊙ v) / s"),
    (dense,         "W x + b",              "W",                  "W t",                    "Wᵀ v"),
    (conv1d,        "W ∗ x + b",            r"\text{a band}",     "W ∗ t",                  r"Wᵀ v \text{, spread}"),
]  # fmt: skip
LATEX = {
    "⊙": r"\odot ", "⟨": r"\langle ", "⟩": r"\rangle ", "∑": r"\sum ", "σ": r"\sigma ", "∗": r"\ast ", "ᵀ": r"^\top ",
    "diag": r"\operatorname{diag}",
}  # fmt: skip


def latex(formula):
    r"""A formula of the table as LaTeX.

    >>> print(latex("diag(y) - y yᵀ"))
    $\operatorname{diag}(y) - y y^\top $
    """
    for sign, command in LATEX.items():
        formula = formula.replace(sign, command)
    return f"${formula}$"


def arguments(layer, points=(), seed=237):
    """Seeded arguments for a layer: a point, or ``points`` of them, and parameters.

    >>> [a.shape for a in arguments(dense, points=(2,))]
    [(2, 4), (3, 4), (3,)]
    """
    rng = np.random.default_rng(seed)
    parameters = {
        "dense": lambda: ((4,), (3, 4), (3,)),
        "conv1d": lambda: ((2, 7), (3, 2, 3), (3,)),
        "layer_norm": lambda: ((5,), (5,), (5,)),
    }.get(layer.name, lambda: ((5,),))()
    drawn = [rng.standard_normal((*points, *parameters[0]))] + [rng.standard_normal(shape) for shape in parameters[1:]]
    return [*drawn, rng.integers(0, 5, points)] if layer is cross_entropy else drawn


def dot_product_test(layer, seed=237):
    """⟨v, Jt⟩ and ⟨Jᵀv, t⟩ of a layer, over all its arguments, at a seeded point: equal, if its JVP and VJP are right.

    >>> left, right = dot_product_test(dense)
    >>> print(f"{left:.6f} {right:.6f}")
    -6.868394 -6.868394
    """
    rng = np.random.default_rng(seed)
    given = arguments(layer, seed=seed)
    tangents = [rng.standard_normal(a.shape) for a in given if a.dtype.kind == "f"]
    v = rng.standard_normal(np.shape(layer.forward(*given)))
    cotangents = layer.vjp(*given, v)
    cotangents = cotangents if isinstance(cotangents, tuple) else (cotangents,)
    pulled = sum(np.sum(c * t) for c, t in zip(cotangents, tangents, strict=True))
    return float(np.sum(v * layer.jvp(*given, *tangents))), float(pulled)


def difference_test(layer, seed=237):
    """The largest entry of J by x less what central differences find, at a seeded point.

    >>> print(difference_test(dense) < 1e-9)
    True
    """
    x, *others = arguments(layer, seed=seed)
    only_x = {"wrt": "x"} if layer in (dense, conv1d, layer_norm) else {}
    numerical = jacobian_numerical(lambda p: np.reshape(layer.forward(p.reshape(x.shape), *others), -1), x.reshape(-1))
    return float(np.max(np.abs(layer.jacobian(x, *others, **only_x).reshape(numerical.shape) - numerical)))


def off(error):
    """A small error in one digit, as 2e-15; and 0 as 0."""
    return f"{error:.0e}".replace("e-0", "e-") if error else "0"


def table():
    """A line for each layer: its value, its Jacobian, the two products, and by how much each of two checks is off."""
    body = []
    for layer, *formulas in FORMULAS:
        left, right = dot_product_test(layer)
        body.append([layer.name, *map(latex, formulas), off(abs(left - right)), off(difference_test(layer))])
    head = ["Layer", "Value $y$", "Jacobian $J$", "JVP $J t$", "VJP $J^\\top v$", "Dot", "Diff"]
    return Table(head, body)
