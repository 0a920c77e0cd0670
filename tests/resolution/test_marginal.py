import numpy as np
import pytest

from voteshift.ideal.objective import Link
from voteshift.likelihood.terms import category_probabilities
from voteshift.resolution.marginal import FamilyVotes, Marginal, inflation, marginal, member_marginal


def world(
    link: Link, n_dims: int = 1, *, shared: bool = False, lacks: int = 1
) -> tuple[FamilyVotes, np.ndarray, np.ndarray]:
    """Three versions, the middle one without a category, abstentions by default; members sit in some."""
    rng = np.random.default_rng(4)
    votes = rng.integers(0, 3, (12, 3))
    votes[:, 1] = np.where(votes[:, 1] == lacks, (lacks + 1) % 3, votes[:, 1]) if not shared else votes[:, 1]
    votes[rng.random(votes.shape) < 0.3] = -1
    member, version = np.nonzero(votes >= 0)
    item = np.zeros(3, dtype=np.intp) if shared else np.arange(3)
    kinds = np.ones((1 if shared else 3, 3), dtype=bool)
    if not shared:
        kinds[1, lacks] = False
    family = FamilyVotes(member, version, votes[member, version], item, kinds, 12, link)
    items = np.column_stack(
        [
            rng.normal(-1, 0.5, (len(kinds), n_dims)),
            rng.normal(0, 1, len(kinds)),
            rng.normal(0.3, 0.3, len(kinds)),
        ]
    )
    return family, rng.normal(size=(3, 12, n_dims)), items


def at_point(votes: FamilyVotes, positions: np.ndarray, items: np.ndarray, log_sd: float) -> Marginal:
    """The marginal likelihood at a single point."""
    found = marginal(votes, positions, items[None], np.array([log_sd]))
    return Marginal(*(getattr(found, name)[0] for name in ("value", "gradient", "information", "complete")))


def by_hand(votes: FamilyVotes, positions: np.ndarray, items: np.ndarray, log_sd: float) -> float:
    """The integral on a grid fifty times as dense and wider, member by member."""
    nodes = np.linspace(-12, 12, 8001)
    weights = np.exp(-0.5 * nodes**2)
    weights /= weights.sum()
    sd, c = np.exp(log_sd), float(inflation(log_sd, votes.link))
    total = 0.0
    for i in range(votes.n_members):
        product = np.ones_like(nodes)
        for k in np.flatnonzero(votes.member == i):
            version, code = votes.version[k], votes.code[k]
            row = items[votes.item[version]]
            eta = c * (positions[version, i] @ row[:-2]) + sd * nodes
            if votes.kinds[votes.item[version]].all():
                half = 0.5 * np.exp(row[-1])
                cuts = c * np.array([row[-2] - half, row[-2] + half])
                product *= category_probabilities(eta, cuts, 3, votes.link)[:, code]
            else:
                code = np.count_nonzero(votes.kinds[votes.item[version], :code])
                product *= category_probabilities(eta, c * row[-2:-1], 2, votes.link)[:, code]
        total += np.log(product @ weights)
    return total


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("log_sd", [-2.0, 0.3, 1.2, 2.3])
def test_the_grid_is_the_integral(link: Link, log_sd: float) -> None:
    at = (*world(link), log_sd)
    assert at_point(*at).value == pytest.approx(by_hand(*at), rel=1e-6)


@pytest.mark.parametrize("lacks", [0, 2])
def test_a_version_may_lack_yes_or_no(lacks: int) -> None:
    at = (*world("logit", lacks=lacks), 0.3)
    assert at_point(*at).value == pytest.approx(by_hand(*at), rel=1e-6)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("n_dims", [1, 2])
@pytest.mark.parametrize("link", ["logit", "probit"])
def test_derivatives_are_those_of_the_value(link: Link, n_dims: int, shared: bool) -> None:
    votes, positions, items = world(link, n_dims, shared=shared)

    def at(point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        found = at_point(votes, positions, point[:-1].reshape(items.shape), float(point[-1]))
        return found.value, found.gradient, found.information

    point = np.append(items.ravel(), 0.7)
    _, gradient, information = at(point)
    h = 1e-5
    for k in range(len(point)):
        up, down = point.copy(), point.copy()
        up[k] += h
        down[k] -= h
        assert gradient[k] == pytest.approx((at(up)[0] - at(down)[0]) / (2 * h), abs=1e-5)
        assert -information[k] == pytest.approx((at(up)[1] - at(down)[1]) / (2 * h), abs=1e-4)


def test_member_effects_of_nothing_is_the_plain_likelihood() -> None:
    votes, positions, items = world("logit")
    found = at_point(votes, positions, items, -12.0)
    assert found.value == pytest.approx(by_hand(votes, positions, items, -12.0), abs=1e-4)
    assert abs(found.gradient[-1]) < 1e-3


@pytest.mark.parametrize("shared", [False, True])
def test_the_gradient_is_the_sum_of_those_of_members(shared: bool) -> None:
    at = (*world("logit", shared=shared), 0.7)
    scores = member_marginal(*at).gradient
    assert scores.shape[0] == at[0].n_members
    assert scores.sum(axis=0) == pytest.approx(at_point(*at).gradient, abs=1e-10)
    silent = np.setdiff1d(np.arange(at[0].n_members), at[0].member)
    assert not scores[silent].any()


def test_one_date_stands_for_all() -> None:
    votes, positions, items = world("probit")
    same = np.repeat(positions[:1], 3, axis=0)
    assert at_point(votes, same, items, 0.3).value == at_point(votes, positions[:1], items, 0.3).value
