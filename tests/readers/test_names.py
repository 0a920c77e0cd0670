import csv
from pathlib import Path

import pytest

from voteshift.readers import nearest_names, state_id
from voteshift.readers.names import states


def test_the_193_members_with_the_groups_of_the_united_nations() -> None:
    groups = [state.group for state in states().values() if not state.until]
    assert len(groups) == 193
    sizes = {"AFRICAN": 54, "ASIA_PACIFIC": 53, "EEG": 23, "GRULAC": 33, "WEOG": 29, "": 1}
    assert {group: groups.count(group) for group in groups} == sizes
    assert [code for code, state in states().items() if not state.group] == ["KIR"]
    assert all(len(code) == 3 and code.isupper() and code.isascii() for code in states())


def test_codes_of_two_kinds_name_one_state() -> None:
    known = states().values()
    for codes in ([state.iso2 for state in known if state.iso2], [state.cow for state in known if state.cow]):
        assert len(set(codes)) == len(codes)
    assert all(state.iso2 and state.cow for state in known if not state.until)
    assert [code for code, state in states().items() if state.until] == [
        "CSK", "DDR", "GFR", "TWN", "YAR", "YMD", "YUG", "ZAN"
    ]  # fmt: skip


def test_no_spelling_means_two_states() -> None:
    for state in states().values():
        for spelling in (state.iso3, state.name, *state.aliases):
            assert state_id(spelling) == state.iso3, spelling


def test_agrees_with_the_states_of_the_councils_record(shared: Path) -> None:
    with (shared / "hrc" / "states.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            state = states()[row["iso3"]]
            assert (state.name, state.group) == (row["state"], row["regional_group"])


def test_every_spelling_of_the_real_sources_is_known(shared: Path) -> None:
    for path in (shared / "seed").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                known = state_id(row["name_as_printed"])
                assert known is not None, row
                assert row.get("iso3", known) == known


@pytest.mark.parametrize(
    ("spelling", "iso3"),
    [
        ("VENEZUELA (BOLEIVARIAN REPUBLIC OF)", "VEN"),
        ("Viet Nam", "VNM"),
        ("Vietnam", "VNM"),
        ("COTE D'IVOIRE", "CIV"),
        ("Côte d\u2019Ivoire", "CIV"),
        ("DEMOCRATIC REPUBLIC OF CONGO", "COD"),
        ("Congo", "COG"),
        ("Czech Republic", "CZE"),
        ("Swaziland", "SWZ"),
        ("Turkey", "TUR"),
        ("TÜRKİYE", "TUR"),
        ("The former Yugoslav Republic of Macedonia", "MKD"),
        ("Republic of Korea", "KOR"),
        ("Democratic People's Republic of Korea", "PRK"),
        ("United Kingdom of Great Britain and Northern Ireland", "GBR"),
        ("Iran (Islamic Republic of)", "IRN"),
        ("St. Vincent & Grenadines", "VCT"),
        ("Bosnia & Herzegovina", "BIH"),
        ("  guinea - bissau ", "GNB"),
        ("Guinea", "GIN"),
        ("NIGER", "NER"),
        ("NAM", "NAM"),
        ("nam", "NAM"),
        ("Czechoslovakia", "CSK"),
        ("Yugoslavia", "YUG"),
        ("Serbia and Montenegro", "SRB"),
        ("USSR", "RUS"),
    ],
)
def test_spellings(spelling: str, iso3: str) -> None:
    assert state_id(spelling) == iso3


@pytest.mark.parametrize("name", ["", "Korea", "Atlantis", "the", "—", "NA", "Germany, Federal"])
def test_what_names_no_state_or_two_is_not_guessed(name: str) -> None:
    assert state_id(name) is None


def test_nearest_names() -> None:
    assert nearest_names("Rwnada")[0] == "Rwanda (RWA)"
    assert nearest_names("Korea") != []
    assert nearest_names("xqxqxqxq") == []
    assert len(nearest_names("Republic of", n=2)) <= 2
    assert nearest_names("a" * 1_000_000) == []
