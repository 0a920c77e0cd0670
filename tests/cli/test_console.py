"""Tables on a line of limited width."""

from rich.console import Console

from voteshift.cli.console import make_table


def test_wide_text_in_any_column_takes_nothing_from_the_others(capsys):
    """The second column of text is wider than the line: it continues below, and every cell is whole."""
    table = make_table(("choice", "what it is", "members", "roll calls"), text_columns=2)
    words = "positions from all other roll calls, then items of the resolution on the same scale " * 2
    table.add_row("whole record", words.strip(), "126", "908")
    Console(width=60).print(table)
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("choice", "what it is", "members", "roll calls", "126", "908"))
    flat = " ".join(printed.split())
    assert flat.count("resolution") == flat.count("scale") == 2
    assert max(map(len, printed.splitlines())) <= 60
