"""At the end of a build: how long the cells of each chapter ran, and of the whole book, beside what it may take."""

from myst_nb.sphinx_ import NbMetadataCollector

BAR = 90  # seconds for the whole book, from cold, on two cores


def table(seconds):
    """The lines that are printed.

    >>> print(table({"polar": 2.04, "scale": 10.5}))
    The cells ran for
      polar    2.0 s
      scale   10.5 s
      all     12.5 s (at most 90 s on two cores)
    """
    width = max(map(len, seconds))
    lines = [f"  {name:{width}} {time:6.1f} s" for name, time in (seconds | {"all": sum(seconds.values())}).items()]
    return "\n".join(["The cells ran for", *lines]) + f" (at most {BAR} s on two cores)"


def tell(app, exception):
    """Print the table; what came from the cache is told with the time that it took when it ran."""
    if exception or app.builder.name != "html":
        return
    pages = app.env.toctree_includes.get(app.config.root_doc, [])
    data = {page: NbMetadataCollector.get_exec_data(app.env, page) for page in pages if page in app.env.found_docs}
    seconds = {page: result["runtime"] for page, result in data.items() if result and result["runtime"]}
    if seconds:
        print(table(seconds), flush=True)


def setup(app):
    app.connect("build-finished", tell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
