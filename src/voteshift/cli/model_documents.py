"""What several commands say of their model in JSON."""

from typing import Any, Final

from voteshift.errors import Unavailable
from voteshift.ideal.stated import normal
from voteshift.resolution.marginal import NOISE_SD
from voteshift.resolution.member_effect import MemberEffectFit

__all__ = ["LATENT", "effect_document"]

#: The unit of every standard deviation of a member effect; beside it stands that of the noise.
LATENT: Final = {"unit": "latent scale"}


def effect_document(
    member_effect: MemberEffectFit | Unavailable | None, level: float
) -> dict[str, Any] | None:
    """Return how strongly members repeat themselves, why that is unknown, or None where it was not asked."""
    if member_effect is None or isinstance(member_effect, Unavailable):
        return None if member_effect is None else {"unavailable": str(member_effect)}
    low, high = member_effect.sd_interval(level)
    sd = {"estimate": member_effect.sd, "low": low, "high": high}
    noise = NOISE_SD[member_effect.votes.link]
    prior = {"of": "log sd", **normal(*member_effect.prior)}
    return {"level": level, "sd": sd, "noise_sd": noise, **LATENT, "prior": prior}
