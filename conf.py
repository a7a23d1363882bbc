"""Settings of Sphinx, each with its reason. The book is `book/`; this folder holds what makes it."""

import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from _ext import inventories  # noqa: E402
from _ext.watched import digest  # noqa: E402

project = "The Jacobian"
author = "the Jacobians authors"
copyright = "the Jacobians authors; text and figures CC BY 4.0, code BSD 3-Clause"  # noqa: A001  (Sphinx names it)
release = version = (ROOT / "src/jacobians/__init__.py").read_text(encoding="utf-8").split('"')[-2]
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "_ext.advice",
    "_ext.citations",
    "_ext.doctest_cells",
    "_ext.downloads",
    "_ext.epub",
    "_ext.execution",
    "_ext.exercises",
    "_ext.explorer",
    "_ext.figure_cells",
    "_ext.folded",
    "_ext.hanging",
    "_ext.indexed",
    "_ext.latex",
    "_ext.listing",
    "_ext.margin",
    "_ext.mathml",
    "_ext.notebooks",
    "_ext.outputs",
    "_ext.page",
    "_ext.parts",
    "_ext.reference",
    "_ext.runtimes",
    "_ext.solutions",
]
numfig = math_numfig = True
numfig_format = {"figure": "Figure %s", "table": "Table %s", "code-block": "Listing %s"}
numfig_secnum_depth = 0  # one chapter: Figure 3, not Figure 3.1
suppress_warnings = [
    "config.cache",  # nb_custom_formats holds a function
    "mystnb.exec",  # _ext.execution tells the same, with its line
]

# -- What is read and run ---------------------------------------------------------------------------------------------

myst_enable_extensions = [
    "dollarmath",
    "colon_fence",
    "deflist",
    "attrs_inline",
    "attrs_block",
]  # not amsmath: random ids
nb_custom_formats = {".md": ["_ext.doctest_cells.read", {"enable_extensions": myst_enable_extensions}, False]}
nb_execution_mode = "cache"
nb_execution_cache_path = str(ROOT / "_build" / "executed" / digest(ROOT))
nb_execution_excludepatterns = [
    f"{page}.md" for page in ("bibliography", "glossary", "index", "notation")
]  # no code: no kernel to start
nb_execution_timeout = 120  # seconds a cell
nb_execution_raise_on_error = False  # a failing cell is a warning, and warnings fail the build; see _ext.execution
nb_output_stderr = "warn"
nb_merge_streams = True
nb_render_error_lexer = "text"  # a sentence is no Python: "or" and "with" are no keywords in it
nb_render_markdown_format = "myst"  # computed tables may hold formulas

# A kernel keeps no history, and tells where in `src/` an error was raised; the page shows the error alone.
ipython = ROOT / "_build" / "ipython" / "profile_default"
ipython.mkdir(parents=True, exist_ok=True)
(ipython / "ipython_kernel_config.py").write_text(
    'c.HistoryManager.enabled = False\nc.InteractiveShell.xmode = "Plain"\nc.IPKernelApp.log_level = "CRITICAL"\n',
    encoding="utf-8",
)
os.environ["IPYTHONDIR"] = str(ipython.parent)
os.environ |= {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}  # what is measured is one thread
logging.getLogger("traitlets").setLevel("CRITICAL")  # what it says of a cell, _ext.execution says with its line

# -- What is cited -----------------------------------------------------------------------------------------------------

bibtex_bibfiles = ["book/references.bib"]
bibtex_default_style = "plain"  # in the order of the authors
bibtex_reference_style = "round"  # _ext/citations.py
bibtex_cite_id = "{key}"

# -- The site ---------------------------------------------------------------------------------------------------------

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = "The Jacobian"
html_static_path = ["book/_static"]
html_css_files = ["book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_favicon = "book/_static/favicon.svg"
html_baseurl = os.environ.get("BOOK_URL", "")  # where the site will stand, for its sitemap and its links when shared
templates_path = ["book/_templates"]
html_additional_pages = {"404": "404.html"}
html_copy_source = html_show_sourcelink = False
html_math_renderer = "mathml"
html_scaled_image_link = False
html_permalinks_icon = "#"
html_domain_indices = False  # the reference lists the modules
toc_object_entries = False  # beside the reference stand its modules, not each routine
mathml_macros = {"R": r"\mathbb{R}", "dd": r"\mathrm{d}"}

# -- Links to other sites, followed by `make links` alone -------------------------------------------------------------

linkcheck_anchors = False  # many sites make theirs by script
linkcheck_timeout, linkcheck_retries = 20, 2  # seconds; a site may be slow

# -- The PDF ----------------------------------------------------------------------------------------------------------

latex_engine = os.environ.get("LATEX_ENGINE", "lualatex")
latex_use_xindy = False  # often missing
latex_table_style = ["booktabs"]  # the default crashes on LaTeX of June 2026
latex_theme = "manual"
latex_documents = [("index", "jacobians.tex", "The Jacobian", author, "manual")]
latex_domain_indices = False  # the reference has its own contents
latex_additional_files = ["_ext/jacobians.sty"]
latex_elements = {
    "papersize": os.environ.get("PAPER", "a4") + "paper",
    "pointsize": "11pt",
    "extraclassoptions": "oneside,openany",  # no empty page
    "sphinxsetup": "hmargin={22mm,58mm}, vmargin={26mm,24mm}, marginpar=36mm",  # a margin for captions
    "geometry": r"\usepackage[marginparsep=6mm, headheight=14pt, headsep=9mm]{geometry}",
    "fncychap": "",
    "figure_align": "H",  # under the cell that draws it; the two move together
    "releasename": "Version",
    "fontpkg": "",  # jacobians.sty sets the fonts
    "maketitle": r"\booktitle{Chapter 237 of \emph{Advanced Calculus}, Experiment 7}",
    "tableofcontents": r"\opening",
    "preamble": rf"\usepackage{{jacobians}}\hypersetup{{pdflang={language}}}"
    + "".join(rf"\newcommand{{\{name}}}{{{meaning}}}" for name, meaning in mathml_macros.items()),
}

# -- The EPUB ---------------------------------------------------------------------------------------------------------

epub_basename = "jacobians"
epub_title = "The Jacobian"
epub_author = epub_publisher = author
epub_copyright = copyright
epub_identifier = epub_uid = "jacobians-237"
epub_description = "The derivative of a vector function, its products and its determinant, computed on the page."
epub_theme = "epub"
epub_css_files = ["epub.css"]
epub_exclude_files = [  # what only the site uses
    f"_static/{path.name}" for path in sorted((ROOT / "book/_static").iterdir()) if path.name != "epub.css"
]
epub_show_urls = "no"
epub_tocdepth = 2
epub_tocdup = False

# -- The API ----------------------------------------------------------------------------------------------------------

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True  # as the source has them: a path would name this machine's folders
default_role = "py:obj"  # `name` in a docstring leads to it
napoleon_use_rtype = False
intersphinx_mapping = {name: (home, f"_inventories/{name}.inv") for name, (home, _) in inventories.HOMES.items()}
