"""Replenishment planning: files in, a plan and its proposals out."""

from __future__ import annotations

__version__ = "0.1.0"
