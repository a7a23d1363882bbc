"""Citations by author and year, as in *Griewank and Walther (2008)*, and a bibliography that is a plain list.

The list of sphinxcontrib-bibtex has labels, which nobody needs who cites by author and year, and roles that browsers
and EPUB readers do not agree on; but only to such a list does it lead a citation. So the list is rewritten at the end.
"""

from dataclasses import dataclass, field

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle
from sphinxcontrib.bibtex.transforms import BibliographyTransform


def round_brackets():
    return BracketStyle(left="(", right=")")


@dataclass
class Round(AuthorYearReferenceStyle):
    """Author and year, the brackets round."""

    bracket_textual: BracketStyle = field(default_factory=round_brackets)
    bracket_parenthetical: BracketStyle = field(default_factory=round_brackets)
    author_year_sep: str = " "


class PlainList(SphinxPostTransform):
    """The works one under the other, without labels; each keeps the place that its citations lead to."""

    default_priority = BibliographyTransform.default_priority + 1

    def run(self):
        for box in list(self.document.findall(nodes.container)):
            if box.children and all(isinstance(child, nodes.citation) for child in box):
                items = [nodes.list_item("", *work[1:], ids=work["ids"]) for work in box]
                for work, item in zip(box, items, strict=True):  # LaTeX is led to a label
                    place = rf"\hypertarget{{cite.{work['docname']}:{work['ids'][0]}}}{{}}"
                    item[0].insert(0, nodes.raw("", place, format="latex"))
                box.replace_self(nodes.bullet_list("", *items, classes=["works"], bullet="-"))


def setup(app):
    app.setup_extension("sphinxcontrib.bibtex")
    register_plugin("sphinxcontrib.bibtex.style.referencing", "round", Round)
    app.add_post_transform(PlainList)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
