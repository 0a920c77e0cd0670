"""Effective draws a second: voteshift's sampler beside pscl and MCMCpack, and kernel beside plain graph.

    python benchmarks/draws.py [--quick] [--out FILE]

One chain on one core. The votes are simulated at the size of the 109th Senate: 102 members, 645 roll calls,
two categories. In every draw of every program positions are brought to mean 0 and standard deviation 1 first,
else the scale, which the votes do not fix, would be measured; effective draws are `arviz_stats`' bulk
estimate for all, the smallest over members. Warm-up counts; compiling the model is timed apart. On Debian:
apt-get install r-base-core r-cran-pscl r-cran-mcmcpack.
"""

import argparse
import ctypes
import json
import os
import platform
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import peers
import voteshift as vs
from voteshift.posterior.model import build_model, pin_of, static_fit
from voteshift.posterior.quiet import quiet

__all__ = ["effective_draws", "kernel_or_graph", "main", "nuts", "peer"]

Floats = NDArray[np.float64]
SIZE = {"n_members": 102, "n_rollcalls": 645, "seed": 1, "categories": 2}
DRAWS, TUNE = 4000, 300


def effective_draws(draws: Floats) -> float:
    """Smallest bulk estimate over members of one chain's positions, (n_draws, n_members), standardised."""
    from arviz_stats.base import array_stats

    scaled = (draws - draws.mean(axis=1, keepdims=True)) / draws.std(axis=1, keepdims=True)
    return min(
        float(array_stats.ess(scaled[None, :, member], chain_axis=0, draw_axis=1, method="bulk"))
        for member in range(scaled.shape[1])
    )


def nuts(rollcalls: vs.RollCalls, seed: int) -> tuple[dict[str, Any], Floats]:
    """Sample one chain of the binary model."""
    fit = vs.sample(rollcalls, draws=DRAWS, tune=TUNE, chains=1, cores=1, seed=seed)
    made = fit.tree["posterior"].attrs
    positions = fit.flat("position")[..., 0]
    least = effective_draws(positions)
    return {
        "program": f"voteshift, {made['sampler']}",
        "version": vs.__version__,
        "draws": DRAWS,
        "warm_up": TUNE,
        "seconds_compiling": made["seconds_compiling"],
        "seconds": made["seconds_sampling"],
        "effective_draws_min": least,
        "per_second": least / made["seconds_sampling"],
        "divergences": int(fit.tree["sample_stats"]["diverging"].sum()),
    }, positions


def peer(package: str, rollcalls: vs.RollCalls, seed: int, iterations: int) -> tuple[dict[str, Any], Floats]:
    """Run one chain of a package of R, the first tenth of it as burn-in."""
    with tempfile.TemporaryDirectory() as folder:
        votes, out = Path(folder) / "votes.csv", Path(folder) / "draws.csv"
        peers.write_votes(votes, rollcalls)
        script = str(peers.HERE / "draws.R")
        numbers = [str(number) for number in (seed, iterations, iterations // 10)]
        done = subprocess.run(
            ["Rscript", "--vanilla", script, package, str(votes), str(out), *numbers],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        draws = pd.read_csv(out).to_numpy()
    seconds, least = float(facts["seconds"]), effective_draws(draws)
    return {
        "program": package,
        "version": facts["version"],
        "draws": len(draws),
        "warm_up": iterations // 10,
        "seconds": seconds,
        "effective_draws_min": least,
        "per_second": least / seconds,
    }, draws


def kernel_or_graph(rollcalls: vs.RollCalls, repeats: int = 200) -> dict[str, float]:
    """Microseconds of one log density with its gradient, as nutpie calls it: kernel, graph, their ratio.

    The sampler takes the same steps with either, so the ratio is that of their times for the same draws.
    """
    import nutpie

    spec = vs.IdealPoints()
    fit = static_fit(rollcalls, spec)
    pin = pin_of(fit, spec, rollcalls.polarity)
    taken = {}
    for backend in ("compiled", "graph"):
        with quiet():
            compiled = nutpie.compile_pymc_model(build_model(fit, pin, backend=backend), var_names=[])
        call, double = compiled.compiled_logp_func.ctypes, ctypes.POINTER(ctypes.c_double)
        here = 0.1 * np.random.default_rng(0).standard_normal(compiled.n_dim)
        gradient, value = np.zeros(compiled.n_dim), np.zeros(1)
        pointers = [array.ctypes.data_as(double) for array in (here, gradient, value)]
        user = compiled.user_data.ctypes.data
        times = []
        for _ in range(repeats):
            began = time.perf_counter()
            if call(compiled.n_dim, *pointers, user) != 0:
                raise RuntimeError("the log density cannot be evaluated")
            times.append(time.perf_counter() - began)
        taken[backend] = 1e6 * float(np.median(times))
        taken[f"value_{backend}"] = float(value[0])
    return {**taken, "ratio": taken["graph"] / taken["compiled"]}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short chains of the packages of R")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    record = vs.simulate(**SIZE).rollcalls
    rows, means = [], {}
    row, draws = nuts(record, chosen.seed)
    rows.append(row)
    means["voteshift"] = draws.mean(axis=0)
    for package in peers.find_peers():
        row, draws = peer(package, record, chosen.seed, 400 if chosen.quick else 4000)
        scaled = (draws - draws.mean(axis=1, keepdims=True)) / draws.std(axis=1, keepdims=True)
        row["correlation_of_means"] = abs(float(np.corrcoef(scaled.mean(axis=0), means["voteshift"])[0, 1]))
        rows.append(row)
    for row in rows:
        print(
            f"{row['program']:<20} {row['effective_draws_min']:7.0f} effective of {row['draws']} draws in "
            f"{row['seconds']:7.1f} s: {row['per_second']:7.2f} a second"
        )
    ratio = kernel_or_graph(vs.load_hrc().between("2016", "2021"))
    print(
        f"log density and gradient on the record: kernel {ratio['compiled']:.0f} us, graph "
        f"{ratio['graph']:.0f} us, {ratio['ratio']:.1f} times"
    )
    if chosen.out is not None:
        machine = {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "python": platform.python_version(),
            **{name: version(name) for name in ("pymc", "pytensor", "nutpie", "numba", "arviz-stats")},
        }
        document = {"machine": machine, "size": SIZE, "samplers": rows, "kernel_or_graph": ratio}
        chosen.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
