"""Commands with a file of their own; `replenish.cli` puts them on the command line."""
