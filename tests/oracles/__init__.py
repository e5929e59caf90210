"""Exact answers from textbooks that the product does not need: tests measure it against them."""
