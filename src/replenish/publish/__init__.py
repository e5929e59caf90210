"""A run's folder: tables, proposal files and a manifest that appear whole or not at all."""

from __future__ import annotations

from replenish.publish.atomic import PublishError

__all__ = ["PublishError"]
