"""A night of 1,000 nodes x 730 days: seconds and memory, stage by stage."""

from measure import night

if __name__ == "__main__":
    night(1_000, 730)
