"""The rows of a network's Jacobian, what it does not see, and whitening, each beside its peers."""

import numpy as np
from scipy import linalg

from benchmarks.harness import Problem, digits, optional
from jacobians.backprop import initial, jacobian, network
from jacobians.information import take_apart, whitening


def rows(points, parameters):
    """The Jacobians of the digit network, 64-64-10, at one point, shape (64,), or at many, by VJPs."""
    layers, (W1, b1, W2, _) = network(parameters), parameters
    exact = (W2 * (points @ W1.T + b1 > 0)[..., None, :]) @ W1
    contenders, many = {}, points.ndim > 1
    if torch := optional("torch"):
        P, x = [torch.from_numpy(p) for p in parameters], torch.from_numpy(points)
        one = torch.func.jacrev(lambda x: torch.relu(x @ P[0].T + P[1]) @ P[2].T + P[3])
        by_torch = torch.func.vmap(one) if many else one
        contenders["torch.func.jacrev"] = lambda: by_torch(x)
    if jax := optional("jax"):
        Q, at = [jax.numpy.asarray(p) for p in parameters], jax.numpy.asarray(points)
        row = jax.jacrev(lambda x: jax.nn.relu(x @ Q[0].T + Q[1]) @ Q[2].T + Q[3])
        by_jax = jax.jit(jax.vmap(row) if many else row)
        contenders["JAX jit(jacrev)"] = lambda: by_jax(at)
    name = f"ten rows of J, digit network 64-64-10, {'batch ' + str(len(points)) if many else 'one digit'}"
    ours = {"jacobians": lambda: jacobian(layers, points)}
    return Problem(name, ours, contenders, exact, goal="within 2 times torch" if many else "ahead of torch")


def unseen(J, t):
    """The part of a tangent that J does not see."""

    def by_scipy():
        N = linalg.null_space(J)
        return N @ (N.T @ t)

    exact = t - J.T @ np.linalg.solve(J @ J.T, J @ t)
    peers = {
        "scipy.linalg.null_space": by_scipy,
        "t less pinv(J) J t": lambda: t - np.linalg.pinv(J) @ (J @ t),
    }
    ours = {"take_apart": lambda: take_apart(J).split(t)[1]}
    name = f"unseen part of a tangent, J {J.shape[0]} × {J.shape[1]}"
    return Problem(name, ours, peers, exact, goal="ahead of SciPy's null space")


def white(Z, condition):
    """Mahalanobis distances from the mean of points whose exact ones are known: a map of white points."""
    n, rng = Z.shape[1], np.random.default_rng(237)
    U, T = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in "UT")
    X = Z @ (U * np.geomspace(1, 1 / condition, n) @ T).T
    peers = {}
    if decomposition := optional("sklearn.decomposition"):
        for solver in ("auto", "full"):
            pca = decomposition.PCA(whiten=True, svd_solver=solver)
            peers[f"scikit-learn PCA, {solver}"] = lambda pca=pca: np.linalg.norm(pca.fit_transform(X), axis=1)
    ours = {"whitening": lambda: np.linalg.norm(whitening(X)(X), axis=1)}
    name = f"whitening, {digits(len(Z))} × {n}, condition {digits(condition)}"
    goal = "ahead of scikit-learn, where its error is as small"
    return Problem(name, ours, peers, np.linalg.norm(Z, axis=1), goal=goal)


def problems():
    """Seeded points and weights."""
    rng = np.random.default_rng(237)
    parameters = initial((64, 64, 10), 237)
    yield rows(rng.uniform(0, 1, 64), parameters)
    yield rows(rng.uniform(0, 1, (360, 64)), parameters)
    yield unseen(rng.standard_normal((10, 64)), rng.standard_normal(64))
    for shape in [(300, 2), (100_000, 10)]:
        Z = rng.standard_normal(shape)
        Z -= Z.mean(axis=0)
        Z = np.linalg.qr(Z)[0] * np.sqrt(len(Z) - 1)
        for condition in (10, 10**6):
            yield white(Z, condition)
