"""The array libraries that are installed: what runs on one of them is tested on all."""

import importlib
import importlib.util

import array_api_compat
import numpy as np

# A name, the library it needs, and the namespace by which the array API standard is spoken there.
KNOWN = {
    "numpy": ("numpy", "array_api_compat.numpy"),
    "array-api-strict": ("array_api_strict", "array_api_strict"),
    "dask": ("dask", "array_api_compat.dask.array"),
    "jax": ("jax", "jax.numpy"),
    "torch": ("torch", "array_api_compat.torch"),
    "torch on cuda": ("torch", "array_api_compat.torch"),
    "cupy": ("cupy", "array_api_compat.cupy"),
}


def usable(name):
    """True if the library is there, and the device that it is asked for."""
    library = KNOWN[name][0]
    if importlib.util.find_spec(library) is None:
        return False
    if name == "torch on cuda":
        return importlib.import_module("torch").cuda.is_available()
    if name == "cupy":
        return importlib.import_module("cupy").cuda.is_available()
    if name == "jax":
        config = importlib.import_module("jax").config
        config.update("jax_enable_x64", True)
        config.update("jax_default_matmul_precision", "highest")  # on a GPU it would round float32 to ten bits
    return True


LIBRARIES = {name: importlib.import_module(space) for name, (_, space) in KNOWN.items() if usable(name)}
MISSING = [name for name in KNOWN if name not in LIBRARIES]


def header():
    """A line for the head of pytest's report."""
    missing = f"; not here: {', '.join(MISSING)}" if MISSING else ""
    return f"array libraries: {', '.join(LIBRARIES)}{missing}"


def given(name, a):
    """The NumPy array ``a`` as an array of the library ``name``, on its device; for Dask, in two blocks."""
    xp = LIBRARIES[name]
    if name == "dask":
        return xp.from_array(a, chunks=(max(1, a.shape[0] // 2), *a.shape[1:]) if a.ndim else ())
    if name == "torch on cuda":
        return xp.asarray(a, device="cuda")
    return xp.asarray(a)


def taken(a):
    """The array ``a`` of any library as one of NumPy."""
    if array_api_compat.is_dask_array(a):
        return a.compute()
    if array_api_compat.is_torch_array(a):
        return a.cpu().numpy()
    if array_api_compat.is_cupy_array(a):
        return a.get()
    return np.asarray(a)
