"""A fit whose positions move, made of known numbers: what the explanation asks of any fit."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from types import SimpleNamespace

import numpy as np
import pandas as pd

import voteshift as vs
from voteshift.ideal.encode import Encoded, encode
from voteshift.ideal.fitted_votes import FittedVotes
from voteshift.ideal.laplace import JointDraws


@dataclass(frozen=True)
class Bridged(Encoded):
    """Dates held together by as many bridges as the fit says."""

    def bridges_between(self, old: str, new: str, *, without: Collection[str] = ()) -> int | None:
        assert {old, new} <= set(self.rollcalls)
        assert not without
        return self.fit.bridges  # type: ignore[attr-defined,no-any-return]


@dataclass
class MovingFit(FittedVotes):
    """Positions of every date drawn around `centre`, items around `slopes` and `cuts`."""

    record: vs.RollCalls
    centre: np.ndarray  # (n_rollcalls, n_members, n_dims)
    slopes: np.ndarray  # (n_rollcalls, n_dims)
    cuts: np.ndarray  # (n_rollcalls, 2)
    spread: float = 0.2
    bridges: int | None = 2
    link: str = "logit"
    few: tuple[str, ...] = ()
    identified_by: str = "two families that bridge the dates"
    converged: bool = True
    cautions: tuple[str, ...] = ()
    level: float = 0.9
    direction: str = "M00 is on the positive side"
    verdict: str = "made of known numbers"
    scale: str = "that of the numbers"
    dims: int = 1
    bridged: bool = True
    priors: dict[str, object] = field(default_factory=dict)
    encoded: "Bridged" = field(init=False)
    sampled: bool = False
    spec: vs.IdealPoints = field(default_factory=vs.IdealPoints)
    reached: dict[str, object] = field(init=False)
    periods: tuple[str, ...] = field(init=False)
    parts: None = None

    def __post_init__(self) -> None:
        plain = encode(self.record)
        self.encoded = Bridged(**{part.name: getattr(plain, part.name) for part in fields(plain)})
        object.__setattr__(self.encoded, "fit", self)
        self.model = SimpleNamespace(link=self.link)
        self.mode = SimpleNamespace(gradient_norm=0.0)
        self.reached = {"method": "map"}
        self.periods = tuple(self.encoded.rollcalls)

    @property
    def mode_fit(self) -> "MovingFit":
        return self

    def steps(self) -> pd.DataFrame:
        raise NotImplementedError

    def tidy(self) -> pd.DataFrame:
        raise NotImplementedError

    def items(self) -> pd.DataFrame:
        raise NotImplementedError

    def _at(self, rollcalls: list[str]) -> np.ndarray:
        return self.encoded.rollcalls.get_indexer(rollcalls)

    def extrapolated(self, rollcalls: list[str]) -> np.ndarray:
        marked = self.encoded.members.isin(self.few)
        return np.tile(marked, (len(rollcalls), 1))

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        at = self._at(rollcalls)
        return JointDraws(self.centre[at][None], self.slopes[at][None], self.cuts[at][None])

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> JointDraws:
        rng = np.random.default_rng(seed)
        at = self._at(rollcalls)
        shift = self.spread * rng.standard_normal((n_draws, *self.centre[at].shape))
        tilt = 1 + 0.1 * rng.standard_normal((n_draws, len(at), 1))
        return JointDraws(self.centre[at] + shift, self.slopes[at] * tilt, self.cuts[at] * tilt)


def moving_record(
    seed: int = 0, n_members: int = 40
) -> tuple[vs.RollCalls, np.ndarray, np.ndarray, np.ndarray]:
    """Two votes on one resolution and one other; two thirds of the members sit in each of the two."""
    rng = np.random.default_rng(seed)
    start = rng.standard_normal((n_members, 1))
    centre = np.stack([start, start + 0.8 + 0.3 * rng.standard_normal((n_members, 1)), start])
    slopes = np.array([[-1.5], [-1.2], [2.0]])
    cuts = np.array([[-1.5, 0.5], [-0.5, 1.0], [-1.0, 1.0]])
    latent = np.einsum("jid,jd->ij", centre, slopes) + rng.logistic(size=(n_members, 3))
    votes = (latent[..., None] > cuts).sum(axis=-1).astype(np.int8)
    seats = rng.permutation(n_members)
    votes[seats[: n_members // 3], 0] = vs.Vote.NOT_MEMBER
    votes[seats[-n_members // 3 :], 1] = vs.Vote.NOT_MEMBER
    ids = [f"M{i:02d}" for i in range(n_members)]
    members = pd.DataFrame({"group": ["north" if i % 3 else "south" for i in range(n_members)]}, index=ids)
    frame = pd.DataFrame(
        {"date": ["2001-05-01", "2003-05-01", "2002-01-01"], "title": ["On fish", "On fish", "On birds"]},
        index=["old", "new", "other"],
    )
    return vs.RollCalls(votes, members, frame), centre, slopes, cuts
