"""Static pages that open from disk: building blocks for the pages in `reports/`, which are loaded by path."""

from replenish.reporting.page import Report, write_report

__all__ = ["Report", "write_report"]
