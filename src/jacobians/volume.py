"""Changes of coordinates and their factors of volume. Explained in book/volume.md.

A change of coordinates x = g(u) has five routines: ``map`` (g), ``inverse``, ``jacobian`` (the matrix Dg),
``determinant`` (det Dg) and ``log_abs_det``. They take the coordinates one by one, or stacked along the first axis, as
``map`` returns them; scalars or arrays, whose shapes broadcast. They run on lists and numbers, on NumPy's arrays, whose
values are checked, and on the arrays of any library of the array API standard, whose values are not
(`jacobians.inputs.as_coordinates`).

========================== =================== ========== ==========================================================
Name                       Input               Output     What it is
========================== =================== ========== ==========================================================
`polar`                    r, θ                x, y       radius and angle
`cylindrical`              r, φ, z             x, y, z    polar, with a height
`spherical_physicist`      r, θ, φ             x, y, z    θ from the pole, φ around it (ISO 80000-2); also `spherical`
`spherical_mathematician`  r, θ, φ             x, y, z    θ around the pole, φ from it: the angles change places
`Elliptic`                 μ, ν                x, y       ellipses and hyperbolas of the same two foci
`Affine`                   u₁, …, uₙ           x₁, …, xₙ  A u + b
`Numerical`                u₁, …, uₙ           x₁, …, xₙ  any function, by differences
========================== =================== ========== ==========================================================
"""

import math

import array_api_compat as api
import numpy as np

from jacobians import polar as plane
from jacobians.inputs import as_coordinates, as_floats, as_point, as_positive
from jacobians.jacobian import jacobian_numerical


class Coordinates:
    """A change of coordinates: the five routines, from five rules that a kind of coordinates states.

    The rules ``_point``, ``_back``, ``_matrix``, ``_factor`` and ``_log_factor`` take the library and the coordinates
    one by one, and return the coordinates of a point, the rows of the matrix, or a number for each point.

    >>> u = [2.0, np.pi / 2, 0.0]
    >>> print(spherical.map(*u).round(12), spherical.determinant(u))
    [2. 0. 0.] 4.0
    """

    letters = ()
    axes = ("x", "y", "z")

    def map(self, *u):
        """The point x = g(u): its coordinates stacked, shape (n,) for scalars and (n, ...) for arrays."""
        xp, *u = self._read(u, self.letters)
        return xp.stack(_spread(xp, self._point(xp, *u), u))

    def inverse(self, *x):
        """The coordinates u of the point x, stacked, shape (n,) for scalars and (n, ...) for arrays."""
        xp, *x = self._read(x, self.axes)
        return xp.stack(_spread(xp, self._back(xp, *x), x))

    def jacobian(self, *u):
        """The matrix Dg, shape (n, n) for scalars and (..., n, n) for arrays."""
        xp, *u = self._read(u, self.letters)
        rows = self._matrix(xp, *u)
        entries = _spread(xp, [entry for row in rows for entry in row], u)
        n = len(rows)
        return xp.stack([xp.stack(entries[i * n : (i + 1) * n], axis=-1) for i in range(n)], axis=-2)

    def determinant(self, *u):
        """det Dg, of the common shape: the factor of volume, negative where g reverses the sense of rotation."""
        xp, *u = self._read(u, self.letters)
        return 1.0 * _spread(xp, [self._factor(xp, *u)], u)[0]

    def log_abs_det(self, *u):
        """The logarithm of the size of det Dg, exact where that leaves the floats; −∞ where it is 0."""
        xp, *u = self._read(u, self.letters)
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1.0 * _spread(xp, [self._log_factor(xp, *u)], u)[0]

    def _read(self, given, names):
        """The library and the coordinates, from separate arguments or from one that is stacked."""
        return as_coordinates(**dict(zip(names, self._parts(given, names), strict=True)))

    def _parts(self, given, names):
        """The separate coordinates, as many as there are names."""
        if len(given) == 1 and len(names) > 1:
            return _unstacked(given[0], names)
        if len(given) != len(names):
            raise TypeError(f"expected {len(names)} coordinates, {', '.join(names)}; got {len(given)}")
        return given


def _unstacked(u, names):
    """The parts of ``u`` along its first axis, one for each name."""
    u = u if hasattr(u, "shape") else as_floats(u, "the point")
    if not u.shape or u.shape[0] != len(names):
        wanted = f"({len(names)}, ...), {', '.join(names)}"
        raise ValueError(f"a stacked point must have shape {wanted}; got {tuple(u.shape)}")
    return [u[i, ...] for i in range(len(names))]


