"""Company folders to begin with: an empty template, or a generated company with known true demand."""

from __future__ import annotations

from replenish.examples.generate import factory, retail, write_example
from replenish.examples.sold_out import sold_out
from replenish.examples.template import settings_text, write_template

__all__ = ["factory", "retail", "settings_text", "sold_out", "write_example", "write_template"]
