"""What to do, after what is wrong: a sentence added to each warning of Sphinx that says no more than the fault."""

import logging

NAME = ("Mend the name here, or give it to what you mean: '(name)=' before a section, 'name:' among the options of a "
        "figure's cell, ':label:' in an equation.")  # fmt: skip
ADVICE = {  # the kind of a warning, as Sphinx ends it with
    "doctest": "If the run is right, write what it prints; if not, mend the code ('make doctest' is the faster check).",
    "image.not_readable": "The path counts from the folder book/; a figure that is drawn comes from a cell.",
    "mathml": "Write it with commands that math-core knows, or give it a meaning in mathml_macros of conf.py.",
    "myst.directive_unknown": "Mend its name; those of this book are made in _ext/.",
    "myst.role_unknown": "Mend its name; those of Sphinx and MyST are to be had.",
    "myst.xref_missing": "Mend the link: the name of a page with .md, or that of a target.",
    "mystnb.glue": "Glue it in a cell of this page: measure.glue(name, value).",
    "mystnb.nbcell": "Put the cell at top level, outside of any other block.",
    "mystnb.stderr": "A page shows no warnings: mend what causes it in that cell.",
    "ref.doc": "Mend the name of the page.",
    "ref.eq": NAME,
    "ref.func": "The reference, book/reference.md or book/support.md, must list the module of the routine.",
    "ref.numref": NAME,
    "ref.ref": NAME,
    "ref.term": "Write the term in book/glossary.md, or mend it here.",
    "toc.not_included": "Name the page in the toctree of book/index.md.",
}


def advised(record):
    """Let every warning pass, its advice added."""
    kinds = [str(kind) for kind in (getattr(record, "type", None), getattr(record, "subtype", None)) if kind]
    advice = ADVICE.get(".".join(kinds)) or (ADVICE.get(kinds[0]) if kinds else None)
    if advice and advice not in str(record.msg):
        record.msg = f"{record.msg}\n{advice}"
    return True


def setup(app):
    for handler in logging.getLogger("sphinx").handlers:
        handler.addFilter(advised)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