def _spread(xp, values, u):
    """Each of ``values``, an array or a number, over the common shape of the coordinates ``u``."""
    arrays = [v if hasattr(v, "shape") else xp.full_like(u[0], v) for v in values]
    if len({a.shape for a in [*arrays, *u]}) == 1:
        return arrays
    return list(xp.broadcast_arrays(*arrays, *u))[: len(arrays)]


class Polar(Coordinates):
    """r and θ, by the routines of `jacobians.polar`.

    >>> print(polar.inverse(polar.map(1e-300, 0.5)))
    [1.e-300 5.e-001]
    """

    letters, axes = ("r", "theta"), ("x", "y")

    def map(self, *u):
        """`jacobians.polar.polar_to_cartesian`."""
        return plane.polar_to_cartesian(*self._parts(u, self.letters))

    def inverse(self, *x):
        """`jacobians.polar.cartesian_to_polar`."""
        return plane.cartesian_to_polar(*self._parts(x, self.axes))

    def jacobian(self, *u):
        """`jacobians.polar.polar_jacobian`."""
        return plane.polar_jacobian(*self._parts(u, self.letters))

    def determinant(self, *u):
        """`jacobians.polar.polar_determinant`."""
        return plane.polar_determinant(*self._parts(u, self.letters))

    def log_abs_det(self, *u):
        """`jacobians.polar.polar_log_abs_det`."""
        return plane.polar_log_abs_det(*self._parts(u, self.letters))


class Cylindrical(Coordinates):
    """The distance r from the axis, the angle φ around it, the height z along it.

    >>> print(cylindrical.determinant(2.0, 0.5, 7.0))
    2.0
    """

    letters = ("r", "phi", "z")

    def _point(self, xp, r, phi, z):
        return r * xp.cos(phi), r * xp.sin(phi), z

    def _back(self, xp, x, y, z):
        return xp.hypot(x, y), xp.atan2(y, x), z

    def _matrix(self, xp, r, phi, z):
        c, s = xp.cos(phi), xp.sin(phi)
        return [[c, 0 - r * s, 0.0],
                [s, r * c, 0.0],
                [0.0, 0.0, 1.0]]  # fmt: skip

    def _factor(self, xp, r, phi, z):
        return r

    def _log_factor(self, xp, r, phi, z):
        return xp.log(r)


class Spherical(Coordinates):
    """The physicist's order: the distance r, the angle θ from the pole, 0 to π, and the angle φ around it.

    Source: ISO 80000-2, 2-17.3.

    >>> print(spherical_physicist.determinant(2.0, np.pi / 2, 0.0))
    4.0
    """

    letters = ("r", "theta", "phi")

    def _point(self, xp, r, theta, phi):
        s = xp.sin(theta)
        return r * s * xp.cos(phi), r * s * xp.sin(phi), r * xp.cos(theta)

    def _back(self, xp, x, y, z):
        across = xp.hypot(x, y)
        return xp.hypot(across, z), xp.atan2(across, z), xp.atan2(y, x)

    def _matrix(self, xp, r, theta, phi):
        c, s, cp, sp = xp.cos(theta), xp.sin(theta), xp.cos(phi), xp.sin(phi)
        return [[s * cp, r * c * cp, 0 - r * s * sp],
                [s * sp, r * c * sp, r * s * cp],
                [c, 0 - r * s, 0.0]]  # fmt: skip

    def _factor(self, xp, r, theta, phi):
        return r * (r * xp.sin(theta))

    def _log_factor(self, xp, r, theta, phi):
        return 2 * xp.log(r) + xp.log(xp.abs(xp.sin(theta)))


class MathematiciansSpherical(Spherical):
    """The mathematician's order: the distance r, the angle θ around the pole, and the angle φ from it, 0 to π.

    Two columns of the matrix change places, so the determinant is −r² sin φ: its sign is not that of the physicist's.

    >>> print(spherical_mathematician.determinant(2.0, 0.0, np.pi / 2))
    -4.0
    """

    def _point(self, xp, r, theta, phi):
        return super()._point(xp, r, phi, theta)

    def _back(self, xp, x, y, z):
        r, from_pole, around = super()._back(xp, x, y, z)
        return r, around, from_pole

    def _matrix(self, xp, r, theta, phi):
        return [[by_r, around, from_pole] for by_r, from_pole, around in super()._matrix(xp, r, phi, theta)]

    def _factor(self, xp, r, theta, phi):
        return -super()._factor(xp, r, phi, theta)

    def _log_factor(self, xp, r, theta, phi):
        return super()._log_factor(xp, r, phi, theta)


