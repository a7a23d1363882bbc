# One verb a task. `make` alone prints them.

PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready
SPHINX := $(BIN)/python -m sphinx --conf-dir . --fail-on-warning --keep-going --nitpicky --quiet --doctree-dir
GROUPS := build book test lint

# The same commit gives the same bytes: dates come from the commit, not from the clock.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --pretty=%ct 2>/dev/null || echo 0)
export PYTHONUTF8 := 1

.PHONY: help html pdf test doctest lint check lock clean
.DELETE_ON_ERROR:

help:  ## print these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

html: $(READY)  ## run every chapter and make the site, _build/html/index.html
	@$(call sphinx,html,html)
	@echo "The book: $(CURDIR)/_build/html/index.html"

pdf: $(READY)  ## run every chapter and typeset the book, _build/pdf/jacobians.pdf (needs TeX)
	@$(BIN)/python _ext/tex.py
	@$(call sphinx,latex,latex)
	@$(BIN)/python _ext/tex.py _build/latex/jacobians.tex _build/pdf
	@echo "The PDF: $(CURDIR)/_build/pdf/jacobians.pdf"

test: $(READY)  ## hold every printed result and every routine to its word
	@$(BIN)/python -m pytest

doctest: $(READY)  ## the printed results alone: those of src/ and of every chapter
	@$(BIN)/python -m pytest src book

lint: $(READY)  ## look for slips and stray formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

check: lint fresh html pdf test  ## all that must pass before a change lands; CI runs this

lock: $(READY)  ## pin the newest versions that pyproject.toml admits, with hashes
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" $(GROUPS:%=--group %) pyproject.toml --output-file requirements.lock

clean:  ## remove all that was made
	rm -rf _build .venv .pytest_cache .ruff_cache

fresh:
	@rm -rf _build

# A failed build keeps no doctrees: Sphinx would not repeat its warnings, and the next call would pass.
sphinx = mkdir -p _build && $(SPHINX) _build/doctrees -b $(1) book _build/$(2) || { rm -rf _build/doctrees _build/$(2); exit 1; }

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.version_info >= (3, 11) or sys.exit("This book needs Python 3.11 or newer; $(PYTHON) is " + v + ". Name another one: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Installing what requirements.lock pins into .venv; this takes a minute, once."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
