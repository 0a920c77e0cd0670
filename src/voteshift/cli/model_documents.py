"""What several commands say of their model in JSON."""

from typing import Any, Final

from voteshift.ideal.stated import normal
from voteshift.shift.leaning import LeaningFit
from voteshift.shift.testlet import NOISE_SD

__all__ = ["LATENT", "leaning_document"]

#: The unit of every standard deviation of a leaning; beside it stands that of the noise.
LATENT: Final = {"unit": "latent scale"}


def leaning_document(leaning: LeaningFit | str | None, level: float) -> dict[str, Any] | None:
    """Return how strongly members repeat themselves, why that is unknown, or None where it was not asked."""
    if not isinstance(leaning, LeaningFit):
        return None if leaning is None else {"unavailable": leaning}
    low, high = leaning.sd_interval(level)
    sd = {"estimate": leaning.sd, "low": low, "high": high}
    noise = NOISE_SD[leaning.votes.link]
    prior = {"of": "log sd", **normal(*leaning.prior)}
    return {"level": level, "sd": sd, "noise_sd": noise, **LATENT, "prior": prior}
