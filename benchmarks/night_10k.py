"""A night of 10,000 nodes x 730 days: seconds and memory, stage by stage."""

from measure import night

if __name__ == "__main__":
    night(10_000, 730)
