import csv
import lzma
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
    assert len(nearest_names("Republic of")) == 3
    assert nearest_names("a" * 1_000_000) == []


#: Spellings of V-Dem, the World Bank, the Correlates of War project and the UN Digital Library.
SPELLINGS = """
Burma/Myanmar=MMR;Ivory Coast=CIV;The Gambia=GMB;Republic of the Congo=COG
Democratic Republic of the Congo=COD;North Macedonia=MKD;Cape Verde=CPV;Timor-Leste=TLS
East Timor=TLS;Eswatini=SWZ;Türkiye=TUR;Czechia=CZE;South Korea=KOR;North Korea=PRK
United States of America=USA;Bosnia and Herzegovina=BIH;Sao Tome and Principe=STP
São Tomé and Príncipe=STP;German Democratic Republic=DDR;Yemen=YEM;South Yemen=YMD
Egypt, Arab Rep.=EGY;Iran, Islamic Rep.=IRN;Korea, Rep.=KOR;Korea, Dem. People's Rep.=PRK
Korea, Dem. Rep.=PRK;Congo, Dem. Rep.=COD;Congo, Rep.=COG;Gambia, The=GMB;Bahamas, The=BHS
Venezuela, RB=VEN;Yemen, Rep.=YEM;Lao PDR=LAO;Kyrgyz Republic=KGZ;Slovak Republic=SVK
Macedonia, FYR=MKD;St. Lucia=LCA;St. Kitts and Nevis=KNA;St. Vincent and the Grenadines=VCT
Micronesia, Fed. Sts.=FSM;Cabo Verde=CPV;Brunei Darussalam=BRN;Syrian Arab Republic=SYR
Russian Federation=RUS;Cote d'Ivoire=CIV;Turkiye=TUR;Viet Nam=VNM;Somalia, Fed. Rep.=SOM
United States=USA;Bosnia=BIH;Antigua & Barbuda=ATG;Federated States of Micronesia=FSM
Cambodia (Kampuchea)=KHM;Surinam=SUR;Trinidad=TTO;Swaziland=SWZ;Rumania=ROU;Macedonia=MKD
Kyrgyzstan=KGZ;Congo Brazzaville=COG;Congo Kinshasa=COD;UAE=ARE;Great Britain=GBR;UK=GBR;U.K.=GBR
USA=USA;U.S.A.=USA;US=USA;Laos=LAO;Syria=SYR;Moldova=MDA;Tanzania=TZA;Bolivia=BOL;Venezuela=VEN
Vietnam=VNM;Russia=RUS;Iran=IRN;Brunei=BRN;Holland=NLD;Guinea Bissau=GNB;Guinea-Bissau=GNB
Myanmar (Burma)=MMR;Burma=MMR;BOLIVIA (PLURINATIONAL STATE OF)=BOL;IRAN (ISLAMIC REPUBLIC OF)=IRN
VENEZUELA (BOLIVARIAN REPUBLIC OF)=VEN;VENEZUELA (BOLEIVARIAN REPUBLIC OF)=VEN
MICRONESIA (FEDERATED STATES OF)=FSM;LIBYAN ARAB JAMAHIRIYA=LBY
THE FORMER YUGOSLAV REPUBLIC OF MACEDONIA=MKD;COTE D'IVOIRE=CIV;BYELORUSSIAN SSR=BLR
UKRAINIAN SSR=UKR;USSR=RUS;UPPER VOLTA=BFA;DAHOMEY=BEN;CEYLON=LKA;ZAIRE=COD;BURMA=MMR
DEMOCRATIC KAMPUCHEA=KHM;KHMER REPUBLIC=KHM;DEMOCRATIC YEMEN=YMD;CZECHOSLOVAKIA=CSK;YUGOSLAVIA=YUG
SERBIA AND MONTENEGRO=SRB;TANGANYIKA=TZA;ZANZIBAR=ZAN;UNITED ARAB REPUBLIC=EGY;SWAZILAND=SWZ
CAPE VERDE=CPV;CZECH REPUBLIC=CZE;TURKEY=TUR;NETHERLANDS (KINGDOM OF THE)=NLD;NETHERLANDS=NLD
KINGDOM OF THE NETHERLANDS=NLD;REPUBLIC OF MOLDOVA=MDA;UNITED KINGDOM=GBR;UNITED STATES=USA
DEMOCRATIC PEOPLE'S REPUBLIC OF KOREA=PRK;REPUBLIC OF KOREA=KOR;LAO PEOPLE'S DEMOCRATIC REPUBLIC=LAO
LAOS=LAO;MALDIVE ISLANDS=MDV;PHILIPPINE REPUBLIC=PHL;SIAM=THA;CENTRAL AFRICAN EMPIRE=CAF
CONGO (LEOPOLDVILLE)=COD;CONGO (BRAZZAVILLE)=COG;CONGO (DEMOCRATIC REPUBLIC OF)=COD
FEDERATION OF MALAYA=MYS;WESTERN SAMOA=WSM;SAINT CHRISTOPHER AND NEVIS=KNA;SAINT KITTS AND NEVIS=KNA
GERMANY, FEDERAL REPUBLIC OF=DEU;ZIMBABWE=ZWE;IVORY COAST=CIV;SAO TOME AND PRINCIPE=STP;TÜRKİYE=TUR
CABO VERDE=CPV;GAMBIA (REPUBLIC OF THE)=GMB;GAMBIA (THE)=GMB
"""


def test_the_spellings_of_common_datasets() -> None:
    for pair in SPELLINGS.replace("\n", ";").strip(";").split(";"):
        name, code = pair.rsplit("=", 1)
        assert state_id(name) == code, name


def test_every_name_of_voetens_record_is_known(shared: Path) -> None:
    names: dict[str, set[str]] = {}
    with lzma.open(shared / "unga" / "votes.csv.xz", "rt", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            names.setdefault(row["country"], set()).add(row["iso2"])
    assert len(names) == 200
    for name, (code,) in names.items():
        known = state_id(name)
        assert known is not None, name
        assert states()[known].iso2 == code or not code
