"""A section ``(solution-vjp-1)=`` is a solution: it leads back to its exercise, and the site folds it.

A solution's code is at the top level of its page, or it would not run; so what follows its heading is folded when the
page is written. One without an exercise, or an exercise without one, fails the build.
"""

import re
from html import escape

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from _ext.exercises import link

LOG = logging.getLogger(__name__)


def solutions(document):
    """Yield each section that is a solution, the label of its exercise, and its number."""
    for section in document.findall(nodes.section):
        for name in section["names"]:
            if found := re.fullmatch(r"solution-(\w+-(\d+))", name):
                yield section, *found.groups()


class Back(SphinxTransform):
    """Lead from each solution to its exercise."""

    default_priority = 300  # when sections have the names that were put before them

    def apply(self):
        for section, label, number in solutions(self.document):
            section.insert(1, link("exercise", label, f"To exercise {number}", self.env.docname))


class Fold(SphinxPostTransform):
    """Fold each solution, but for its heading and the way back."""

    default_priority = 900
    builders = ("html",)

    def run(self):
        for section, _, number in solutions(self.document):
            whose = f"of exercise {number}, {escape(section[0].astext())}"
            opened = f'<details class="solution"><summary>Solution <span>{whose}</span></summary>'
            section.insert(2, nodes.raw("", opened, format="html"))
            section += nodes.raw("", "</details>", format="html")


def check(app, env):
    """Warn of each exercise without a solution, and of each solution without an exercise."""
    labels = env.get_domain("std").labels
    for kind, other in [("exercise", "solution"), ("solution", "exercise")]:
        for name, (docname, *_) in sorted(labels.items()):
            if re.fullmatch(rf"{kind}-\w+-\d+", name) and name.replace(kind, other, 1) not in labels:
                LOG.warning("%s has no %s", name, other, location=docname, type="exercise")


def setup(app):
    app.add_transform(Back)
    app.add_post_transform(Fold)
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
