"""Tables of covariates from files."""

import gzip
from pathlib import Path

import pytest

import voteshift as vs
from voteshift.logistic import read_covariates

FAMILY = "mutually-beneficial-cooperation"


def test_words_and_numbers_and_gaps(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("iso3,year,gdp,bloc\nNAM,2018,1.5,NA\nAUS,2018,..,G20\n", encoding="utf-8")
    table = read_covariates(path)
    assert table["iso3"].tolist() == ["NAM", "AUS"]
    assert table["gdp"].isna().tolist() == [False, True]
    assert table["gdp"].sum() == 1.5
    assert table["bloc"].isna().tolist() == [True, False]
    assert table["year"].tolist() == [2018, 2018]


def test_a_member_may_be_called_na(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("member,u\nNA,1\n", encoding="utf-8")
    assert read_covariates(path)["member"].tolist() == ["NA"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "the file is empty"),
        (b"iso3,year\nAUS,soon\n", "line|year is 'soon'"),
        (b"\xff\xfe\xff", "read"),
        (b"iso3,year,u\nAUS,2018,1\n ,2018,2\n", "c.csv:3: column 'iso3' is blank"),
        (b"iso3,year,u\nAUS,2018\n", "c.csv:2: the row has 2 cells"),
        (b"iso3,year,u\nAUS,2018,1,2\n", "c.csv:2: the row has 4 cells"),
        (b"iso3,u,u\nAUS,1,2\n", "two columns are named 'u'"),
        (b"iso3;u\nAUS;1,5\nDEU;..\n", "c.csv:2: '1,5' in column 'u' has a decimal comma"),
        (gzip.compress(b"iso3,u\n" + b"AUS,1\n" * 10**6, 9), "times its size"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, text, says):
    path = tmp_path / "c.csv"
    path.write_bytes(text)
    with pytest.raises(vs.InputError, match=says):
        read_covariates(path)
    with pytest.raises(vs.InputError, match="no such file"):
        read_covariates(tmp_path / "none.csv")


def test_a_device_is_no_table():
    """It has no end: reading it would fill the memory."""
    for device in ("/dev/zero", "/dev/full"):
        if Path(device).exists():
            with pytest.raises(vs.InputError, match="not a regular file"):
                read_covariates(device)


def test_semicolons_and_tabs_separate_cells(tmp_path):
    path = tmp_path / "c.csv"
    for separator in ";\t":
        path.write_text(f"iso3{separator}u\nAUS{separator}1.5\n", encoding="utf-8")
        assert read_covariates(path)["u"].tolist() == [1.5]


def test_spaces_and_years_with_a_point_do_not_lose_a_row(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("iso3, year,u\nAUS ,2018.0,1\n CHN,2019,2\n", encoding="utf-8")
    table = read_covariates(path)
    assert table[["iso3", "year"]].to_numpy().tolist() == [["AUS", 2018], ["CHN", 2019]]


def test_a_table_of_ones_own_on_the_three_votes(tmp_path, record):
    """Made up, by country code and year, with a gap of every kind."""
    seats = vs.panel(record, FAMILY).frame[["member", "year"]]
    rows = [
        (member, year - 1, round(0.1 * number, 1))
        for number, (member, year) in enumerate(seats.itertuples(index=False))
        if member != "PER" and (member, year) != ("UKR", 2020)
    ]
    path = tmp_path / "mine.csv"
    lines = [f"{member},{year},{'..' if member == 'CHL' else value}" for member, year, value in rows]
    path.write_text("\n".join(["iso3,year,trait", *lines]) + "\n", encoding="utf-8")
    found = vs.panel(record, FAMILY, covariates=read_covariates(path), lag=1)
    gaps = found.unmatched.groupby("why")["member"].agg(lambda names: sorted(set(names))).to_dict()
    assert gaps == {"blank": ["CHL"], "no row for that year": ["UKR"], "no row for the member": ["PER"]}
    whole = found.frame.dropna(subset=["trait"])
    assert len(whole) == len(found.frame) - len(found.unmatched)
    expected = {(member, year + 1): value for member, year, value in rows}
    for row in whole.itertuples():
        assert row.trait == expected[row.member, row.year]
    fitted = vs.logit("yes ~ trait", found, missing="drop")
    assert fitted.notes[0].endswith("because a variable is missing: Chile, Peru, Ukraine")
    with pytest.raises(vs.InputError, match="missing values of trait in"):
        vs.logit("yes ~ trait", found)


def test_columns_that_differ_in_spaces_alone_are_refused(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("iso3, iso3,trait\nFRA,DEU,1\n", encoding="utf-8")
    with pytest.raises(vs.InputError, match="two columns are named 'iso3'"):
        read_covariates(path)


def test_public_indicators_on_the_three_votes(record, harvest):
    """The table a reader of docs/logistic.md makes from the sources it names."""
    table = read_covariates(harvest / "covariates.csv")
    found = vs.panel(record, FAMILY, covariates=table, lag=1)
    row = found.frame[(found.frame["member"] == "DEU") & (found.frame["year"] == 2020)].iloc[0]
    theirs = table[(table["iso3"] == "DEU") & (table["year"] == 2019)].iloc[0]
    for name in ("wgi_voice", "v2x_polyarchy", "gdp_pc_usd"):
        assert row[name] == theirs[name]
    lacking = found.frame["wgi_voice"].isna().sum()
    assert lacking == (found.unmatched["column"] == "wgi_voice").sum()
    voice = vs.logit("yes ~ C(symbol) + wgi_voice", found, missing="drop")
    assert voice.params["wgi_voice"] < 0
