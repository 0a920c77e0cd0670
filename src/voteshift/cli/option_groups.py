"""Groups of options that are passed to a command as one object."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Literal

from voteshift.errors import UsageError

if TYPE_CHECKING:
    from voteshift.ideal import Covariates
    from voteshift.rollcalls import RollCalls
    from voteshift.shift.parts import Draws

__all__ = [
    "CheckOptions",
    "CovariateOptions",
    "DrawOptions",
    "DynamicOptions",
    "EffectOptions",
    "FitOptions",
    "RecordOptions",
    "SamplingOptions",
    "SpaceOptions",
    "WindowOptions",
    "group_options",
]


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """The record of a command, and the record of another chamber: `--data`, `--also`."""

    data: str | None
    also: str | None

    def open(self) -> "RollCalls":
        """Read the record, without the record of the other chamber."""
        from voteshift.cli.console import open_record

        return open_record(self.data)

    def link(self, record: "RollCalls") -> "RollCalls":
        """Return a record, linked to the record of the other chamber if there is one."""
        from voteshift.cli.console import join_record

        return join_record(record, self.also)


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """First and last roll calls of the model: `--since`, `--until`."""

    since: str | None
    until: str | None

    @property
    def ends(self) -> tuple[str | None, str | None]:
        """First and last day, month or year."""
        return self.since, self.until


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """Draws used for intervals: `--draws`, `--seed`, `--level`."""

    draws: int
    seed: int
    level: float

    def build(self) -> "Draws":
        """Return the draws in the form of the argument of `voteshift.explain`."""
        from voteshift.shift.parts import Draws

        return Draws(self.draws, self.seed, self.level)


@dataclass(frozen=True, slots=True)
class FitOptions:
    """The model of an explanation and its fit.

    The options `--polarity`, `--bridge`, `--delta-group`, `--no-cache` and `--method`.
    """

    polarity: str | None
    bridge: Literal["none", "families"]
    use_cache: bool
    delta_group: float | None
    method: str = "map"

    def choose_fit_by(self, seed: int, progress: Callable[[int, float], None]) -> Callable[..., Any]:
        """Return the function that fits a specification."""
        if self.method == "nuts":
            from voteshift.posterior.draws import sample_posterior

            return lambda spec, record: sample_posterior(spec.with_ids(record), record, seed=seed)
        from voteshift.cache import cached_fit

        return partial(cached_fit, use_cache=self.use_cache, progress=progress)


@dataclass(frozen=True, slots=True)
class EffectOptions:
    """The member effect of an explanation: `--member-effect`, `--pool-member-effect`."""

    member_effect: bool
    pool_member_effect: bool

    def choose(self) -> "bool | Literal['pooled']":
        """Return the member effect in the form of the argument of `voteshift.explain`.

        Raises
        ------
        UsageError
            If both `--pool-member-effect` and `--no-member-effect` are given.
        """
        if self.pool_member_effect and not self.member_effect:
            raise UsageError(
                "--pool-member-effect and --no-member-effect cannot be combined",
                remedy="leave out one of these two options",
            )
        return "pooled" if self.pool_member_effect else self.member_effect


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The checks of an explanation: `--leave-out`, `--replicates`, `--tests`, `--documents`, `--details`."""

    leave_out: bool
    replicates: int
    tests: bool
    documents: str | None
    details: bool

    @property
    def only_short(self) -> bool:
        """True if only the short answer is printed."""
        return not (self.details or self.tests or self.leave_out)

    def choose(self, *, as_json: bool, other_choices: bool) -> tuple[str, ...]:
        """Return the names of the checks to run.

        Parameters
        ----------
        as_json : bool
            Run all default checks, which the JSON contains. Otherwise, if only the short answer is printed,
            run the checks that can add a sentence to it.
        other_choices : bool
            Also run `sensitivity`.
        """
        from voteshift.checks.registry import DEFAULT_CHECKS, SHORT_CHECKS, registered_checks

        default = SHORT_CHECKS if self.only_short and not as_json else DEFAULT_CHECKS
        every = (*default, *registered_checks())
        names = [name for name in every if name != "same_item" or self.replicates]
        if self.leave_out:  # before `sign_changes`, which uses its result
            names.insert(names.index("sign_changes"), "leave_one_out")
        more = [
            ("exact_tests", self.tests),
            ("sensitivity", other_choices),
            ("documents", self.details or self.documents is not None),
            ("bridge_drift", self.details),
            ("ends_together", self.details),
        ]
        return (*names, *(name for name, wanted in more if wanted))


@dataclass(frozen=True, slots=True)
class SpaceOptions:
    """A space of ideal points: `--published`, `--link`, `--dims`, `--polarity`, `--threads`."""

    published: str | None
    link: str
    dims: int
    polarity: str | None
    threads: int | None


@dataclass(frozen=True, slots=True)
class CovariateOptions:
    """Covariates of positions and of items: `--positions`, `--covariates`, `--item-means`."""

    positions: str | None
    covariates: str | None
    item_means: str | None

    def build(self) -> dict[str, "Covariates | None"]:
        """Return the covariates of positions and of items, by argument of `Priors`.

        Covariates of positions are from the file, from the bundled table and from the record. Members and
        roll calls without a value are left out; the fit names them.

        Raises
        ------
        UsageError
            If a file is given without a formula.
        """
        from voteshift.ideal import Covariates

        item_means = None if self.item_means is None else Covariates(self.item_means, missing="drop")
        if self.positions is None:
            if self.covariates is not None:
                raise UsageError("--covariates needs --positions", remedy="add --positions '~ ...'")
            return {"positions": None, "item_means": item_means}
        from voteshift.logistic.bundled import select_bundled
        from voteshift.logistic.covariates import read_covariates

        file = self.covariates
        table = select_bundled(self.positions) if file is None else read_covariates(file)
        return {"positions": Covariates(self.positions, table, missing="drop"), "item_means": item_means}


@dataclass(frozen=True, slots=True)
class DynamicOptions:
    """Positions that change over periods: `--periods`, `--bridge`, `--tau`, `--delta-group`."""

    periods: str | None
    bridge: str | None
    tau: str | None
    delta_group: float | None


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """The algorithm of a fit of ideal points: `--method`, `--seed`."""

    method: str | None
    seed: int


def group_options(**groups: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that passes the options of a command in groups.

    Apply the decorator directly to the function, below the decorators of the options. The order of the
    options in the help does not change.

    Parameters
    ----------
    **groups : type
        Parameters of the function, each with its data class. The options with the names of the fields of the
        class are passed as one object of the class.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def call(*arguments: Any, **options: Any) -> None:
            grouped: dict[str, Any] = {}
            for name, kind in groups.items():
                names = [one.name for one in fields(kind) if one.name in options]
                grouped[name] = kind(**{one: options[one] for one in names})
            taken = {one.name for kind in groups.values() for one in fields(kind)}
            rest = {name: value for name, value in options.items() if name not in taken}
            function(*arguments, **grouped, **rest)

        return call

    return decorate
