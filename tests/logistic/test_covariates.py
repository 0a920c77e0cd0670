"""Tables of covariates from files."""

import pytest

import voteshift as vs
from voteshift.logistic import read_covariates


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
        (b"", "cannot be read"),
        (b"iso3,year\nAUS,soon\n", "line|'soon' is no year"),
        (b"\xff\xfe\xff", "read"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, text, says):
    path = tmp_path / "c.csv"
    path.write_bytes(text)
    with pytest.raises(vs.InputError, match=says):
        read_covariates(path)
    with pytest.raises(vs.InputError, match="no such file"):
        read_covariates(tmp_path / "none.csv")
