"""The reference: each module under a heading, and no field twice that its class explains."""

from pathlib import Path


def headed(app, what, name, obj, options, lines):
    """A heading, where the page has not written one, so that a module's own words stand under its name."""
    page = Path(app.env.doc2path(app.env.current_document.docname)).read_text(encoding="utf-8")
    if what == "module" and f"\n## {name}\n" not in page:
        lines[:0] = [f".. rubric:: {name}", "   :heading-level: 3", ""]


def explained(app, what, name, obj, skip, options):
    """The fields of a named tuple stand in its docstring; by themselves they say "Alias for field number 0"."""
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None


def setup(app):
    app.connect("autodoc-process-docstring", headed)
    app.connect("autodoc-skip-member", explained)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
