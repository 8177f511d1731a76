"""Names each deviation of an OCCI rendering from the documents, with its place and the clause: ``python -m OcciLibrary.lint``."""

from OcciLibrary.lint.findings import Finding, Place
from OcciLibrary.lint.linting import lint_answer, lint_bytes
from OcciLibrary.lint.rules import EDITIONS, RULES, Edition, Level, Rule

__all__ = ["EDITIONS", "RULES", "Edition", "Finding", "Level", "Place", "Rule", "lint_answer", "lint_bytes"]
