"""Streams of random numbers: one for each use, and no use outside the registry."""

import ast
from pathlib import Path

import numpy as np
import pytest

from voteshift.errors import UsageError
from voteshift.streams import Stream, start_stream

PACKAGE = Path(__file__).parents[1] / "src" / "voteshift"
#: Modules that start a generator from a seed alone, and why no other stream of that seed is in their result.
ALONE = {
    "streams.py": "the registry",
    "simulation.py": "a record drawn is a result by itself",
    "bench/sets.py": "fixed seeds of the bench sets",
    "ideal/start.py": "starts of the ascent, with fixed seeds: the mode does not depend on them",
    "ideal/bootstrap.py": "a child of the seed for each replicate, no other use",
    "ideal/slopes.py": "the interval of a share, with a fixed seed: draws of a closed form, no other use",
    "logistic/clusters.py": "weights or signs of clusters: one of them in a result",
    "posterior/groups.py": "votes drawn anew from all draws of a fit, in their order",
    "posterior/held_out.py": "folds; the draws of the fits have the seeds after it",
    "posterior/unfolding_comparison.py": "folds; the fits draw nothing",
    "posterior/sampling.py": "children of the seed for the starts of the chains",
}


def open_at(stream: Stream, seed: int) -> np.random.Generator:
    return start_stream(seed, stream, (0, 1) if stream.value[1] else ())


def test_every_stream_has_its_own_number() -> None:
    assert len({stream.value for stream in Stream}) == len(Stream.__members__)


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**63 - 1])
def test_no_two_streams_of_a_seed_draw_the_same_numbers(seed: int) -> None:
    first = [open_at(stream, seed).random() for stream in Stream]
    assert len(set(first)) == len(first)


def test_a_stream_begins_anew_and_depends_on_seed_and_versions() -> None:
    for stream in Stream:
        assert open_at(stream, 3).random() == open_at(stream, 3).random() != open_at(stream, 4).random()
    groups = [(0, 1), (0, 2), (1, 2), (0, 1, 2)]
    assert len({start_stream(0, Stream.SAME_ITEM, group).random() for group in groups}) == len(groups)


def test_the_stream_of_a_fit_is_that_of_the_seed_alone() -> None:
    assert start_stream(7, Stream.FIT).random() == np.random.default_rng(7).random()


def test_a_seed_that_is_none_and_a_stream_called_wrongly_are_refused() -> None:
    with pytest.raises(UsageError, match="seed is -1"):
        start_stream(-1, Stream.NOISE)
    with pytest.raises(ValueError, match="NOISE takes no version"):
        start_stream(0, Stream.NOISE, (0, 1))
    with pytest.raises(ValueError, match="SAME_ITEM takes two or more"):
        start_stream(0, Stream.SAME_ITEM)


def starts_of(source: str) -> list[ast.Call]:
    """Return the calls that start random numbers."""
    names = ("default_rng", "SeedSequence", "RandomState", "Generator", "PCG64")
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        call
        for call in calls
        if (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) in names
    ]


def test_no_module_but_the_registry_writes_a_stream() -> None:
    modules = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if calls := starts_of(path.read_text(encoding="utf-8")):
            modules[path.relative_to(PACKAGE).as_posix()] = calls
    assert modules.keys() == ALONE.keys()
    del modules["streams.py"]
    for name, calls in modules.items():
        for call in calls:
            words = [*call.args, *(keyword.value for keyword in call.keywords)]
            assert not any(isinstance(word, (ast.List, ast.Tuple)) for word in words), (
                f"{name} writes a stream"
            )


def test_the_search_sees_what_it_looks_for() -> None:
    source = "import numpy as np\nnp.random.default_rng([seed, 3])\nSeedSequence((1, 2))\nrng.random()\n"
    assert [ast.unparse(call) for call in starts_of(source)] == [
        "np.random.default_rng([seed, 3])",
        "SeedSequence((1, 2))",
    ]
