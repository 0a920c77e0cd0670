"""Settings of single models and methods."""

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
    """A multinomial logit with a choice of the base: ``logit(..., model=Multinomial(base="no"))``.

    Attributes
    ----------
    base : {"yes", "no", "abstain"}
        Category with which the other categories are compared.
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
        marginal scale. The conditional coefficient is sqrt(1 + 0.346 sd²) times as large, where sd is the
        standard deviation of the intercepts (Zeger, Liang & Albert 1988, https://doi.org/10.2307/2531734).
    cutpoint : float
        Standard deviation of the normal prior of a cutpoint, on the marginal scale, with all columns at
        their means. Cutpoints are ordered.
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
                    f"the prior of {name} has a standard deviation of {value!r}",
                    remedy="give a number above 0",
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
    """Settings of a random-intercept model: ``logit(..., model=RandomIntercept(seed=1))``.

    Attributes
    ----------
    priors : InterceptPriors
    draws, tune : int
        Number of draws of each chain, and number of earlier draws in which the sampler adapts.
    chains : int
    seed : int
        Seed of the random numbers.
    nuts : NUTS
        Settings of the sampler; its target acceptance rate is 0.8 by default.
    progress : callable, optional
        A function that is called with a line of text at the start of each stage.

    Raises
    ------
    UsageError
        If a value has the wrong type or is out of range.
    """

    priors: InterceptPriors = field(default_factory=InterceptPriors)
    draws: int = 2000
    tune: int = 1000
    chains: int = 4
    seed: int = 0
    nuts: NUTS = field(default_factory=lambda: NUTS(target_accept=0.8))
    progress: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        """Validate the values. The installed samplers are checked only when the model is fitted."""
        check_type(self.priors, InterceptPriors, "priors", "give InterceptPriors(effect=2.5)")
        for argument in ("draws", "tune", "chains"):
            check_count(argument, getattr(self, argument), most=MOST_DRAWS)
        check_seed(self.seed)
        check_type(self.nuts, NUTS, "nuts", "give voteshift.posterior.nuts.NUTS(target_accept=0.9)")
        if self.progress is not None and not callable(self.progress):
            raise UsageError(f"progress is of type {type(self.progress).__name__}", remedy="give a function")


@dataclass(frozen=True, slots=True)
class Fairlie:
    """The decomposition of Fairlie with a choice of coefficients and order.

    Attributes
    ----------
    coefficients : {"old", "new", "pooled"}
        The fit that provides the coefficients: the old vote, the new vote, or both votes together.
    order : tuple of str, optional
        One order of the variables; by default the mean over all orders.
    """

    coefficients: Coefficients = "old"
    order: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Validate the choices. The names in `order` are checked when the formula is read."""
        check_choice("coefficients", self.coefficients, get_args(Coefficients))
        if self.order is not None:
            check_type(self.order, (tuple, list), "order", "give the names of the variables, in order")


@dataclass(frozen=True, slots=True)
class MemberBootstrap:
    """A bootstrap with random weights of members. All votes of a member have the same weight.

    Attributes
    ----------
    n_draws : int
        Number of draws, 2 or more.
    seed : int
        Seed of the random numbers.
    """

    n_draws: int = 499
    seed: int = 0

    def __post_init__(self) -> None:
        """Validate the two numbers."""
        check_count("n_draws", self.n_draws, least=_FEWEST_DRAWS, most=MOST_DRAWS)
        check_seed(self.seed)
