"""The cells of a notebook to download: the text of a chapter, and its code as it ran."""

import copy

import nbformat
from docutils import nodes

DROPPED = ("application/pdf", "text/html")  # an untrusted notebook shows no HTML; the figure is there as PNG


def parts(markdown, doctree, cells):
    """Yield the cells of a notebook: the text between two code cells, and the code, those that the page hides too."""
    done, text = 0, []
    for block in flat(doctree):
        if isinstance(block, nodes.container) and block.get("nb_element") == "cell_code":
            if text:
                yield nbformat.v4.new_markdown_cell("\n\n".join(text))
            index = block["cell_index"]
            yield from (clean(cell) for cell in cells[done : index + 1] if cell.cell_type == "code")
            done, text = index + 1, [markdown.block(c) for c in block.findall(nodes.caption)]
        else:
            text += filter(None, [markdown.block(block)])
    if text:
        yield nbformat.v4.new_markdown_cell("\n\n".join(text))
    yield from (clean(cell) for cell in cells[done:] if cell.cell_type == "code")


def flat(node):
    """Yield the blocks of a chapter in order, out of their sections."""
    for child in node.children:
        yield from flat(child) if isinstance(child, nodes.section) else [child]


def clean(cell):
    """The cell without what only the book's page needs."""
    cell = copy.deepcopy(cell)
    cell.metadata = {"tags": ["raises-exception"]} if "raises-exception" in cell.metadata.get("tags", []) else {}
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            output["data"] = {kind: data for kind, data in output["data"].items() if kind not in DROPPED}
    return cell
