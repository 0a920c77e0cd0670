"""`voteshift bench`."""

from dataclasses import asdict

import click

from voteshift.cli.command import Command
from voteshift.cli.console import console, json_option, make_table, print_json
from voteshift.cli.numbers import MOST_THREADS, Whole

__all__ = ["bench"]


@click.command(cls=Command, epilog="Example: voteshift bench --threads 2")
@click.option(
    "--threads", type=Whole(1, MOST_THREADS), default=1, show_default=True, help="Number of threads."
)
@json_option
def bench(threads: int, as_json: bool) -> None:
    """Time the likelihood, compared with textbook NumPy, and whole fits on this machine.

    Set L has 1,000 members and 10,000 binary roll calls. Set ORD has 193 members and 5,000 roll calls with
    three categories. The benchmark takes about a minute. benchmarks/run.py in the repository measures more.
    """
    from rich.text import Text

    from voteshift.bench import machine, run_cases

    cases = []
    for case in run_cases(threads):
        click.echo(f"{case.case} on {case.dataset}: {case.seconds:.4f} s", err=True)
        cases.append(case)
    where = machine()
    if as_json:
        print_json({"machine": where, "cases": [asdict(case) for case in cases]})
        return
    out = console()
    table = make_table(["Case", "Set", "Threads", "Seconds", "ns per vote", "times NumPy", "gradient norm"])
    for case in cases:
        table.add_row(
            case.case,
            case.dataset,
            str(case.threads),
            f"{case.seconds:.4f}",
            "" if case.ns_per_vote is None else f"{case.ns_per_vote:.2f}",
            f"{case.ratio_to['numpy']:.0f}" if case.ratio_to else "",
            "" if case.gradient_norm is None else f"{case.gradient_norm:.1e}",
        )
    out.print(table)
    out.print(Text(", ".join(f"{key} {value}" for key, value in where.items())))
