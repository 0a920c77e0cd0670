"""A report as a file, and as Markdown."""

import re

import pytest

import voteshift as vs
from report.conftest import HOSTILE
from voteshift.compose.contents import Items, Section, Table, Text
from voteshift.report.build import Report


def small(**parts):
    blocks = parts.pop("blocks", (Text("said"),))
    section = Section("one", "One", blocks)
    return Report(
        **({"title": "T", "lead": "L", "sections": (section,), "level": 0.9} | parts), seed=0, n_draws=1
    )


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", "<!DOCTYPE html>"), ("b.md", "# T"), ("c.HTM", "<!DOC")]
)
def test_a_file_is_what_its_name_ends_in(tmp_path, name, begins):
    path = small().write(tmp_path / "deep" / name)
    assert path.read_text(encoding="utf-8").startswith(begins)
    assert [file.name for file in path.parent.iterdir()] == [name]


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(vs.UsageError, match=r"the format from 'a\.pdf'"):
        small().write(tmp_path / "a.pdf")
    with pytest.raises(vs.UsageError, match="the format from 'a'"):
        small().write(tmp_path / "a")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(vs.InputError, match="is a folder"):
        small().write(tmp_path / "folder.html")
    (tmp_path / "file").write_text("x")
    with pytest.raises(vs.InputError, match="cannot write"):
        small().write(tmp_path / "file" / "a.html")


def test_markdown_holds_text_and_tables():
    table = Table("C", ("a", "b"), (("x|y", "1"), ("*z*", "2")))
    text = small(blocks=(Text("1. no list"), Items(("- one", "two")), table)).markdown()
    assert text == (
        "# T\n\nL\n\n## One\n\n1\\. no list\n\n- \\- one\n- two\n\n**C**\n\n"
        "| a | b |\n| --- | ---: |\n| x\\|y | 1 |\n| \\*z\\* | 2 |\n"
    )


def test_hostile_words_stay_words_in_markdown(attacked):
    """No markup character of the record stands without its backslash."""
    text = attacked.markdown()
    assert re.sub(r"\\(.)", r"\1", text.splitlines()[0]) == f"# {HOSTILE}"
    own = re.compile(r"^(#{1,3} |- |\| |\*\*|\| [-|: ]+$)", re.MULTILINE)
    bare = own.sub("", text).replace("** ", "")
    for character in "<>`{}[]&$":
        assert not re.search(rf"(?<!\\){re.escape(character)}", bare), character


def test_a_notebook_shows_the_page_in_a_frame_that_runs_nothing(attacked):
    shown = attacked._repr_html_()
    assert shown.startswith('<iframe sandbox="" ')
    assert "<script" not in shown
    assert shown.count("<") == 2


@pytest.mark.slow
def test_a_report_says_what_it_is(made):
    assert repr(made) == (
        "<Report: Promoting mutually beneficial cooperation in the field of human rights, 18 sections, "
        "9 pictures>"
    )
