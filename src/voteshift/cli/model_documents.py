"""Parts of the model that are in the JSON documents of several commands."""

from typing import Any, Final

from voteshift.cli.argument_names import translate_text
from voteshift.errors import Unavailable
from voteshift.ideal.stated import normal
from voteshift.resolution.marginal import NOISE_SD
from voteshift.resolution.member_effect import NO_UPPER_BOUND, MemberEffectFit

__all__ = ["LATENT", "effect_document", "unavailable_document"]

#: The unit of every standard deviation of a member effect; the noise has the same unit.
LATENT: Final = {"unit": "latent scale"}


def effect_document(
    member_effect: MemberEffectFit | Unavailable | None, level: float
) -> dict[str, Any] | None:
    """Return the size of member effects, the reason if it is unknown, or None without member effects."""
    if member_effect is None or isinstance(member_effect, Unavailable):
        return None if member_effect is None else unavailable_document(member_effect)
    low, high = member_effect.sd_interval(level)
    sd: dict[str, Any] = {"estimate": member_effect.sd, "low": low, "high": high, "no_high": None}
    if not member_effect.is_bounded:
        sd |= {"high": None, "no_high": NO_UPPER_BOUND}
    noise = NOISE_SD[member_effect.votes.link]
    prior = {"of": "log sd", **normal(*member_effect.prior)}
    repetition = None
    if member_effect.has_persistence:
        estimate, low, high = member_effect.persistence_interval(level)
        repetition = {"estimate": estimate, "low": low, "high": high}
    names = ("came_later", "left")
    means = [
        {"estimate": estimate, "low": low, "high": high}
        for estimate, low, high in member_effect.mean_intervals(level)
    ]
    return {
        "level": level,
        "sd": sd,
        "noise_sd": noise,
        **LATENT,
        "prior": prior,
        "state_dependence": repetition,
        "seat_history": {
            **dict(zip(names, means, strict=True)),
            "unit": "latent scale without member effects",
        }
        if means
        else None,
    }


def unavailable_document(result: Unavailable) -> dict[str, str]:
    """Return the reason why a result could not be computed."""
    return {"unavailable": translate_text(result.reason)}
