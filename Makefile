# One verb a task. `make` alone prints them.

PYTHON ?= python3
BIN    := .venv/bin
PAPER  ?= a4
TEX_DEBIAN := latexmk texlive-luatex texlive-latex-extra texlive-fonts-recommended fonts-texgyre fonts-texgyre-math fonts-dejavu-core
CHECK_DEBIAN := epubcheck poppler-utils
AUDIT_DEBIAN := chromium $(if $(shell command -v npm),,nodejs npm)# Node.js of another source conflicts with Debian's npm
EPUBCHECK := $(shell command -v epubcheck)
READY  := .venv/.ready
FONT_FROM := ziamath==0.13# it carries STIX Two Math 2.11 whole
FONT_BY := fonttools[woff]==4.68.0
BUILD  := $(BIN)/python -m _ext.build
TESTED := .venv/.ready-test
TIMED  := .venv/.ready-bench
AUDITED := .venv/.ready-audit
ASKED  := .venv/.ready-trust
LATEX  := $(if $(shell command -v latexmk),$(notdir $(firstword $(shell command -v lualatex || command -v xelatex))))
LATEXMK = $(if $(filter lualatex,$(LATEX)),-pdflua,-pdfxe)
NO_TEX := "The PDF needs latexmk and LuaLaTeX or XeLaTeX, which are not here. Install them: on Debian and Ubuntu" \
	"'apt install $(TEX_DEBIAN)';" \
	"on Fedora 'dnf install latexmk texlive-scheme-medium texlive-collection-latexextra texlive-tex-gyre-math texlive-dejavu';" \
	"on macOS 'brew install --cask mactex' (MacTeX); on Windows MiKTeX or TeX Live from their installers."

# The same commit gives the same bytes: dates come from the commit, not from the clock.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --pretty=%ct 2>/dev/null || echo 0)
export PYTHONUTF8 := 1

.PHONY: help html pdf epub test doctest editions mutate mutants versions load same lint check lock vulnerabilities links font inventories audit soak bench clean fresh print-debian
.DELETE_ON_ERROR:
.NOTPARALLEL:

help:  ## print these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

html: $(READY)  ## run every chapter and make the site, _build/html/index.html
	@$(BUILD) html
	@echo "The book: $(CURDIR)/_build/html/index.html"

pdf: $(READY)  ## run every chapter and typeset the book, _build/pdf/jacobians.pdf (needs TeX; PAPER=letter)
	@test -n "$(LATEX)" || { echo $(NO_TEX); exit 1; }
	@export LATEX_ENGINE=$(LATEX) PAPER=$(PAPER) && $(BUILD) pdf
	@cd _build/latex && latexmk -silent -interaction=nonstopmode -halt-on-error $(LATEXMK) jacobians.tex >latexmk.out 2>&1 \
	  || { rm -f jacobians.fdb_latexmk; grep -A 4 '^!' jacobians.log || cat latexmk.out; echo "TeX stopped; the whole log is $(CURDIR)/_build/latex/jacobians.log. No new PDF was made."; exit 1; }
	@! grep 'Missing character' _build/latex/jacobians.log  # a letter that the fonts lack would be left out in silence
	@$(call place,_build/latex/jacobians.pdf,_build/pdf/jacobians.pdf)
	@echo "The PDF: $(CURDIR)/_build/pdf/jacobians.pdf"

epub: $(READY)  ## run every chapter and make the EPUB, _build/epub/jacobians.epub (held by EPUBCheck where that is)
	@$(BUILD) epub
	@if test -z "$(EPUBCHECK)"; then echo "Not checked: EPUBCheck is not here (on Debian and Ubuntu 'apt install epubcheck')."; \
	  else $(if $(shell head -c 2 "$(EPUBCHECK)" 2>/dev/null | grep PK),java -jar) "$(EPUBCHECK)" --failonwarnings _build/making-epub/jacobians.epub >_build/making-epub/check.out 2>&1 \
	    || { cat _build/making-epub/check.out; exit 1; }; fi
	@$(call place,_build/making-epub/jacobians.epub,_build/epub/jacobians.epub)
	@echo "The EPUB: $(CURDIR)/_build/epub/jacobians.epub"

test: $(TESTED)  ## hold every printed result and every routine to its word
	@$(BIN)/python -m pytest
	@echo "Left out: what needs a browser, which 'make audit' looks at (formulas drawn, search, keys, notebooks, Lighthouse, axe)."

doctest: $(TESTED)  ## the printed results alone: those of src/ and of every chapter
	@$(BIN)/python -m pytest src book

editions: $(TESTED)  ## hold the site, the PDF and the EPUB, once made, to the same numbers (needs pdftotext)
	@command -v pdftotext >/dev/null || { echo "Reading the PDF needs pdftotext, which is not here (on Debian and Ubuntu 'apt install poppler-utils')."; exit 1; }
	@$(BIN)/python -m pytest tests/editions.py

mutate: $(TESTED)  ## change each digit that the book prints, and count the changes that are caught
	@$(BIN)/python -m tests.mutate

mutants: $(ASKED)  ## change the code of src/ bit by bit, and count what the tests notice (MODULES="vjp polar" for some, AGAIN=1 to go on; hours for all)
	@$(BIN)/python -m tests.mutants $(if $(AGAIN),--again) $(MODULES)

