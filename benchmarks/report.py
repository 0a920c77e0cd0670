"""Turn the JSON of run.py into tables and the figure of the documentation.

Printed, or put where readers find them:

    python benchmarks/report.py benchmarks/published.json
    python benchmarks/report.py benchmarks/published.json --page docs/performance.md
    python benchmarks/report.py benchmarks/published.json --figure docs/img/ns_per_vote.svg

The tables of a page stand between two marks, and a test holds them to the file.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

__all__ = ["draw", "main", "put", "render"]

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, columns padded so that it reads in a terminal too."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value >= 0.1 else f"{1e3 * value:.1f} ms"


def _range(low: float, high: float, digits: int = 2) -> str:
    return f"{low:.{digits}f} to {high:.{digits}f}"


def render(results: dict[str, Any]) -> str:
    """Return all tables as Markdown."""
    parts = [
        _machine(results),
        _passes(results),
        _by_threads(results),
        _growth(results),
        _fits(results),
        *([_real(results)] if results.get("real") else []),
        _starts(results),
        _memory(results),
        _start(results),
    ]
    if results["peers"]:
        parts.append(_peers(results))
    if results.get("em"):
        parts.append(_em(results))
    if results["skipped"]:
        parts.append("Skipped: " + "; ".join(results["skipped"]) + ".")
    return "\n\n".join(parts)


def _machine(results: dict[str, Any]) -> str:
    machine = results["machine"]
    load = results["load_before"]
    return (
        f"{machine['cpu']} ({machine['llvm_cpu']}), {machine['cores']} cores, {machine['vector_bits']}-bit "
        f"vectors, Python {machine['python']}, NumPy {machine['numpy']}, SciPy {machine['scipy']}, Numba "
        f"{machine['numba']}; {results['repeats']} repeats"
        + ("" if load is None else f"; load average before the run {load:.1f}")
        + "."
    )


def _passes(results: dict[str, Any]) -> str:
    rows = []
    for case in results["kernels"]:
        cells = case["seconds"] / case["ns_per_cell"]
        textbook, ratio = case["textbook_ns_per_cell"], case["ratio_to_textbook"]
        rows.append(
            [
                case["dataset"],
                case["link"],
                case["precision"],
                "value, gradient, curvature" if case["information"] else "value, gradient",
                f"{case['ns_per_cell']:.2f}",
                _range(case["low"] / cells, case["high"] / cells),
                "" if textbook is None else f"{textbook:.0f}",
                "" if ratio is None else f"{ratio:.0f} x",
            ]
        )
    head = [
        "set",
        "link",
        "arithmetic",
        "computed",
        "ns per cell",
        "fastest to slowest",
        "textbook, ns",
        "ratio",
    ]
    return "One pass over the votes, one thread:\n\n" + _table(head, rows)


def _by_threads(results: dict[str, Any]) -> str:
    rows = [
        [
            case["dataset"],
            case["link"],
            case["precision"],
            str(case["threads"]),
            _seconds(case["seconds"]),
            f"{case['ratio']:.2f} x",
            _range(case["ratio_low"], case["ratio_high"]),
        ]
        for case in results["kernel_threads"]
    ]
    head = [
        "set",
        "link",
        "arithmetic",
        "threads",
        "time per pass",
        f"speed-up over {results['threads'][0]}",
        "speed-up, lowest to highest",
    ]
    return "Value and gradient by number of threads:\n\n" + _table(head, rows)


def _growth(results: dict[str, Any]) -> str:
    rows, words = [], []
    for precision in ("float32", "float64"):
        cases = [case for case in results["growth"] if case["precision"] == precision]
        for case in cases:
            spread = _range(case["ns_low"], case["ns_high"])
            rows.append([f"{case['votes']:,}", precision, f"{case['ns']:.2f}", spread])
        large = [case["ns"] for case in cases if case["votes"] >= 1_000_000]
        if large:
            more = 100 * (max(large) / min(large) - 1)
            words.append(
                f"{precision}: among the sizes of at least 1,000,000 votes, the largest time per vote is "
                f"{more:.0f} % above the smallest. One np.exp takes "
                f"{results['exponential_ns'][precision]:.2f} ns."
            )
    head = ["votes", "arithmetic", "ns per vote", "fastest to slowest"]
    return "Value and gradient as votes grow (binary logit, one thread):\n\n" + "\n\n".join(
        [_table(head, rows), *words]
    )


def _fits(results: dict[str, Any]) -> str:
    rows = []
    with_errors = any("errors_seconds" in case for case in results["fits"])
    for case in results["fits"]:
        scipy = case.get("scipy")
        rows.append(
            [
                case["dataset"],
                case["link"],
                str(case["threads"]),
                _seconds(case["seconds"]),
                f"{_seconds(case['low'])} to {_seconds(case['high'])}",
                *([_seconds(case["errors_seconds"])] if with_errors else []),
                f"{case['gradient_norm']:.1e}",
                str(case["iterations"]),
                f"{case['spearman']:.5f}",
                f"{case['pearson']:.5f}",
                f"{case['objective_less_scipy']:+.1e}" if scipy else "",
                f"{_seconds(scipy['seconds'])}, {scipy['iterations']} it." if scipy else "",
            ]
        )
    head = ["set", "link", "threads", "whole fit", "fastest to slowest"]
    head += ["Laplace standard errors"] if with_errors else []
    head += ["gradient norm", "iterations", "Spearman", "Pearson", "objective less SciPy's", "SciPy L-BFGS-B"]
    return "Maximum a posteriori, from the record in memory to the labelled result:\n\n" + _table(head, rows)


def _real(results: dict[str, Any]) -> str:
    rows = [
        [
            case["dataset"],
            f"{case['members']} x {case['rollcalls']:,}",
            f"{case['votes']:,}",
            case["link"],
            _seconds(case["seconds"]),
            f"{_seconds(case['low'])} to {_seconds(case['high'])}",
            f"{case['gradient_norm']:.1e}",
            str(case["iterations"]),
        ]
        for case in results["real"]
    ]
    head = ["record", "contested", "votes", "link", "whole fit", "fastest to slowest", "gradient norm"]
    return "The same for real records, constant positions, one thread:\n\n" + _table(
        [*head, "iterations"], rows
    )


def _starts(results: dict[str, Any]) -> str:
    return "\n\n".join(
        f"{case['dataset']}, {case['link']}: two random starts end within "
        f"{case['largest_relative_difference']:.0e} (relative) of the same objective"
        + ("." if case["converged"] else ", NOT CONVERGED.")
        for case in results["starts"]
    )


def _memory(results: dict[str, Any]) -> str:
    rows = [
        [
            case["dataset"],
            case["link"],
            f"{case['matrix_bytes'] / 1e6:.1f} MB",
            f"{case['fit_alone']:.2f} x",
            f"{case['with_record']:.2f} x",
        ]
        for case in results["memory"]
    ]
    head = ["set", "link", "int8 matrix", "above the loaded record", "above a small fit"]
    return "Peak memory of a fit, in multiples of the matrix:\n\n" + _table(head, rows)


def _start(results: dict[str, Any]) -> str:
    rows = [
        [
            case["dataset"],
            {"compiling": "first on a machine", "cached": "every later process"}[when],
            _seconds(case[when]["process_seconds"]),
            _seconds(case[when]["import_seconds"]),
            _seconds(case[when]["first_fit_seconds"]),
            _seconds(case[when]["second_fit_seconds"]),
        ]
        for case in results["start"]
        for when in ("compiling", "cached")
    ]
    head = ["set", "process", "from start to first result", "import", "first fit", "second fit"]
    return "Time until the first result of a process (binary logit, one thread):\n\n" + _table(head, rows)


def _peers(results: dict[str, Any]) -> str:
    rows = [
        [
            f"{case['package']} {case['version']}",
            f"{case['members']} x {case['rollcalls']}",
            _seconds(case["seconds_per_iteration"]),
            f"{_seconds(case['low'])} to {_seconds(case['high'])}",
            f"{_seconds(case['fit_seconds'])} (gradient norm {case['fit_gradient_norm']:.0e})",
            f"{case['fit_in_iterations']:.1f} iterations",
        ]
        for case in results["peers"]
    ]
    head = [
        "package",
        "contested votes",
        "time per iteration",
        "fastest to slowest",
        "voteshift, probit, whole fit",
        "equals",
    ]
    votes = "the same simulated votes, as many as in the 109th Senate"
    return f"Compared with packages of R on {votes}, one thread:\n\n" + _table(head, rows)


def _em(results: dict[str, Any]) -> str:
    rows = [
        [
            f"{case['package']} {case['version']}",
            case["dataset"],
            _seconds(case["seconds"]),
            "once" if case["runs"] == 1 else f"{_seconds(case['low'])} to {_seconds(case['high'])}",
            str(case["iterations"]),
            f"{case['pearson']:.5f}",
            f"{_seconds(case['fit_seconds'])} (gradient norm {case['fit_gradient_norm']:.0e})",
            f"{case['fit_pearson']:.5f}",
            f"{case['ratio']:.0f} x",
        ]
        for case in results["em"]
    ]
    head = ["package", "set", "whole fit", "fastest to slowest", "iterations", "Pearson"]
    head += ["voteshift, probit, whole fit", "Pearson", "ratio"]
    stops = "its own tolerance of 1e-6, or after 500 iterations with two categories and 300 with three"
    return f"Compared with emIRT, one thread; emIRT stops at {stops}:\n\n" + _table(head, rows)


def draw(results: dict[str, Any], path: Path) -> None:
    """Draw ns per vote against votes, with the price of one np.exp."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = "voteshift"  # the same figure is the same file
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FuncFormatter

    figure, axes = plt.subplots(figsize=(7.0, 4.2), layout="constrained")
    for precision, colour, marker in (("float32", "#0072b2", "o"), ("float64", "#d55e00", "s")):
        cases = [case for case in results["growth"] if case["precision"] == precision]
        votes, ns = [case["votes"] for case in cases], [case["ns"] for case in cases]
        lows = [case["ns"] - case["ns_low"] for case in cases]
        highs = [case["ns_high"] - case["ns"] for case in cases]
        axes.errorbar(
            votes,
            ns,
            yerr=[lows, highs],
            color=colour,
            marker=marker,
            capsize=3,
            label=f"value and gradient, {precision}",
        )
        price = results["exponential_ns"][precision]
        axes.axhline(price, color=colour, linestyle="--", linewidth=1, label=f"one np.exp, {precision}")
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("cells of the matrix (1,000 members, ever more roll calls)")
    axes.set_ylabel("ns a cell, one thread")
    axes.set_title("Cost of value and gradient, binary logit", loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def put(page: str, tables: str) -> str:
    """Return a page with the tables between its two marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Print the tables of a file, and draw the figure if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--page", type=Path, help="page whose tables are replaced")
    parser.add_argument("--figure", type=Path, help="where the figure is drawn")
    options = parser.parse_args(arguments)
    results = json.loads(options.results.read_text(encoding="utf-8"))
    print(render(results))
    if options.page is not None:
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(put(page, render(results)), encoding="utf-8")
    if options.figure is not None:
        options.figure.parent.mkdir(parents=True, exist_ok=True)
        draw(results, options.figure)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
