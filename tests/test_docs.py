"""What README and documentation show is what runs."""

import dataclasses
import inspect
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import voteshift
from figures import holds, same
from voteshift import logistic, readers, writers
from voteshift.checks import registry
from voteshift.cli.app import app
from voteshift.plots import registry as plots_registry
from voteshift.readers import FORMATS

PAGES = [
    "README.md",
    "docs/index.md",
    "docs/identification.md",
    "docs/method.md",
    "docs/dynamic.md",
    "docs/election.md",
    "docs/data.md",
    "docs/recipes.md",
    "docs/congress.md",
    "docs/assembly.md",
    "docs/covariates.md",
    "docs/glossary.md",
    "docs/r.md",
    "docs/formats.md",
    "docs/logistic.md",
    "docs/architecture.md",
    "docs/cli.md",
    "docs/performance.md",
    "docs/published.md",
    "docs/posterior.md",
    "docs/extending.md",
    "docs/report.md",
    "docs/quantities.md",
]
#: Pages whose examples take longest.
SLOW = {
    "docs/identification.md",
    "docs/method.md",
    "docs/dynamic.md",
    "docs/posterior.md",
    "docs/extending.md",
}
FIRST = "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/voteshift explain"
TESTS = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path, language):
    return [code for kind, code in FENCE.findall(path.read_text(encoding="utf-8")) if kind == language]


