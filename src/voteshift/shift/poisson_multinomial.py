"""The distribution of a tally of independent votes, by exact convolution.

If members vote independently, each with its own probabilities of no, abstain and yes, the counts have the
Poisson-multinomial distribution (Lin, Wang & Hong 2022, https://doi.org/10.48550/arXiv.2201.04237). Members
are added one by one. Nothing is approximated, and every term is a sum of products of probabilities, so small
probabilities keep their relative precision. Leading axes are draws; each draw gives a distribution.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["lead_distribution", "leave_one_out_leads", "poisson_binomial", "poisson_multinomial"]

Floats = NDArray[np.float64]
_NO, _ABSTAIN, _YES = 0, 1, 2


def poisson_multinomial(probabilities: Floats) -> Floats:
    """Return the distribution of the tally.

    Parameters
    ----------
    probabilities : ndarray, shape (..., n_members, 3)
        P(no), P(abstain), P(yes) of every member.

    Returns
    -------
    ndarray, shape (..., n_members + 1, n_members + 1)
        ``[..., y, n]`` is P(y yes and n no); the other members abstain. It is 0 if y + n exceeds n_members.
    """
    *lead, n_members, _ = probabilities.shape
    grid = np.zeros((*lead, n_members + 1, n_members + 1))
    grid[..., 0, 0] = 1.0
    for member in range(n_members):
        no, abstain, yes = (probabilities[..., member, code, None, None] for code in (_NO, _ABSTAIN, _YES))
        old = grid[..., : member + 1, : member + 1].copy()
        new = grid[..., : member + 2, : member + 2]
        new[..., :-1, :-1] = abstain * old
        new[..., 1:, :-1] += yes * old
        new[..., :-1, 1:] += no * old
    return grid


def poisson_binomial(chances: Floats) -> Floats:
    """Return the distribution of the number of successes.

    Parameters
    ----------
    chances : ndarray, shape (..., n_members)
        Probability of success of every member.

    Returns
    -------
    ndarray, shape (..., n_members + 1)
    """
    *lead, n_members = chances.shape
    line = np.zeros((*lead, n_members + 1))
    line[..., 0] = 1.0
    for member in range(n_members):
        chance = chances[..., member, None]
        line[..., 1 : member + 2] = (
            line[..., 1 : member + 2] * (1 - chance) + line[..., : member + 1] * chance
        )
        line[..., 0] *= 1 - chance[..., 0]
    return line


def lead_distribution(probabilities: Floats) -> Floats:
    """Return the distribution of yes minus no.

    Parameters
    ----------
    probabilities : ndarray, shape (..., n_members, 3)
        P(no), P(abstain), P(yes) of every member.

    Returns
    -------
    ndarray, shape (..., 2 n_members + 1)
        ``[..., d + n_members]`` is P(yes - no = d).
    """
    return _leads(probabilities)[-1]


def leave_one_out_leads(probabilities: Floats, leads: tuple[int, ...]) -> Floats:
    """Return, for every member, the probability that yes minus no of the other members is in `leads`.

    Parameters
    ----------
    probabilities : ndarray, shape (..., n_members, 3)
        P(no), P(abstain), P(yes) of every member.
    leads : tuple of int
        Values of yes minus no.

    Returns
    -------
    ndarray, shape (..., n_members)
        Probabilities, from a convolution of the members before and the members after each member.
    """
    n_members = probabilities.shape[-2]
    before = _leads(probabilities)
    after = _leads(probabilities[..., ::-1, :])
    result = np.zeros(probabilities.shape[:-1])
    for member in range(n_members):
        first, second = before[member], after[n_members - 1 - member]
        others = n_members - 1
        # first + second = lead: first at a + member, second at lead - a + (others - member).
        for lead in leads:
            low = max(-member, lead - (others - member))
            high = min(member, lead + (others - member))
            if low <= high:
                a = np.arange(low, high + 1)
                result[..., member] += (first[..., a + member] * second[..., lead - a + others - member]).sum(
                    axis=-1
                )
    return result


def _leads(probabilities: Floats) -> list[Floats]:
    """Return the distribution of yes - no of the first 0, 1, ..., n members."""
    lines = [np.ones((*probabilities.shape[:-2], 1))]
    for member in range(probabilities.shape[-2]):
        no, abstain, yes = (probabilities[..., member, code, None] for code in (_NO, _ABSTAIN, _YES))
        old = lines[-1]
        new = np.zeros((*old.shape[:-1], old.shape[-1] + 2))
        new[..., :-2] = no * old
        new[..., 1:-1] += abstain * old
        new[..., 2:] += yes * old
        lines.append(new)
    return lines
