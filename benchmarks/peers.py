"""The peers that more than one stem stands beside, each given the same f and point; those not installed are named."""

from benchmarks.harness import optional


def stepping(f, x):
    """Jacobians by differences whose step the library chooses."""
    contenders = {}
    if numdifftools := optional("numdifftools"):
        contenders["numdifftools.Jacobian"] = lambda: numdifftools.Jacobian(f)(x)
    if jacobi := optional("jacobi"):
        contenders["jacobi"] = lambda: jacobi.jacobi(f, x)[0]
    return contenders


def automatic(f, x):
    """Jacobians by automatic differentiation without a compiler; f takes the library's namespace second."""
    contenders = {}
    if autograd := optional("autograd"):
        xp = optional("autograd.numpy")
        along = autograd.jacobian(lambda x: f(x, xp))
        contenders["autograd.jacobian"] = lambda: along(x)
    if torch := optional("torch"):
        tx = torch.from_numpy(x)
        contenders["torch.func.jacrev"] = lambda: torch.func.jacrev(lambda x: f(x, torch))(tx)
    return contenders
