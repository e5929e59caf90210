"""Random plants for laws: shifts, machines side by side, alternates, families, queues, links, closed days."""

from __future__ import annotations

from hypothesis import strategies as st

from replenish.numerics.shop import Centre, Job, Option, Step, without_circles
from tests.numerics.shops import shifts

FAMILIES = (None, "red", "blue", "green")


@st.composite
def plants(draw: st.DrawFn, most_jobs: int = 7) -> tuple[list[Job], list[Centre], list[tuple[int, int]]]:
    """Jobs, centres, and links without circles."""
    centres = draw(st.lists(_centre(), min_size=1, max_size=3))
    jobs = draw(st.lists(_job(len(centres)), min_size=1, max_size=most_jobs))
    ends = st.integers(0, len(jobs) - 1)
    links = without_circles(len(jobs), draw(st.lists(st.tuples(ends, ends), max_size=4)))
    return jobs, centres, links


@st.composite
def _centre(draw: st.DrawFn) -> Centre:
    spans = draw(
        st.sampled_from(
            [((0, None),), shifts(20, 6, 8), shifts(20, 6, 16, closed=(2, 3)), shifts(20, 8, 4, closed=(0,))]
        )
    )
    pairs = [(a, b) for a in FAMILIES[1:] for b in FAMILIES[1:] if a != b]
    change = draw(st.dictionaries(st.sampled_from(pairs), st.sampled_from([15, 45, 90]), max_size=4))
    return Centre(draw(st.integers(0, 2) | st.just(1)), spans, change)


@st.composite
def _job(draw: st.DrawFn, centre_count: int) -> Job:
    steps = draw(st.lists(_step(centre_count), min_size=1, max_size=3))
    release, due = draw(st.sampled_from([0, 200, 2000])), draw(st.sampled_from([-100, 600, 1440, 2880, 9000]))
    return Job(steps, release, due, draw(st.integers(1, 5)))


@st.composite
def _step(draw: st.DrawFn, centre_count: int) -> Step:
    centres = draw(st.lists(st.integers(0, centre_count - 1), min_size=1, max_size=2, unique=True))
    return Step([draw(_option(centre)) for centre in centres], draw(st.sampled_from([0, 0, 60, 130])))


def _option(centre: int) -> st.SearchStrategy[Option]:
    return st.builds(
        Option,
        st.just(centre),
        st.sampled_from([0, 15, 60, 95, 180]),
        st.sampled_from([0, 30]),
        st.sampled_from(FAMILIES),
        st.sampled_from([True, True, False]),
    )
