"""Costs of a process: memory above that of a small fit, compilation once, loading every time.

Nothing heavy is imported here before the clock runs.
"""

import os
import time
from pathlib import Path
from typing import Any

__all__ = ["memory", "record", "save", "start", "votes_of"]


def save(dataset: str, path: str) -> dict[str, Any]:
    """Write the votes of a bench set to a file, so that drawing them is not part of what is measured."""
    import numpy as np

    from voteshift.bench.sets import bench_set

    votes = votes_of(bench_set(dataset))
    np.save(path, votes)
    return {"dataset": dataset, "bytes": int(votes.nbytes)}


def votes_of(drawn: Any) -> Any:
    """Return the votes of a bench set as the container codes them: the upper of two categories is yes."""
    import numpy as np

    from voteshift.votes import Vote

    codes = drawn.design.codes
    return codes if drawn.design.n_categories.max() == 3 else np.where(codes > 0, np.int8(Vote.YES), codes)


def record(votes: Any) -> Any:
    """Put votes into the container, with labels."""
    import pandas as pd

    import voteshift as vs

    members = pd.DataFrame(index=[f"M{row}" for row in range(votes.shape[0])])
    rollcalls = pd.DataFrame(index=[f"R{column}" for column in range(votes.shape[1])])
    return vs.RollCalls(votes, members, rollcalls)


def memory(small: str, large: str, link: Any) -> dict[str, Any]:
    """Return the peak of a fit in multiples of its int8 matrix.

    Parameters
    ----------
    small, large : str
        Files that `save` wrote.
    link : {"logit", "probit"}
        Distribution of the noise.

    Returns
    -------
    dict
        ``with_record``: peak above the resident memory after import and a fit of the small set, the record
        and its labels included; ``fit_alone``: peak above that just before the fit.
    """
    import numpy as np

    from voteshift.ideal import IdealPoints

    model = IdealPoints(link=link, threads=1)
    model.fit(record(np.load(small)))
    before = _status("VmRSS")
    rollcalls = record(np.load(large))
    loaded = _status("VmRSS")
    exact = _forget_peak()
    fit = model.fit(rollcalls)
    peak = _status("VmHWM")
    matrix = rollcalls.votes.nbytes
    return {
        "matrix_bytes": matrix,
        "after_small_fit_bytes": before,
        "peak_bytes": peak,
        "with_record": (peak - before) / matrix,
        "fit_alone": (peak - loaded) / matrix,
        "peak_of_the_fit_only": exact,
        "converged": fit.converged,
    }


def start(path: str, link: Any) -> dict[str, Any]:
    """Time import, the first fit and a second one; the environment says where Numba keeps its cache."""
    began = time.perf_counter()
    import numpy as np

    from voteshift.ideal import IdealPoints

    imported = time.perf_counter()
    rollcalls = record(np.load(path))
    model = IdealPoints(link=link, threads=1)
    ready = time.perf_counter()
    model.fit(rollcalls)
    first = time.perf_counter()
    model.fit(rollcalls)
    second = time.perf_counter()
    return {
        "process_seconds": time.time() - float(os.environ["VOTESHIFT_BENCH_BEGAN"]) - (second - first),
        "import_seconds": imported - began,
        "first_fit_seconds": first - ready,
        "second_fit_seconds": second - first,
    }


def _status(name: str) -> int:
    """Return a line of /proc/self/status in bytes; elsewhere the peak so far."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def _forget_peak() -> bool:
    """Make the present the peak, where the system lets a process do that."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True
