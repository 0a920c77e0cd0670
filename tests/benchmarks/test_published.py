"""Published results: the figures on docs/published.md are those of a new run."""

import pytest

#: Largest difference between the page and a new run, by the decimals of the figure.
TOLERANCE = {0: 0.0, 2: 0.011, 4: 0.0021}


@pytest.fixture
def script(benchmark_script):
    return benchmark_script("published")


def rows_of_the_page(root, name):
    text = (root / "docs" / "published.md").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"<!-- {name} -->\n")
    lines = rest.partition(f"<!-- /{name} -->")[0].strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def assert_same(root, script, name, figures):
    page = rows_of_the_page(root, name)
    assert [row[1] for row in page] == [figure.measure for figure in figures]
    assert [row[2] for row in page] == [figure.published for figure in figures]
    for row, figure in zip(page, figures, strict=True):
        assert float(row[3]) == pytest.approx(figure.value, abs=TOLERANCE[figure.decimals]), row


def test_the_page_shows_every_result(root, script):
    for name in script.RESULTS:
        assert len(rows_of_the_page(root, name)) >= 3


def test_the_council_is_that_of_hug_and_lukacs(root, script):
    figures = script.council(root)
    assert_same(root, script, "council", figures)
    values = {figure.measure: round(figure.value, figure.decimals) for figure in figures}
    assert (values["recorded votes"], values["members of the European Union that voted"]) == (70, 13)
    assert values["mean of these members, imai-lo-olmsted-2016"] == 1.27
    assert values["mean of all others, imai-lo-olmsted-2016"] == -0.32


def test_figures_are_written_as_a_table(script):
    figures = [script.Figure("one", "mean", "1.27", 1.2684, 2), script.Figure("one", "count", "70", 70.0, 0)]
    assert script.table(figures).splitlines()[2:] == [
        "| one | mean | 1.27 | 1.27 |",
        "|  | count | 70 | 70 |",
    ]


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
@pytest.mark.parametrize("name", ["court", "senate", "congress", "replacement"])
def test_a_result_has_not_drifted(root, script, harvest, name):
    """`pytest -m nightly tests/benchmarks/test_published.py`: a minute."""
    figures = script.RESULTS[name](harvest)
    assert_same(root, script, name, figures)
    values = {figure.measure: figure.value for figure in figures}
    if name == "court":
        assert values["correlation over justices and terms"] > 0.985
        assert values["median correlation within terms"] > 0.999