def test_no_page_is_forgotten(root):
    pages = {f"docs/{path.name}" for path in (root / "docs").glob("*.md")}
    assert pages == {page for page in PAGES if page.startswith("docs/")} | {"docs/api.md", "docs/record.md"}
    assert not blocks(root / "docs" / "api.md", "python")


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=pytest.mark.slow if page in SLOW else ()) for page in PAGES]
)
def test_the_examples_of_a_page_run_one_after_the_other(root, page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space = {"__name__": "__main__"}
    tables = (FORMATS, registry._REGISTERED, plots_registry._REGISTERED)
    kept = [dict(table) for table in tables]
    try:
        for code in blocks(root / page, "python"):
            exec(compile(code, page, "exec"), space)  # noqa: S102
    finally:  # a page may add a format, a check or a picture, which other tests would then meet
        for table, before in zip(tables, kept, strict=True):
            table.clear()
            table.update(before)


@pytest.mark.parametrize("page", PAGES)
def test_every_name_that_a_page_writes_with_vs_is_public(root, page):
    """Sentences and tables too, which the examples do not run."""
    written = set(re.findall(r"\bvs\.(\w+)", (root / page).read_text(encoding="utf-8")))
    assert {name for name in written if not hasattr(voteshift, name)} == set()


def test_every_public_name_is_in_the_reference(root):
    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    documented = {line.rpartition(".")[2] for line in text.splitlines() if line.startswith(":::")}
    rooms = set(readers.__all__) | set(logistic.__all__) | set(writers.__all__)
    modules = {name for name in voteshift.__all__ if inspect.ismodule(getattr(voteshift, name))}
    assert (set(voteshift.__all__) - modules) | rooms - {"FORMATS"} <= documented


@pytest.mark.parametrize("name", voteshift.__all__)
def test_the_reference_says_what_goes_in_and_what_comes_out(name):
    """Every parameter of a public function and every field of a public class stands in its docstring."""
    public = getattr(voteshift, name)
    if inspect.ismodule(public):
        return
    said = inspect.getdoc(public) or ""
    if inspect.isclass(public):
        said = "\n".join(inspect.getdoc(base) or "" for base in public.__mro__)
        fields = dataclasses.fields(public) if dataclasses.is_dataclass(public) else ()
        named = [field.name for field in fields if not field.name.startswith("_")]
    else:
        named = [parameter.lstrip("*") for parameter in inspect.signature(public).parameters]
        assert re.search("^(Returns|Raises|Warns)$", said, re.MULTILINE)
    assert [word for word in named if not re.search(rf"\b{word}\b", said)] == []


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/method.md", "docs/data.md"])
def test_the_pages_have_examples(root, page):
    assert blocks(root / page, "python")


def test_the_two_commands_stand_in_the_readme_word_for_word(root):
    lines = [line.strip() for line in (root / "README.md").read_text(encoding="utf-8").splitlines()]
    assert lines.count(FIRST) == 1
    assert lines.count(TESTS) == 1


def test_the_readme_shows_what_the_command_prints(root, short):
    (shown,) = blocks(root / "README.md", "text")
    holds(shown, short)


@pytest.mark.parametrize("page", PAGES)
def test_what_stands_below_a_command_is_what_it_prints(root, page, tmp_path, monkeypatch, short):
    """Text below a block of one `voteshift` command is of its output; tables are saved first."""
    monkeypatch.chdir(tmp_path)
    text = (root / page).read_text(encoding="utf-8")
    asked = None
    for block in FENCE.finditer(text):
        kind, body = block.groups()
        if kind == "csv":
            Path(re.findall(r"`([\w-]+\.csv)`", text[: block.start()])[-1]).write_text(body, encoding="utf-8")
        elif kind == "text" and asked is not None:
            holds(body, short if asked == "explain" else CliRunner().invoke(app, shlex.split(asked)).stdout)
        lines = [line.strip() for line in body.splitlines()]
        known = kind == "console" and len(lines) == 1 and lines[0].startswith("$ voteshift ")
        asked = lines[0].removeprefix("$ voteshift ") if known else asked if kind == "csv" else None


def test_lines_are_compared_by_their_figures():
    assert same("no  +14.5 [+13.0, +16.0]", " no +14.6 [+13.0, +16.5]")
    assert not same("no +14.5", "no +15.5")
    assert not same("no +14.5", "yes +14.5")
    assert not same("change +15", "change +14")
    assert not same("change \u22125", "change +5")


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md"])
def test_links_within_the_repository_lead_somewhere(root, page):
    path = root / page
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (path.parent / target).exists(), target


def test_console_examples_name_commands_and_options_that_exist(root):
    import click

    for page in PAGES:
        for block in blocks(root / page, "console"):
            for command, rest in re.findall(r"voteshift (\w+)(.*)", block):
                found = app.get_command(click.Context(app), command)
                assert found is not None, command
                if isinstance(found, click.Group):
                    found = found.commands[rest.split()[0]]
                known = {name for parameter in found.params for name in parameter.opts}
                assert set(re.findall(r"--[\w-]+", rest)) <= known, rest


def test_the_notice_of_the_record_is_carried_in_full(root):
    text = (root / "data" / "README.md").read_text(encoding="utf-8")
    assert (
        "> Voting records: United Nations, OHCHR Search Library, Voting Collection. Harvest: Szoszkiewicz, "
        "\u0141. (2026), OHCHR Voting Records, doi 10.5281/zenodo.21281232.\n"
        "> Required Notice: Copyright \u00a9 2026 \u0141ukasz Szoszkiewicz. The harvest is under the "
        "PolyForm Noncommercial License 1.0.0 (polyformproject.org/licenses/noncommercial/1.0.0).\n"
    ) in text


def test_the_notice_is_the_harvests_own(root, harvest):
    notice = [
        line for line in (root / "data" / "README.md").read_text("utf-8").splitlines() if line[:2] == "> "
    ]
    assert len(notice) == 2
    theirs = (harvest / "README.md").read_text(encoding="utf-8")
    assert "\n".join(notice) in theirs


def test_the_documentation_loads_nothing_from_elsewhere(root):
    assert "font: false" in (root / "mkdocs.yml").read_text(encoding="utf-8")
    for path in (root / "docs").glob("*.md"):
        assert not re.findall(r"<(script|link|img)|!\[[^]]*\]\((?!img/)", path.read_text(encoding="utf-8")), (
            path
        )


YEAR = r"(?:19|20)\d\d"


@pytest.mark.parametrize("page", sorted(path.name for path in Path(__file__).parents[1].glob("docs/*.md")))
def test_works_are_cited_and_listed(root, page):
    """First author and year: what a page names it lists, and what it lists it names."""
    prose = re.sub(r"```.*?```", "", (root / "docs" / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    body, _, references = prose.partition("## References")
    flat = " ".join(body.split())
    listed = re.findall(rf"^- ([A-Z][\w'-]+).*?\(({YEAR})\)", references, flags=re.MULTILINE | re.DOTALL)
    named = [part for group in re.findall(r"\(([^()]*)\)", flat) for part in group.split(";")]
    named += [
        f"{names} {year}" for names, year in re.findall(rf"([A-Z]\w+,? [^().]{{0,40}}) \(({YEAR})\)", flat)
    ]
    for part in named:
        if cited := re.search(rf"[A-Z]\w+(?:,? (?:&|and|et al\.) ?[\w ]*)? ({YEAR})$", part.strip()):
            assert any(author in part and year == cited[1] for author, year in listed), part
    for author, year in listed:
        assert re.search(rf"{author}\b[^()]{{0,60}}\(?{year}", flat), f"{author} {year} is not named"
