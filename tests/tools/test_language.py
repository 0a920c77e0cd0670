"""The rules of language: what they report, and what they leave alone."""

from pathlib import Path

import pytest

from scripts import scripts

with scripts(Path(__file__).parents[2] / "tools") as load:
    language = load("language")


def test_code_and_pages_of_the_repository_have_no_fault() -> None:
    places = [language.ROOT / place for place in language.PLACES]
    faults = [str(fault) for path in language.list_files(places) for fault in language.check_file(path)]
    assert not faults, "\n".join(faults)


def check(folder: Path, name: str, source: str) -> list[tuple[int, str]]:
    """Return line and rule of every fault of a file with this content."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return [(fault.line, fault.rule.split(":")[0].split()[0]) for fault in language.check_file(path)]


@pytest.mark.parametrize("word", ["Say", "Tell", "Whether", "What", "How"])
def test_a_summary_begins_with_a_verb_or_a_noun(word: str, tmp_path: Path) -> None:
    code = f'"""A module."""\n\n\nclass A:\n    """{word} it is."""\n\n\ndef f():\n    """Return it."""\n'
    assert check(tmp_path, "a.py", code) == [(5, "summary")]
    assert check(tmp_path, "b.py", f'"""{word} it is."""\n') == [(1, "summary")]


def test_words_that_only_begin_alike_open_a_summary(tmp_path: Path) -> None:
    assert check(tmp_path, "a.py", '"""Sayings, tellers and howlers."""\n\n"""Howard\'s method."""\n') == []


@pytest.mark.parametrize(
    "sentence",
    [
        "{x!r} is no category",
        "bytes that are no text",
        "States that are no more are listed.",
        "The polarity has no say in them.",
        "These votes do not tell members apart.",
        "Movement and change cannot be told apart.",
        "The format is told by the name.",
        "It stands beside the model.",
        "Beside it stands the model.",
        "Members repeat votes more often than their positions have it.",
        "The code, as the record has it",
        "What was skipped is said.",
        "What it says of itself",
        "The likelihood rises for ever.",
        "Each has a file of its own.",
        "by walks of their own",
        "a process of its own that stays alive",
        "5 clusters cannot carry 9 parameters",
        "The model ascribes 3 votes to it.",
    ],
)
def test_phrases_of_the_dialect_are_reported_in_code_and_pages(sentence: str, tmp_path: Path) -> None:
    assert check(tmp_path, "a.py", f'x = f"{sentence}"\n') == [(1, "phrase")]
    assert check(tmp_path, "a.md", f"# Title\n\nA line\n{sentence}\n") == [(4, "phrase")]
    assert check(tmp_path, "a.j2", f"<p>{{{{ a }}}}</p>\n<p>{sentence}</p>\n") == [(2, "phrase")]


@pytest.mark.parametrize(
    "sentence",
    [
        "There is no model.",
        "Where there are no rows, nothing is drawn.",
        "The member is no longer seated.",
        "It was no faster, and is no more than a rank.",
        "0 is no and 2 is yes",
        "Cutpoints lie apart; cells tell. Apart from them nothing does.",
        "It is said to be causal.",
        "The list is for everybody.",
        "The standard error of its own votes",
        "A model of your own",
        "If neither place has it: the installation is incomplete.",
        "Both lie side by side, and besides these nothing.",
        "`x beside y` and ``is no member`` are code",
    ],
)
def test_plain_english_is_left_alone(sentence: str, tmp_path: Path) -> None:
    assert check(tmp_path, "a.py", f'x = f"{sentence}"\n') == []
    assert check(tmp_path, "a.md", f"{sentence}\n") == []


def test_a_phrase_over_a_line_break_is_reported_where_it_begins(tmp_path: Path) -> None:
    docstring = (
        '"""Title.\n\n    A file that is\n    no workbook.\n\n    >>> 1  # it is no\n    member\n    """\n'
    )
    assert check(tmp_path, "a.py", docstring) == [(3, "phrase")]


def test_no_phrase_runs_from_one_paragraph_into_the_next(tmp_path: Path) -> None:
    assert (
        check(tmp_path, "a.md", "- what it is\n- no member\n\n    it is no code\n\n```\nis no x\n```\n") == []
    )


@pytest.mark.parametrize(
    ("name", "faults"),
    [("src/voteshift/a.py", [(3, "option")]), ("src/voteshift/cli/a.py", []), ("tools/a.py", [])],
)
def test_messages_of_the_library_name_no_option(
    name: str, faults: list[tuple[int, str]], tmp_path: Path
) -> None:
    code = (
        '"""See --tests of the command line."""\n\nx = "give --since and a path"\ny = "a--b, a -- b, ---"\n'
    )
    assert check(tmp_path, name, code) == faults


@pytest.mark.parametrize(
    "code",
    [
        "{} = 1",
        "for {} in (): ...",
        "x = [{} for {} in ()]",
        "def f({}): ...",
        "def f(*, {}=1): ...",
        "import json as {}",
        "with open('a') as {}: ...",
        "class A:\n    {}: int",
        "print({} := 1)",
    ],
)
def test_names_that_do_not_describe_their_content_are_reported(code: str, tmp_path: Path) -> None:
    for name in language.NAMES:
        assert {rule for _, rule in check(tmp_path, "a.py", code.replace("{}", name))} == {"name"}
    assert check(tmp_path, "a.py", code.replace("{}", "index")) == []


def test_attributes_and_keywords_of_others_may_have_any_name(tmp_path: Path) -> None:
    assert check(tmp_path, "a.py", "x.found = f(at=1)\nprint(x.at[0], which)\n") == []


def test_cells_of_notebooks_are_checked(tmp_path: Path) -> None:
    cells = (
        '[{"cell_type": "markdown", "source": ["a is no b"]}, {"cell_type": "code", "source": ["at = 1"]}]'
    )
    assert check(tmp_path, "a.ipynb", f'{{"cells": {cells}}}') == [(1, "phrase"), (1, "name")]


def test_a_fault_is_printed_with_its_place_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text('"""A module."""\n\nx = "One. {} is no b. Three."\n', encoding="utf-8")
    assert language.main([str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert f"{tmp_path / 'a.py'}:3: '{{}} is no b.'" in printed.out
    assert printed.err == "1 faults\n"
    (tmp_path / "a.py").write_text('"""A module."""\n', encoding="utf-8")
    assert language.main([str(tmp_path)]) == 0


def test_a_place_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        language.main([str(tmp_path / "a.py")])
