"""30,490 resampled real series x 1,941 days, from files to forecasts, score included: seconds and memory by stage."""

from cold_start import measure
from measure import row
from resampled import is_here

NODES = 30_490

if __name__ == "__main__" and is_here():
    cost = measure(NODES)
    memory = f"{cost.peak_mb:,.0f} MB, workers included"
    row(f"cold start of {NODES:,} series x 1,941 days", f"{cost.seconds:.0f} s ({cost.cpu:.0f} s CPU)", memory)
    for one in cost.stages:
        row(f"- {one['stage']}", f"{one['seconds']:.1f} s")
