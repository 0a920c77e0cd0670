"""Every picture, in every size it must bear: no text off the paper, none on another."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import voteshift as vs
from plots.looking import faults
from voteshift import plots

PICTURES = {
    "flow": lambda why, _: plots.flow(why),
    "waterfall": lambda why, _: plots.waterfall(why),
    "waterfall of the whole": lambda why, _: plots.waterfall(why, -1),
    "councils": lambda why, _: plots.councils(why),
    "positions": lambda why, _: plots.positions(why),
    "positions of a fit": lambda why, _: plots.positions(why.fit),
    "seats": lambda why, record: plots.seats(record, why.family),
}


@pytest.fixture(params=["why", "long", "many"])
def case(request):
    record = request.getfixturevalue("assembly" if request.param == "many" else "record")
    return request.getfixturevalue(request.param), record


@pytest.mark.parametrize("picture", PICTURES)
def test_texts_stay_on_the_paper_and_off_each_other(case, picture):
    ax = PICTURES[picture](*case)
    found = faults(ax.figure)
    assert not found


@pytest.mark.parametrize("since", ["2006", "2024"])
def test_texts_stay_off_each_other_along_time(record, since):
    ax = plots.timelines(record.between(since), highlight="right-development")
    found = faults(ax.figure)
    assert not found


@pytest.mark.parametrize("since", ["2006", "2024"])
def test_texts_of_the_overview_stay_off_each_other(record, since):
    ax = plots.overview(record.between(since), highlight="right-development")
    found = faults(ax.figure)
    assert not found


def _moving(members):
    """Positions of a council of 47, or of 193 members with long names, that end close together."""
    simulated = vs.simulate(members, 80, seed=3).rollcalls
    frame = simulated.rollcalls.assign(
        date=pd.date_range("1999-01-31", periods=80, freq="36D").to_numpy("datetime64[s]")
    )
    names = pd.Index([f"Member number {number} of the chamber" for number in range(members)])
    return vs.RollCalls(simulated.votes, pd.DataFrame(index=names), frame)


@pytest.mark.parametrize("members", [47, 193])
@pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")
def test_texts_of_trajectories_stay_off_each_other(members):
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(tau=0.2)).fit(_moving(members))
    ends = fit.tidy().groupby("member")["estimate"].last().sort_values()
    close = list(ends.index[members // 2 : members // 2 + 7])  # seven that end side by side
    for chosen in (None, close):
        ax = plots.trajectories(fit, chosen)
        found = faults(ax.figure)
        plt.close(ax.figure)
        assert not found


@pytest.mark.parametrize("picture", [*PICTURES, "timelines"])
def test_a_picture_goes_where_it_is_sent(why, record, picture, monkeypatch):
    """On axes that are given nothing else is made, and the user's settings stay what they were."""
    figure = Figure(figsize=(9, 12))
    ax = figure.subplots()
    module = getattr(plots, picture.split()[0])

    def sent(*arguments, **options):
        return module(*arguments, ax=ax, **options)

    monkeypatch.setattr(plots, picture.split()[0], sent)
    before, open_before = dict(plt.rcParams), plt.get_fignums()
    draw = PICTURES.get(picture, lambda _, record: plots.timelines(record.between("2024")))
    assert draw(why, record) is ax
    assert plt.get_fignums() == open_before
    assert dict(plt.rcParams) == before
    figure.canvas.draw()


def test_a_new_picture_is_one_of_pyplots(why):
    ax = plots.flow(why)
    assert plt.gcf() is ax.figure


def test_the_eye_sees_what_it_looks_for():
    figure = Figure(figsize=(3, 2))
    ax = figure.subplots()
    ax.set_axis_off()
    ax.text(0.2, 0.5, "one")
    assert not faults(figure)
    ax.text(0.22, 0.5, "other")
    ax.text(1.0, 0.9, "far too long for this paper")
    assert faults(figure) == [
        "'far too long for this paper' leaves the paper",
        "'one' lies on 'other'",
    ]


def test_a_dollar_and_a_bracket_are_letters(record):
    frame = record.rollcalls
    ids = list(record.select(family="mutually-beneficial-cooperation").rollcalls.index)
    frame.loc[ids, "symbol"] = ["$x^2$ <b>", "$\\frac{", "%_&"]
    strange = vs.RollCalls(record.votes, record.members, frame, polarity="USA")
    ax = plots.flow(strange, "mutually-beneficial-cooperation")
    assert not faults(ax.figure)
    assert any("$\\frac{" in text.get_text() for text in ax.texts)
