"""Cold starts of 1,000 to 10,000 resampled real series x 1,941 days: does each series cost the same?"""

from cold_start import measure
from measure import row
from resampled import is_here

SIZES = (1_000, 3_000, 10_000)

if __name__ == "__main__" and is_here():
    first = 0.0
    for nodes in SIZES:
        cost = measure(nodes)
        first = first or cost.cpu / nodes
        each = (
            f"{cost.seconds:.0f} s ({cost.cpu:.0f} s CPU), a series {cost.cpu / nodes / first:.2f} x that of the first"
        )
        row(f"cold start of {nodes:,} series x 1,941 days", each, f"{cost.peak_mb:,.0f} MB, workers included")
