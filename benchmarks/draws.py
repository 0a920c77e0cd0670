"""Effective draws a second: voteshift's sampler against pscl and MCMCpack, kernel against plain graph.

    python benchmarks/draws.py [--quick] [--part samplers|kernel] [--out FILE]

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
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import nutpie
import pandas as pd
from numpy.typing import NDArray

import peers
import voteshift as vs
from voteshift.ideal.results import IdealFit
from voteshift.posterior.coordinates import scattered_start
from voteshift.posterior.model import build_model, pin_of, static_fit
from voteshift.posterior.native import driver, votes_of
from voteshift.posterior.nuts import NUTS
from voteshift.posterior.quiet import quiet
from voteshift.posterior.sampling import flat_start

__all__ = ["bare", "effective_draws", "inside", "kernel_or_graph", "main", "nuts", "peer", "samplers"]

Floats = NDArray[np.float64]
SIZE = {"n_members": 102, "n_rollcalls": 645, "seed": 1, "categories": 2}
DRAWS, TUNE, TARGET = 4000, 300, 0.8
SHORT, EARLY = 100, 40


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
    fit = vs.sample(rollcalls, draws=DRAWS, tune=TUNE, chains=1, seed=seed, nuts=NUTS(TARGET, cores=1))
    made = fit.tree["posterior"].attrs
    positions = fit.flat("position")[..., 0]
    least = effective_draws(positions)
    return {
        "program": f"voteshift, {made['sampler']}",
        "version": vs.__version__,
        "draws": DRAWS,
        "warm_up": TUNE,
        "target_accept": TARGET,
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
    """Compare the compiled kernel with the plain graph, in one log density and in a sampler.

    Returns
    -------
    dict
        Microseconds of one log density with its gradient, as nutpie calls it, of either and of the kernel
        alone; seconds of the processor for one short chain with either, from one seed and one start; and of
        its first draws, before rounding has grown, the leapfrog steps of each and the largest difference
        of positions.
    """
    spec = vs.IdealPoints()
    fit = static_fit(rollcalls, spec)
    pin = pin_of(fit, spec, rollcalls.polarity)
    row = fit.encoded.members.get_loc(pin.member)
    taken, chains = {"alone": bare(fit, repeats)}, {}
    for backend in ("compiled", "graph"):
        with quiet():
            model = build_model(fit, pin, backend=backend)
            compiled = nutpie.compile_pymc_model(model, var_names=["position"])
        taken[backend] = inside(compiled, repeats)
        compiled = replace(
            compiled, initial_point_func=flat_start(model, scattered_start(fit, row, pin.side))
        )
        began = time.process_time()  # of the processor: other processes have no part in it
        trace = nutpie.sample(
            compiled, draws=SHORT, tune=SHORT, chains=1, cores=1, seed=1, progress_bar=False,
            save_warmup=True,
        )  # fmt: skip
        taken[f"seconds_{backend}"] = time.process_time() - began
        kept = [trace[group] for group in ("warmup_sample_stats", "sample_stats")]
        steps = np.concatenate([np.asarray(group["n_steps"])[0] for group in kept])
        taken[f"steps_{backend}"] = int(steps[:EARLY].sum())
        chains[backend] = np.concatenate(
            [np.asarray(trace[group]["position"])[0] for group in ("warmup_posterior", "posterior")]
        )
    apart = np.abs(chains["compiled"] - chains["graph"])[:EARLY]
    return {
        **taken,
        "ratio": taken["graph"] / taken["compiled"],
        "inside_over_alone": taken["compiled"] / taken["alone"],
        "ratio_sampling": taken["seconds_graph"] / taken["seconds_compiled"],
        "draws_each": 2 * SHORT,
        "draws_apart": float(apart.max()),
    }


def inside(compiled: Any, repeats: int) -> float:
    """Return microseconds of one log density with its gradient, as nutpie calls it: the median."""
    call, double = compiled.compiled_logp_func.ctypes, ctypes.POINTER(ctypes.c_double)
    here = 0.1 * np.random.default_rng(0).standard_normal(compiled.n_dim)
    gradient, value = np.zeros(compiled.n_dim), np.zeros(1)
    pointers = [array.ctypes.data_as(double) for array in (here, gradient, value)]
    user = compiled.user_data.ctypes.data
    if call(compiled.n_dim, *pointers, user) != 0:
        raise RuntimeError("the log density cannot be evaluated")
    return median_of(lambda: call(compiled.n_dim, *pointers, user), repeats)


def bare(fit: IdealFit, repeats: int) -> float:
    """Return microseconds of the kernel alone, at the mode: the median."""
    votes, point = votes_of(fit.encoded.design), fit.mode.point
    cuts = point.cutpoints(fit.encoded.design.n_categories)
    function = driver(fit.link, 1, binary=not votes.three.any())
    arguments = (*votes, point.positions[None].copy(), point.discriminations.copy(), cuts)
    function(*arguments)
    return median_of(lambda: function(*arguments), repeats)


def median_of(call: Callable[[], Any], repeats: int) -> float:
    """Return the median of the microseconds a call takes."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return 1e6 * float(np.median(times))


def samplers(seed: int, iterations: int) -> list[dict[str, Any]]:
    """Run every program that is there over the same votes."""
    record = vs.simulate(**SIZE).rollcalls
    row, ours = nuts(record, seed)
    rows = [row]
    for package in peers.find_peers():
        row, draws = peer(package, record, seed, iterations)
        scaled = (draws - draws.mean(axis=1, keepdims=True)) / draws.std(axis=1, keepdims=True)
        means = scaled.mean(axis=0), ours.mean(axis=0)
        rows.append(row | {"correlation_of_means": abs(float(np.corrcoef(*means)[0, 1]))})
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short chains of the packages of R")
    parser.add_argument("--part", choices=["samplers", "kernel"], help="one half of it; both by default")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    rows = [] if chosen.part == "kernel" else samplers(chosen.seed, 400 if chosen.quick else 4000)
    ratio = {} if chosen.part == "samplers" else kernel_or_graph(vs.load_hrc().between("2016", "2021"))
    for row in rows:
        print(
            f"{row['program']:<20} {row['effective_draws_min']:7.0f} effective of {row['draws']} draws in "
            f"{row['seconds']:7.1f} s: {row['per_second']:7.2f} a second"
        )
    if rows:
        print(f"not counted: {rows[0]['seconds_compiling']:.1f} s to compile voteshift's model")
    if ratio:
        print(
            f"log density and gradient on the record: kernel alone {ratio['alone']:.0f} us, in the model "
            f"{ratio['compiled']:.0f} us, graph {ratio['graph']:.0f} us, {ratio['ratio']:.1f} times"
        )
        print(
            f"{ratio['draws_each']} draws from one seed: kernel {ratio['seconds_compiled']:.2f} s, graph "
            f"{ratio['seconds_graph']:.2f} s, {ratio['ratio_sampling']:.1f} times; in the first "
            f"{EARLY} {ratio['steps_compiled']} and {ratio['steps_graph']} leapfrog steps, positions at most "
            f"{ratio['draws_apart']:.1e} apart"
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
