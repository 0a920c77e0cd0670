"""The choices that one model or one method has, and the others do not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np

from voteshift.errors import UsageError
from voteshift.logistic.arguments import check_choice, check_type
from voteshift.posterior.nuts import NUTS
from voteshift.ranges import MOST_DRAWS, check_count, check_seed
from voteshift.votes import CATEGORIES

__all__ = ["Coefficients", "Fairlie", "InterceptPriors", "MemberBootstrap", "Multinomial", "RandomIntercept"]

Coefficients = Literal["old", "new", "pooled"]
_FEWEST_DRAWS: Final = 2


@dataclass(frozen=True, slots=True)
class Multinomial:
    """A multinomial logit with a chosen base: ``logit(..., model=Multinomial(base="no"))``.

    Attributes
    ----------
    base : {"yes", "no", "abstain"}
        Category that the others are compared with.
    """

    base: str = "yes"

    def __post_init__(self) -> None:
        """Validate the category."""
        check_choice("base", self.base, CATEGORIES)


@dataclass(frozen=True, slots=True)
class InterceptPriors:
    """Priors of a random-intercept model.

    Attributes
    ----------
    effect : float
        Standard deviation of the normal prior of a coefficient, per standard deviation of its column, on the
        marginal scale: the conditional coefficient is sqrt(1 + 0.346 sd²) times as large, sd being that of
        the intercepts (Zeger, Liang & Albert 1988, https://doi.org/10.2307/2531734).
    cutpoint : float
        The same of the cutpoints, which are ordered, where all columns are at their means.
    intercept_sd : float
        Scale of the half-normal prior of the standard deviation of the intercepts, on the logit scale.
    """

    effect: float = 2.5
    cutpoint: float = 5.0
    intercept_sd: float = 3.0

    def __post_init__(self) -> None:
        """Validate the standard deviations."""
        for name in self.__slots__:
            value = getattr(self, name)
            is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if not (is_number and np.isfinite(value) and value > 0):
                raise UsageError(
                    f"the prior of {name} has a standard deviation of {value!r}", remedy="give one above 0"
                )

    def words(self) -> str:
        """Return the priors in words."""
        return (
            f"coefficients N(0, {self.effect:g}²) per standard deviation of a column and cutpoints N(0, "
            f"{self.cutpoint:g}²), both on the marginal scale; standard deviation of the intercepts "
            f"half-normal ({self.intercept_sd:g})"
        )


@dataclass(frozen=True, slots=True)
class RandomIntercept:
    """A random-intercept model with chosen priors and draws: ``logit(..., model=RandomIntercept(seed=1))``.

    Attributes
    ----------
    priors : InterceptPriors
    draws, tune : int
        Draws of each chain that are kept, and draws before them in which the sampler adapts.
    chains : int
    seed : int
        Start of the random numbers.
    nuts : NUTS
        Settings of the sampler; its target acceptance rate is 0.8 by default.
    progress : callable, optional
        Called with a line of text when a stage begins.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    priors: InterceptPriors = field(default_factory=InterceptPriors)
    draws: int = 2000
    tune: int = 1000
    chains: int = 4
    seed: int = 0
    nuts: NUTS = field(default_factory=lambda: NUTS(target_accept=0.8))
    progress: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        """Validate the values; the sampler is looked for when the model is fitted."""
        check_type(self.priors, InterceptPriors, "priors", "give InterceptPriors(effect=2.5)")
        for argument in ("draws", "tune", "chains"):
            check_count(argument, getattr(self, argument), most=MOST_DRAWS)
        check_seed(self.seed)
        check_type(self.nuts, NUTS, "nuts", "give voteshift.posterior.nuts.NUTS(target_accept=0.9)")
        if self.progress is not None and not callable(self.progress):
            raise UsageError(f"progress is of type {type(self.progress).__name__}", remedy="give a function")


@dataclass(frozen=True, slots=True)
class Fairlie:
    """The decomposition of Fairlie with chosen coefficients or order.

    Attributes
    ----------
    coefficients : {"old", "new", "pooled"}
        The fit whose coefficients weigh the characteristics.
    order : tuple of str, optional
        One order of the variables; by default the mean over all orders.
    """

    coefficients: Coefficients = "old"
    order: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Validate the choices; the variables are known when the formula is read."""
        check_choice("coefficients", self.coefficients, get_args(Coefficients))
        if self.order is not None:
            check_type(self.order, (tuple, list), "order", "give the names of the variables, in order")


@dataclass(frozen=True, slots=True)
class MemberBootstrap:
    """A bootstrap that draws weights of members, one weight for all votes of a member.

    Attributes
    ----------
    n_draws : int
        Number of draws, 2 or more.
    seed : int
        Start of the random numbers.
    """

    n_draws: int = 499
    seed: int = 0

    def __post_init__(self) -> None:
        """Validate the two numbers."""
        check_count("n_draws", self.n_draws, least=_FEWEST_DRAWS, most=MOST_DRAWS)
        check_seed(self.seed)