versions: $(TESTED)  ## run the tests on every Python here, with the oldest and the newest NumPy (PAIRS="3.12-oldest" for one)
	@$(BIN)/python tests/versions.py $(PAIRS)

load: $(TESTED)  ## call each routine a million times, and from eight threads at once (CALLS=10000 for a short run)
	@$(BIN)/python -m tests.load $(CALLS)

same: $(READY)  ## make every edition of the last commit in two folders, and compare them byte by byte
	@$(BIN)/python tests/same.py

lint: $(TESTED)  ## look for slips and stray formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

check: lint fresh html pdf epub editions $(AUDIT)  ## all that must pass before a change lands; CI runs this (AUDIT=audit)
	@echo '$$ make test'
	@$(MAKE) --no-print-directory test

lock: $(TESTED)  ## pin the newest versions that pyproject.toml admits, with hashes
	@$(call lock,requirements.lock,--group build --group book)
	@$(call lock,tests/requirements.lock,--group test --group lint --constraint requirements.lock)
	@$(call lock,benchmarks/requirements.lock,--group bench --constraint requirements.lock --constraint tests/requirements.lock)
	@$(call lock,.ci/requirements.lock,--group trust --constraint requirements.lock --constraint tests/requirements.lock)
	@$(call lock,audit/requirements.lock,--group audit --constraint requirements.lock --constraint tests/requirements.lock)

vulnerabilities: $(ASKED)  ## ask whether a pinned version has a known vulnerability (needs a network)
	@$(BIN)/python tests/vulnerabilities.py

links: $(READY)  ## follow every link to another site (CI does so once a week; needs a network)
	@$(BIN)/python -m sphinx --conf-dir . --quiet --doctree-dir _build/doctrees/links -b linkcheck book _build/links \
	  || { echo "Mend the links named above, or try again: a site may be down for a day. The list: _build/links/output.txt"; exit 1; }
	@echo "Every link to another site leads somewhere."

font: $(TESTED)  ## subset the maths font that the site ships, book/_static/stix-two-math.woff2
	@$(BIN)/uv run --quiet --no-project --with $(FONT_FROM) --with '$(FONT_BY)' python -m _ext.mathfont

inventories: $(READY)  ## list the routines that NumPy and SciPy explain, for links to them
	@$(BIN)/python -m _ext.inventories

audit: $(AUDITED)  ## look through the finished site with a browser, axe and Lighthouse (needs Chromium and Node)
	@test -f _build/html/index.html || $(MAKE) --no-print-directory html
	@$(BIN)/python -m pytest audit
	@$(BIN)/python -m audit.table

soak: $(READY)  ## read the finished site as eight readers at once, from a static server, against a budget
	@test -f _build/html/index.html || $(MAKE) --no-print-directory html
	@$(BIN)/python -m audit.soak $(SITE)

bench: $(TIMED)  ## time the routines beside their peers, for the page Measured (STEMS="vjp polar" for some)
	@$(BIN)/python -m benchmarks --keep $(STEMS)

clean:  ## remove all that was made
	rm -rf _build .venv .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

fresh:
	@rm -rf _build

print-debian:
	@echo $(TEX_DEBIAN) $(CHECK_DEBIAN) $(if $(AUDIT),$(AUDIT_DEBIAN))

# What is whole takes the old one's place in one step.
place = mkdir -p $(dir $(2)) && cp $(1) $(2).new && mv $(2).new $(2)

# One resolution for every supported Python; no index address.
lock = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --custom-compile-command "make lock" $(2) pyproject.toml --output-file $(1)

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name yours: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.version_info >= (3, 11) or sys.exit("This book needs Python 3.11 or newer; $(PYTHON) is " + v + ". Name another one: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Installing what requirements.lock pins into .venv; this takes a minute, once."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(TESTED): $(READY) tests/requirements.lock
	@echo "Installing what tests/requirements.lock pins into .venv; this takes a minute, once."
	@$(PIP) --require-hashes -r tests/requirements.lock
	@touch $@

$(ASKED): $(TESTED) .ci/requirements.lock
	@echo "Installing what .ci/requirements.lock pins into .venv: mutmut and pip-audit."
	@$(PIP) --require-hashes -r .ci/requirements.lock
	@touch $@

$(AUDITED): $(TESTED) audit/requirements.lock audit/package-lock.json
	@command -v npm >/dev/null || { echo "The audit needs Node.js and npm, and Chromium: on Debian 'apt install $(AUDIT_DEBIAN)'."; exit 1; }
	@echo "Installing what audit/ pins: Playwright into .venv, axe and Lighthouse into audit/node_modules."
	@$(PIP) --require-hashes -r audit/requirements.lock
	@cd audit && npm ci --loglevel=error --no-audit --no-fund >/dev/null
	@touch $@

$(TIMED): $(READY) benchmarks/requirements.lock
	@echo "Installing what benchmarks/requirements.lock pins into .venv, PyTorch and JAX among it; this takes minutes, once."
	@$(PIP) --require-hashes -r benchmarks/requirements.lock
	@touch $@
