"""``{listing} jacobians.vjp.relu`` quotes a routine of `src/` by name, with its home and its page of the API beside it.

The docstring is left out: it stands in the API, one click away. A name that is not there fails the build.
"""

import ast

from docutils import nodes
from sphinx.directives.code import LiteralInclude


class Listing(LiteralInclude):
    """A `literalinclude` of one routine, found by its dotted name."""

    def run(self):
        module, name = self.arguments[0].rsplit(".", 1)
        home = f"src/{module.replace('.', '/')}.py"
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
