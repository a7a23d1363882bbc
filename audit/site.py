"""The built site, where the audit looks at it."""

from pathlib import Path

SITE = Path(__file__).parents[1] / "_build/html"
