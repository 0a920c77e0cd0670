"""Links other than logit and probit, given by the log of a distribution function."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.extensions import installed, load_extension
from voteshift.likelihood.terms import AnyLink, Link

__all__ = ["CustomLink", "as_link", "find_link", "link_name", "link_names", "need_standard"]

Floats = NDArray[np.float64]
_GROUP: Final = "voteshift.links"
_STANDARD: Final = ("logit", "probit")
_GRID: Final = np.linspace(0.0, 20.0, 161)
_SYMMETRY: Final = 1e-9
"""Largest distance of F(z) + F(-z) from 1, over the grid."""


@dataclass(frozen=True)
class CustomLink:
    """A distribution of the noise that is symmetric about 0.

    Attributes
    ----------
    name : str
        Name of the link, for instance ``"cauchit"``.
    log_cdf : callable
        Takes a PyTensor variable z and returns log F(z), element by element. Derivatives are derived from it.

    Raises
    ------
    UsageError
        If PyTensor is not installed, the name is not valid, or the function fails. Also if F is not a
        distribution function, or F(z) + F(-z) is not 1: yes and no would then not be mirror images, so that
        the fit would depend on which of the two has the higher code.

    Notes
    -----
    The likelihood is computed without the kernels of logit and probit, so fits take much longer. Fits at the
    mode and samples of static models can have such a link; marginal fits and explanations cannot.

    F need not go to 0 and 1: with F(z) = e / 2 + (1 - e) / (1 + exp(-z)), a share e of the votes is cast at
    random between the two ends (Bafumi, Gelman, Park & Kaplan 2005,
    https://doi.org/10.1093/pan/mpi010).

    Examples
    --------
    >>> import numpy as np, pytensor.tensor as pt
    >>> cauchit = CustomLink("cauchit", lambda z: pt.log(0.5 + pt.arctan(z) / np.pi))
    >>> np.exp(cauchit.derivatives(np.array([0.0]))[0]).round(3).tolist()
    [0.5]
    """

    name: str
    log_cdf: Callable[[Any], Any]

    def __post_init__(self) -> None:
        """Validate the name and the function."""
        name: object = self.name
        if not isinstance(name, str) or not name.isidentifier() or name in _STANDARD:
            raise UsageError(
                f"name={name!r} is not a valid name of a link",
                remedy="use letters, digits and underscores, and neither 'logit' nor 'probit'",
            )
        try:
            log_p, slope, bend = self.derivatives(np.concatenate([-_GRID, _GRID]))
        except UsageError:
            raise
        except Exception as error:  # the function may raise any exception
            raise UsageError(
                f"log_cdf of the link {name!r} fails: {error}",
                remedy="use functions of pytensor.tensor that act on each element",
            ) from error
        below, above = np.exp(log_p).reshape(2, -1)
        finite = np.isfinite(log_p) & np.isfinite(slope) & np.isfinite(bend)
        if not finite.all():
            worst = np.concatenate([-_GRID, _GRID])[~finite][0]
            raise UsageError(
                f"log F of the link {name!r}, or its first or second derivative, is not finite at "
                f"z = {worst:g}",
                remedy="write log_cdf so that the logarithm does not underflow between -20 and 20",
            )
        wrong = np.abs(below + above - 1.0)
        if wrong.max() > _SYMMETRY:
            place = int(wrong.argmax())
            total = below[place] + above[place]
            raise UsageError(
                f"F(z) + F(-z) of the link {name!r} is {total:.4g} at z = {_GRID[place]:g}, but the noise "
                "must be symmetric about 0",
                remedy="use a symmetric distribution; cloglog and loglog are not symmetric",
            )
        if (slope < 0.0).any() or not above[-1] > below[-1]:
            raise UsageError(
                f"F of the link {name!r} does not increase",
                remedy="return the log of a distribution function",
            )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle name and function; derivatives are derived again."""
        return type(self), (self.name, self.log_cdf)

    def derivatives(self, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log F(z) and its first two derivatives, in the shape of z."""
        log_p, slope, bend = (np.reshape(part, np.shape(z)) for part in self._function(np.ravel(z)))
        return log_p, slope, bend

    @cached_property
    def _function(self) -> Callable[[Floats], tuple[Floats, Floats, Floats]]:
        try:
            import pytensor
            import pytensor.tensor as pt
        except ImportError:
            raise UsageError(
                f"the link {self.name!r} needs PyTensor, which is not installed",
                remedy="install voteshift with the extra 'nuts'",
            ) from None
        z = pt.dvector("z")
        log_p = self.log_cdf(z)
        slope = pytensor.grad(log_p.sum(), z)
        bend = pytensor.grad(slope.sum(), z)
        # Compiled by Numba: PyTensor's linker for NumPy calls some functions once for every element.
        mode = pytensor.compile.mode.Mode(linker="numba", optimizer="fast_run")
        function: Callable[[Floats], tuple[Floats, Floats, Floats]] = pytensor.function(
            [z], [log_p, slope, bend], mode=mode
        )
        return function


def link_names() -> tuple[str, ...]:
    """Return the names of the built-in links and of the links of installed packages."""
    return (*_STANDARD, *installed(_GROUP))


def find_link(name: str) -> AnyLink:
    """Return the link of a name: logit, probit, or a link of an installed package.

    Parameters
    ----------
    name : str
        The name. Packages declare links under the entry point ``voteshift.links``.

    Raises
    ------
    UsageError
        If no link has this name, or the object of the package is not a `CustomLink`.
    """
    if name == "logit":
        return "logit"
    if name == "probit":
        return "probit"
    if name not in installed(_GROUP):
        names = ", ".join(map(repr, link_names()))
        raise UsageError(f"link is {name!r}", remedy=f"give one of {names}, or a CustomLink")
    link = load_extension(_GROUP, name)
    if not isinstance(link, CustomLink):
        raise UsageError(
            f"an installed package declares {name!r} under {_GROUP}, but the object is of type "
            f"{type(link).__name__}",
            remedy="declare a CustomLink",
        )
    return link


def as_link(link: object) -> AnyLink:
    """Return a link given by its name or as an object."""
    if isinstance(link, CustomLink):
        return link
    if isinstance(link, str):
        return find_link(link)
    raise UsageError(
        f"link is of type {type(link).__name__}", remedy="give 'logit', 'probit' or a CustomLink"
    )


def link_name(link: AnyLink) -> str:
    """Return the name of a link."""
    return link if isinstance(link, str) else link.name


def need_standard(link: AnyLink, purpose: str) -> Link:
    """Return a link that is logit or probit.

    Parameters
    ----------
    link : link
        The link.
    purpose : str
        What requires it: the subject of the sentence of the error, in the plural.

    Raises
    ------
    UsageError
        If the link is another one.
    """
    if isinstance(link, str):
        return link
    raise UsageError(
        f"{purpose} require the logit or probit link, but the link is {link.name!r}",
        remedy="pass link='logit' or link='probit'",
    )
