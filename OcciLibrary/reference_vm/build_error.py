"""What keeps an image from being built."""

from __future__ import annotations


class BuildError(Exception):
    """Says in one plain sentence why an image cannot be built, and what to do."""
