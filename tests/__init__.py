"""Tests mirror the source; a package of its own name, because some libraries install a `tests` too."""
