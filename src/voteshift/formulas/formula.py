"""A formula that may call additional functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Formula"]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that may call your own functions.

    Attributes
    ----------
    text : str
        The formula, as for `voteshift.logit`.
    functions : mapping of str to callable
        Your functions, by their name in the formula. Their arguments are columns of the panel, numbers and
        texts.

    Examples
    --------
    >>> Formula("yes ~ share(voice)", {"share": lambda values: values / 100}).text
    'yes ~ share(voice)'
    """

    text: str
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
