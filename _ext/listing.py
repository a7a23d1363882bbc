"""``{listing} jacobians.vjp.relu`` quotes a routine of `src/` by name, with its home and its page of the API beside it.

The docstring is left out: it stands in the API, one click away. A name that is not there fails the build.
"""

import ast
from pathlib import Path

from docutils import nodes
from sphinx.directives.code import LiteralInclude
from sphinx.util import logging

LOG = logging.getLogger(__name__)


class Listing(LiteralInclude):
    """A `literalinclude` of one routine, found by its dotted name."""

    def run(self):
        module, _, name = self.arguments[0].rpartition(".")
        home = f"src/{module.replace('.', '/')}.py"
        there = names(Path(self.env.srcdir).parent / home)
        if name not in there:
            known = f"{home} has {', '.join(there)}" if there else "write the whole name, jacobians.MODULE.ROUTINE"
            LOG.warning("there is no routine %r to quote: %s.", self.arguments[0], known,
                        location=self.get_location(), type="listing")  # fmt: skip
            return []
        self.arguments = [f"/../{home}"]
        self.options |= {
            "pyobject": name,
            "language": "python",
            "caption": f"{{py:func}}`{name} <{module}.{name}>`, in `{home}`",
            "name": f"lst-{name.replace('_', '-')}",
        }
        found = super().run()
        for node in nodes.Element("", *found).findall(nodes.literal_block):
            node.replace_self(nodes.literal_block("", without_docstring(node.astext()), **node.attributes))
        return found


def names(path):
    """The functions and classes of a module, none if there is no such module."""
    body = ast.parse(path.read_text("utf-8")).body if path.is_file() else []
    return [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def without_docstring(source):
    """The source of a function less its docstring, and less what is said to the formatter alone."""
    source = source.replace("  # fmt: skip", "")
    first = ast.parse(source).body[0].body[0]
    if not (isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str)):
        return source
    lines = source.splitlines(keepends=True)
    return "".join(lines[: first.lineno - 1] + lines[first.end_lineno :])


def setup(app):
    app.add_directive("listing", Listing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
