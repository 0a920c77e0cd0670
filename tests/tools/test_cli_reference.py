"""The command-line reference is that of the program as it is."""

import pytest


@pytest.fixture
def tool(tool_script):
    return tool_script("cli_reference")


def test_the_page_is_up_to_date(tool):
    current = tool.PAGE.read_text(encoding="utf-8")
    assert current == tool.page(current), "run python tools/cli_reference.py"
    assert tool.main(["--check"]) == 0


def test_every_command_and_option_is_on_the_page(tool):
    text = tool.PAGE.read_text(encoding="utf-8")
    for section in tool.sections(tool.app, "voteshift"):
        assert section in text
    assert "## `voteshift explain`" in text


def test_a_page_out_of_date_is_seen_and_mended(tool, tmp_path, monkeypatch, capsys):
    page = tmp_path / "cli.md"
    page.write_text(f"# Prose\n\n{tool.MARKER}\n\n## old\n", encoding="utf-8")
    monkeypatch.setattr(tool, "PAGE", page)
    assert tool.main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert "## old" in page.read_text(encoding="utf-8")
    assert tool.main([]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Prose\n")
    assert "## old" not in text
    assert tool.main(["--check"]) == 0


def test_a_page_without_the_marker_is_left_alone(tool):
    with pytest.raises(SystemExit, match="lacks the line"):
        tool.page("# Prose\n")
