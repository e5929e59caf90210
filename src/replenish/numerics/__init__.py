"""Pure kernels on numpy arrays: no tables, no dates, no logging, no randomness without a seed."""
