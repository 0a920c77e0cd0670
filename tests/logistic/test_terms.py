"""What a person reads in the place of the names that a formula gives to its columns."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.logistic import Formula, MemberBootstrap
from voteshift.logistic.design import build_design
from voteshift.logistic.terms import label_columns, name_terms

WEST = "Western Europe and Others"


@pytest.fixture(scope="module")
def frame():
    panel = vs.panel(vs.load_hrc(), "mutually-beneficial-cooperation").frame
    numbers = np.random.default_rng(0).uniform(1, 2, (2, len(panel)))
    return panel.assign(voice=numbers[0], **{"gdp per head": numbers[1]})


def labels(frame, right, functions=None):
    design = build_design(Formula(f"yes ~ {right}", functions or {}), frame, "binary")
    return dict(zip(design.columns, label_columns(design), strict=True))


@pytest.mark.parametrize(
    ("right", "column", "label"),
    [
        ("1", "Intercept", "intercept"),
        ("voice", "voice", "voice"),
        ("years_on_council", "years_on_council", "years on council"),
        ("C(rollcall)", "C(rollcall)[T.29343]", "2020 against 2018"),
        ("C(symbol)", "C(symbol)[T.A/HRC/RES/46/13]", "2021 against 2018"),
        ("C(date)", "C(date)[T.2020-06-22 00:00:00]", "2020 against 2018"),
        ("C(year)", "C(year)[T.2020]", "2020 against 2018"),
        ("C(group)", "C(group)[T.WEOG]", f"{WEST} against Africa"),
        ("group", "group[T.WEOG]", f"{WEST} against Africa"),
        ("C(member)", "C(member)[T.COD]", "DR Congo against Afghanistan"),
        ("C(sponsor)", "C(sponsor)[T.1]", "sponsor (1 against 0)"),
        ("C({voice > 1.5})", None, None),
        ("C(voice > 1.5)", "C(voice > 1.5)[T.True]", "voice > 1.5 (True against False)"),
        ("C(I(voice > 1.5))", "C(I(voice > 1.5))[T.True]", "voice > 1.5 (True against False)"),
        # Interactions: numbers first, then contrasts, the time last.
        ("C(rollcall) * voice", "C(rollcall)[T.29343]:voice", "voice, 2020 against 2018"),
        ("voice * C(rollcall)", "voice:C(rollcall)[T.29343]", "voice, 2020 against 2018"),
        ("voice:C(rollcall)", "voice:C(rollcall)[29343]", "voice, 2020"),
        (
            "C(rollcall) * C(group) * voice",
            "C(rollcall)[T.29343]:C(group)[T.WEOG]:voice",
            f"voice, {WEST} against Africa, 2020 against 2018",
        ),
        ("group:C(rollcall)", "group[T.WEOG]:C(rollcall)[29343]", f"{WEST} against Africa, 2020"),
        ("voice * C(sponsor)", "voice:C(sponsor)[T.1]", "voice, sponsor (1 against 0)"),
        ("voice:sponsor", "voice:sponsor", "voice \N{MULTIPLICATION SIGN} sponsor"),
        ("2:voice", "voice", "2 \N{MULTIPLICATION SIGN} voice"),
        # No intercept: every level by itself.
        ("0 + C(rollcall)", "C(rollcall)[27478]", "2018"),
        ("0 + C(sponsor)", "C(sponsor)[1]", "sponsor = 1"),
        # Other contrasts than against the first level.
        (
            "C(group, contr.treatment('WEOG'))",
            "C(group, contr.treatment('WEOG'))[T.EEG]",
            f"Eastern Europe against {WEST}",
        ),
        ("C(rollcall, contr.SAS)", "C(rollcall, contr.SAS)[T.27478]", "2018 against 2021"),
        ("C(rollcall, levels=['29575', '27478', '29343'])", None, "2018 against 2021"),
        ("C(rollcall, contr.sum)", "C(rollcall, contr.sum)[S.27478]", "2018 against the mean of all levels"),
        ("C(sponsor, contr.sum)", "C(sponsor, contr.sum)[S.0]", "sponsor (0 against the mean of all levels)"),
        ("C(rollcall, contr.diff)", "C(rollcall, contr.diff)[D.29575]", "2021 against 2020"),
        (
            "C(rollcall, contr.diff(backward=False))",
            "C(rollcall, contr.diff(backward=False))[D.27478]",
            "2018 against 2020",
        ),
        (
            "C(rollcall, contr.helmert(scale=True))",
            "C(rollcall, contr.helmert(scale=True))[H.29575]",
            "2021 against the mean of 2018 and 2020",
        ),
        # As R has it, the coefficient is a third of that difference: it has no words.
        ("C(rollcall, contr.helmert)", "C(rollcall, contr.helmert)[H.29575]", "roll call (contrast 2021)"),
        ("C(year, contr.poly)", "C(year, contr.poly)[.Q]", "year (quadratic trend)"),
        (
            "C(rollcall, [[1, 0], [0, 1], [0, 0]])",
            "C(rollcall, [[1, 0], [0, 1], [0, 0]])[2]",
            "roll call (contrast 2)",
        ),
        # Functions.
        ("log(voice)", "log(voice)", "log of voice"),
        ("log2(voice)", "log2(voice)", "base-2 log of voice"),
        ("sqrt(years_on_council)", "sqrt(years_on_council)", "square root of years on council"),
        ("log(`gdp per head`)", "log(`gdp per head`)", "log of gdp per head"),
        ("center(voice)", "center(voice)", "voice (centred)"),
        ("scale(voice)", "scale(voice)", "voice (standardised)"),
        ("center(log(voice))", "center(log(voice))", "log of voice (centred)"),
        ("exp(center(voice))", "exp(center(voice))", "exp(center(voice))"),
        ("scale(voice, center=False)", "scale(voice, center=False)", "scale(voice, center=False)"),
        ("log(voice / 1000)", "log(voice / 1000)", "log(voice / 1000)"),
        ("I(voice ** 2)", "I(voice ** 2)", "voice ** 2"),
        ("{voice + sponsor}:year", "voice + sponsor:year", "(voice + sponsor) \N{MULTIPLICATION SIGN} year"),
        ("poly(voice, 2)", "poly(voice, 2)[2]", "voice (polynomial, degree 2)"),
        ("bs(voice, df=4)", "bs(voice, df=4)[3]", "voice (spline, 3 of 4)"),
        ("bs(log(voice), df=4)", "bs(log(voice), df=4)[3]", "log of voice (spline, 3 of 4)"),
        ("cr(voice, df=4) - 1", "cr(voice, df=4)[1]", "voice (spline, 1 of 4)"),
        (
            "bs(voice, df=3) * C(sponsor)",
            "bs(voice, df=3)[2]:C(sponsor)[T.1]",
            "voice (spline, 2 of 3), sponsor (1 against 0)",
        ),
    ],
)
def test_a_term_reads_as_a_person_names_it(frame, right, column, label):
    if label is None:
        with pytest.raises(vs.UsageError):
            labels(frame, right)
        return
    table = labels(frame, right)
    assert table[column] == label if column else label in table.values()


def test_functions_of_the_caller_stand_as_the_formula_has_them(frame):
    functions = {"share": lambda values: values / 2, "both": lambda x, y: np.column_stack([x, y])}
    table = labels(frame, "share(voice) + both(year, `gdp per head`)", functions)
    assert table["share(voice)"] == "share(voice)"
    assert list(table.values())[2:] == [
        "both(year, gdp per head) (1 of 2)",
        "both(year, gdp per head) (2 of 2)",
    ]


def test_labels_that_would_be_the_same_give_way_to_names(frame):
    table = frame.assign(region=frame["group"].map({"WEOG": "Africa"}).fillna("x"), **{"log of voice": 1.0})
    table["log of voice"] = np.random.default_rng(1).uniform(size=len(table))
    both = labels(table, "log(voice) + `log of voice`")
    assert list(both.values()) == ["intercept", "log(voice)", "log of voice"]


def test_two_votes_of_one_year_are_named_by_their_days(frame):
    dates = {"2018-03-23": "2020-03-23"}
    table = frame.assign(date=frame["date"].astype(str).replace(dates).astype("datetime64[s]"))
    assert labels(table, "C(rollcall)")["C(rollcall)[T.29343]"] == "22 June 2020 against 23 March 2020"


def test_terms_of_models_of_three_categories(frame):
    formula = "vote ~ C(rollcall)"
    multinomial = name_terms(build_design(formula, frame, "multinomial", base="no"), "multinomial")
    assert [(term.name, term.label, term.constant) for term in multinomial][:2] == [
        ("abstain: Intercept", "abstain against no: intercept", True),
        ("abstain: C(rollcall)[T.29343]", "abstain against no: 2020 against 2018", False),
    ]
    ordered = name_terms(build_design(formula, frame, "ordered"), "ordered")
    assert [(term.name, term.label, term.constant) for term in ordered][1:3] == [
        ("C(rollcall)[T.29575]", "2021 against 2018", False),
        ("no|abstain", "cutpoint between no and abstain", True),
    ]


def test_every_text_has_labels_and_every_table_of_data_has_names(frame):
    fit = vs.logit("yes ~ C(rollcall) * voice + C(group)", frame)
    texts = [fit.summary(), fit._repr_html_(), repr(fit.effects("group", by="rollcall")), *fit.notes]
    assert not any(code in text for text in texts for code in ("[T.", "WEOG", "29343"))
    assert "voice, 2020 against 2018" in fit.summary()
    assert f"{WEST} against Africa, 2020" in repr(fit.effects("group", by="rollcall"))
    assert f"{WEST} against Africa (to \N{MINUS SIGN}infinity)" in fit.notes[0]
    assert list(fit.tidy()["term"]) == list(fit.params.index) == list(fit.names)
    assert list(fit.tidy()["label"]) == list(fit.labels)
    assert "C(group)[T.WEOG]" in fit.separated
    effects = fit.effects("group").tidy()
    assert effects["contrast"].tolist()[-1] == "AFRICAN to WEOG"
    assert effects["label"].tolist()[-1] == f"{WEST} against Africa"
    ticks = [tick.get_text() for tick in fit.plot().get_yticklabels()]
    assert ticks == list(fit.labels)[1:]


def test_a_decomposition_names_the_votes_and_the_variables(frame):
    panel = vs.panel(vs.load_hrc(), "mutually-beneficial-cooperation")
    parts = vs.logistic.decompose(
        "yes ~ years_on_council", panel, "27478", "29343", bootstrap=MemberBootstrap(2)
    )
    assert repr(parts).startswith("shapley: 2018 to 2020,")
    assert parts.tidy()["label"].tolist() == ["characteristics: years on council", "responses", "residual"]
    assert parts.tidy()["variable"].tolist() == ["years_on_council", "all", "all"]
