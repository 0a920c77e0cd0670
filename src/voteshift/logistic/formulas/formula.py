"""A formula with functions of the caller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Formula"]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that may call functions of the caller.

    Attributes
    ----------
    text : str
        The formula, as for `voteshift.logit`.
    functions : mapping of str to callable
        More functions, by the name that the formula calls. They are called with columns of the panel.

    Examples
    --------
    >>> Formula("yes ~ share(voice)", {"share": lambda values: values / 100}).text
    'yes ~ share(voice)'
    """

    text: str
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
