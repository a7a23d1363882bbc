"""The reference: each module under a heading, links in place of files, and no field twice that its class explains."""

import re
from pathlib import Path

FILED = re.compile(r"(:eq:`[^`]*`) of book/\w+\.md")  # the equation's link says where it is
FILE = re.compile(r"book/(\w+)\.md")
HEADING = re.compile(r"(<h[23][^>]*>)(\w+\.[\w.]+)")


def headed(app, what, name, obj, options, lines):
    """A heading, where the page has not written one, so that a module's own words stand under its name."""
    page = Path(app.env.doc2path(app.env.current_document.docname)).read_text(encoding="utf-8")
    if what == "module" and f"\n## {name}\n" not in page:
        lines[:0] = [f".. rubric:: {name}", "   :heading-level: 3", ""]


def linked(app, what, name, obj, options, lines):
    """A docstring names chapters by their files, for those who read the source; a page leads to them."""
    lines[:] = [FILE.sub(r":doc:`/\1`", FILED.sub(r"\1", line)) for line in lines]


def parted(app, pagename, templatename, context, doctree):
    """A name in a heading may go on in the next line after each of its dots."""
    context["body"] = HEADING.sub(lambda part: part[1] + part[2].replace(".", ".<wbr/>"), context.get("body", ""))


def explained(app, what, name, obj, skip, options):
    """The fields of a named tuple stand in its docstring; by themselves they say "Alias for field number 0"."""
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None


def led(app, env, node, words):
    """`Name` leads to the one thing of that name, in whatever module; where there is none, it is code."""
    if node.get("refdomain") != "py" or node.get("reftype") != "obj":
        return None
    domain = env.domains.python_domain
    names = [name for name in domain.objects if name.endswith(f".{node['reftarget']}")]
    target = names[0] if len(names) == 1 else ""
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", target, node, words) or words


def setup(app):
    app.connect("autodoc-process-docstring", headed)
    app.connect("autodoc-process-docstring", linked)
    app.connect("autodoc-skip-member", explained)
    app.connect("html-page-context", parted)
    app.connect("missing-reference", led, priority=900)  # after the links to other projects
    return {"parallel_read_safe": True, "parallel_write_safe": True}