class Elliptic(Coordinates):
    """Ellipses of constant μ and hyperbolas of constant ν, all with the foci (±a, 0): x + iy = a cosh(μ + iν).

    Args:
        a: half the distance of the foci, in the unit of x and y; μ and ν have none, and μ is not negative.

    Source: the inverse is the complex arccosh, by Hull, Fairgrieve and Tang, ACM Trans. Math. Softw. 23 (1997) 299.

    >>> elliptic = Elliptic(2.0)
    >>> back = elliptic.inverse(elliptic.map(1.0, 0.5))
    >>> print(elliptic.log_abs_det(1.0, 0.5).round(12), back)
    1.863116375138 [1.  0.5]
    """

    letters, axes = ("mu", "nu"), ("x", "y")

    def __init__(self, a=1.0):
        self.a = as_positive(a, "a")

    def _point(self, xp, mu, nu):
        return self.a * xp.cosh(mu) * xp.cos(nu), self.a * xp.sinh(mu) * xp.sin(nu)

    def _back(self, xp, x, y):
        p, q = xp.abs(x) / self.a, xp.abs(y) / self.a
        far, near = xp.hypot(p + 1, q) + (p + 1), xp.hypot(p - 1, q) + xp.abs(p - 1)
        down = q / xp.where(near > 0, near, xp.ones_like(near))
        small, large = xp.sqrt(q) * xp.sqrt((q / far + down) / 2), xp.sqrt((q * (q / far) + near) / 2)
        root_one, root_p = xp.where(p > 1, large, small), xp.where(p > 1, small, large)  # √(cosh μ − 1), √(cosh μ − p)
        mu = xp.log1p(root_one * (root_one + xp.sqrt(root_one * root_one + 2)))
        side = root_p * xp.sqrt(root_p * root_p + 2 * p)  # cosh μ sin ν
        return mu, xp.atan2(xp.where(y < 0, -side, side), x / self.a)

    def _matrix(self, xp, mu, nu):
        along, across = self.a * xp.sinh(mu) * xp.cos(nu), self.a * xp.cosh(mu) * xp.sin(nu)
        return [[along, -across],
                [across,  along]]  # fmt: skip

    def _factor(self, xp, mu, nu):
        length = self.a * xp.hypot(xp.sinh(mu), xp.sin(nu))
        return length * length

    def _log_factor(self, xp, mu, nu):
        mu = xp.abs(mu)  # sinh² μ + sin² ν, with e^2μ / 4 taken out: it leaves the floats first
        rest = xp.log(xp.hypot(xp.expm1(-2 * mu), 2 * xp.exp(-mu) * xp.sin(nu)))
        return 2 * (mu + rest + math.log(self.a) - math.log(2))


class Affine(Coordinates):
    """The map A u + b, whose Jacobian is A everywhere.

    Args:
        A: the matrix, shape (n, n).
        b: the image of the origin, shape (n,); zero if it is left out.

    Raises:
        TypeError: ``A`` or ``b`` does not hold real numbers.
        ValueError: ``A`` is not square, ``b`` has another shape, or an entry is not finite.

    >>> print(Affine([[2.0, 1.0], [0.0, 3.0]]).determinant(5.0, 7.0).round(12))
    6.0
    """

    def __init__(self, A, b=None):
        self.A = as_floats(A, "A")
        if self.A.ndim != 2 or self.A.shape[0] != self.A.shape[1] or not self.A.size:
            raise ValueError(f"A must be square, with at least one row; got shape {self.A.shape}")
        n = len(self.A)
        self.b = np.zeros(n) if b is None else as_point(b, "b", (n,))
        self.letters, self.axes = ([f"{letter}{i + 1}" for i in range(n)] for letter in "ux")

    def _point(self, xp, *u):
        return _combined(xp, self.A, u, self.b)

    def _back(self, xp, *x):
        if np.linalg.matrix_rank(self.A) < len(self.A):
            raise ValueError(f"A must have full rank for an inverse; got rank {np.linalg.matrix_rank(self.A)}")
        inverse = np.linalg.inv(self.A)
        return _combined(xp, inverse, [x[i] - float(self.b[i]) for i in range(len(x))], 0 * self.b)

    def _matrix(self, xp, *u):
        return self.A.tolist()

    def _factor(self, xp, *u):
        return float(np.linalg.det(self.A))

    def _log_factor(self, xp, *u):
        return float(np.linalg.slogdet(self.A)[1])


