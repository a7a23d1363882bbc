"""What each routine answers to odd input: the table of book/reference.md, computed."""

import warnings

import numpy as np
from scipy.differentiate import jacobian as scipy_jacobian
from scipy.optimize._numdiff import approx_derivative

from jacobians.differences import jacobian
from jacobians.summary import Table

GOOD = 1e-6  # relative: what one expects of a numerical derivative
WORDS = {"r": "right", "e": "error", "n": "NaN", "s": "says so", "a": "a number"}
NOT_INSTALLED = {  # a letter for each of `CASES`; not computed here, for neither is a dependency of the book
    "numdifftools 0.11": "rrrraraeeneraneennaraaa",
    "jacobi 0.9": "rrrraraennrrrneerssrars",
}


def f(x):
    """The worked example, for any type of number."""
    return np.array([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]])


def derivative(x):
    """The Jacobian of `f`, by hand."""
    return np.array([[2.0 * x[0], 1.0], [np.cos(x[0]) * x[1], np.sin(x[0])]])


def raising(x):
    """A function that fails."""
    raise OverflowError("mine")


# What is odd, the function, the point, and the derivative; None where no array is the right answer.
CASES = [
    ("x of integers",            f, np.array([1, 2]),             derivative([1, 2])),
    ("x of truth values",        f, np.array([True, True]),       derivative([1, 1])),
    ("x in single precision",    f, np.float32([1.5, 2]),         derivative([1.5, 2])),
    ("x a list",                 f, [1.5, 2.0],                   derivative([1.5, 2])),
    ("x complex",                f, np.array([1j, 2.0]),          None),
    ("x a number",               np.sin, np.float64(1.5),         [[np.cos(1.5)]]),
    ("x of shape (2, 3)",        np.sin, np.ones((2, 3)),         None),
    ("x empty",                  np.sin, np.ones(0),              None),
    ("x with NaN",               f, np.array([np.nan, 2.0]),      None),
    ("x with infinity",          f, np.array([np.inf, 2.0]),      None),
    ("f returns a list",         lambda x: [x[0] * x[1], x[0]], np.array([2.0, 3.0]), [[3, 2], [1, 0]]),
    ("f returns a number",       lambda x: np.sum(x**2), np.array([1.0, 2.0]), [[2, 4]]),
    ("f returns shape (n, n)",   lambda x: np.outer(x, x), np.array([1.0, 2.0]), [[2, 0], [2, 1], [2, 1], [0, 4]]),
    ("f returns NaN",            lambda x: np.nan * x, np.array([1.0, 2.0]), None),
    ("f changes its shape",      lambda x: x[[0, 1]] if x[0] <= 1 else x[[0, 1, 1]], np.array([1.0, 2.0]), None),
    ("f raises",                 raising, np.array([1.0, 2.0]),   None),
    ("log x at 0.001",           np.log, np.array([1e-3]),        [[1e3]]),
    ("√x at 0",                  np.sqrt, np.array([0.0]),        None),
    ("1/x at 0",                 lambda x: 1 / x, np.array([0.0]), None),
    ("|x| at −1",                np.abs, np.array([-1.0]),        [[-1.0]]),
    ("|x| at 0",                 np.abs, np.array([0.0]),         None),
    ("x² at 10¹⁰",               np.square, np.array([1e10]),     [[2e10]]),
    ("sin(10⁶ x) at 1",          lambda x: np.sin(1e6 * x), np.array([1.0]), [[1e6 * np.cos(1e6)]]),
]  # fmt: skip


def ours(method):
    """How our routine answers: J, and its estimated error if it has one."""

    def answer(f, x):
        """J and its estimated error."""
        result = jacobian(f, x, method=method)
        return (result.J, result.error) if method == "adaptive" else (result, None)

    return answer


def scipy_differentiate(f, x):
    """How SciPy's newer routine answers: J, and an infinite error where it reports no success."""
    result = scipy_jacobian(f, x)
    return result.df, np.where(result.success, result.error, np.inf)


ROUTINES = {
    "central": ours("central"),
    "complex": ours("complex"),
    "adaptive": ours("adaptive"),
    "SciPy approx_derivative": lambda f, x: (approx_derivative(f, x, method="3-point"), None),
    "SciPy differentiate": scipy_differentiate,
}


def outcome(answer, f, x, exact):
    """What comes of a call, in a word or two.

    Args:
        answer: a routine, from f and x to J and its estimated error, or None for the error.
        f: the function.
        x: the point.
        exact: the derivative, or None where there is none.

    Returns:
        "right", to a relative error of 10⁻⁶; "error", an exception; "NaN"; "says so", a wrong number with an estimate
        that admits it; or "a number", which is wrong, or where there is none.

    >>> outcome(ROUTINES["central"], np.abs, np.array([0.0]), None)
    'a number'
    >>> outcome(ROUTINES["adaptive"], np.abs, np.array([0.0]), None)
    'says so'
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            J, error = answer(f, x)
    except Exception:
        return "error"
    J = np.asarray(J)
    if J.size and not np.isfinite(J).all():
        return "NaN"
    if J.size == np.size(exact) and exact is not None:
        exact = np.reshape(exact, J.shape)
        if np.max(np.abs(J - exact)) <= GOOD * np.max(np.abs(exact)):
            return "right"
    return (
        "says so"
        if error is not None and np.max(error, initial=0) > GOOD * np.max(np.abs(J), initial=0)
        else "a number"
    )


def table():
    """The table: a row for each odd input, a column for each routine.

    >>> table().head[:4]
    ['Input', 'central', 'complex', 'adaptive']
    """
    body = []
    for i, (name, function, x, exact) in enumerate(CASES):
        found = [outcome(answer, function, x, exact) for answer in ROUTINES.values()]
        body.append([name, *found, *(WORDS[letters[i]] for letters in NOT_INSTALLED.values())])
    return Table(["Input", *ROUTINES, *NOT_INSTALLED], body)