def _combined(xp, A, u, b):
    """The combinations A u + b of the arrays ``u``, a row of A each."""
    u = xp.stack(_spread(xp, u, u))
    x = xp.tensordot(xp.asarray(A, dtype=u.dtype, device=api.device(u)), u, axes=1)
    return [x[i, ...] + float(b[i]) for i in range(len(b))]


class Numerical(Coordinates):
    """Any function of n variables with n values, its matrix by differences; on NumPy's arrays, a point at a time.

    Args:
        f: a function of a point, shape (n,), to a point, shape (n,).
        inverse: its inverse, a function of the same kind, if there is one.
        jacobian: a function of ``f`` and a point that returns the matrix, shape (n, n).

    >>> skew = Numerical(lambda u: np.array([u[0] + u[1] ** 2, u[1]]))
    >>> print(skew.determinant([[0.0, 1.0], [2.0, 3.0]]).round(6))
    [1. 1.]
    """

    def __init__(self, f, inverse=None, jacobian=jacobian_numerical):
        self.f, self.back, self.by = f, inverse, jacobian

    def map(self, *u):
        """``f`` at each point."""
        return np.apply_along_axis(self.f, 0, self._stacked(u))

    def inverse(self, *x):
        """The ``inverse`` that was given, at each point."""
        if self.back is None:
            raise ValueError("inverse must be given to Numerical; got None")
        return np.apply_along_axis(self.back, 0, self._stacked(x))

    def jacobian(self, *u):
        """The matrix by differences, at each point."""
        J = np.apply_along_axis(lambda point: self.by(self.f, point), 0, self._stacked(u))
        if J.shape[0] != J.shape[1]:
            raise ValueError(f"f must have as many values as variables, {J.shape[1]}; got {J.shape[0]}")
        return np.moveaxis(J, (0, 1), (-2, -1))

    def determinant(self, *u):
        """The determinant of that matrix."""
        return np.linalg.det(self.jacobian(*u))

    def log_abs_det(self, *u):
        """The logarithm of its size, which neither overflows nor underflows where the determinant does."""
        return np.linalg.slogdet(self.jacobian(*u))[1]

    def _stacked(self, given):
        for u in given:
            if api.is_array_api_obj(u) and not api.is_numpy_array(u):
                raise TypeError(f"differences need NumPy's arrays; got {type(u).__name__}")
        return as_floats(given[0] if len(given) == 1 else np.broadcast_arrays(*given), "the point")


polar = Polar()
cylindrical = Cylindrical()
spherical = spherical_physicist = Spherical()
spherical_mathematician = MathematiciansSpherical()


def disk_counts(points, rings=4, sectors=8):
    """How many points of the unit disk fall into each of rings × sectors cells of equal area.

    The edges of the rings are √(k / rings), since the area inside a radius grows with its square. The first
    sector begins at the angle −π.

    Args:
        points: x and y stacked, shape (2, number of points), in the unit disk.
        rings: into how many rings the disk is cut.
        sectors: into how many sectors of equal angle.

    Returns:
        The counts, shape (rings · sectors,), ring by ring from the middle.

    Raises:
        TypeError: ``points`` does not hold real numbers.
        ValueError: ``points`` has another shape, is not finite, or has one outside the unit disk.

    >>> print(disk_counts([[0.1, 0.9], [0.1, 0.0]], rings=2, sectors=2))
    [0 1 0 1]
    """
    r, theta = polar.inverse(as_floats(points, "points"))
    if (r > 1).any():
        raise ValueError(f"points must lie in the unit disk; got one at distance {r.max()}")
    ring = np.minimum(rings * r**2, rings - 1).astype(int)
    sector = np.minimum(sectors * (theta / np.pi + 1) / 2, sectors - 1).astype(int)
    return np.bincount(np.ravel(sectors * ring + sector), minlength=rings * sectors)
