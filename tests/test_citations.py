"""References: what a result used is cited, and the entries are well formed."""

import re
from itertools import product

import pytest

from voteshift.citations import list_references

CASES = list(product(["map", "marginal", "nuts", "logit"], [False, True]))


@pytest.mark.parametrize(("method", "dynamic"), CASES)
def test_entries_are_well_formed(method, dynamic):
    references = list_references(
        bundled=True, method=method, dynamic=dynamic, bridged=dynamic, parts=dynamic, voice=dynamic
    )
    keys = [one.key for one in references]
    assert len(set(keys)) == len(keys)
    for one in references:
        assert one.bibtex.count("{") == one.bibtex.count("}")
        assert one.bibtex.startswith(f"@{one.kind}{{{one.key},\n")
        assert re.fullmatch(r"\d{4}", one.fields["year"])
        assert one.fields["author"]
        assert one.fields["title"]
        assert one.reason
        assert "{" not in one.text
        assert "doi" not in one.fields or f"https://doi.org/{one.fields['doi']}" in one.text


def test_what_was_used_is_cited_and_nothing_else():
    assert [one.key for one in list_references(bundled=False)] == ["voteshift", "clinton2004"]
    keys = {
        one.key
        for one in list_references(bundled=True, method="nuts", dynamic=True, bridged=True, parts=True)
    }
    assert keys == {"voteshift", "szoszkiewicz2026", "clinton2004", "hoffman2014", "martin2002", "bailey2017",
                    "shapley1953"}  # fmt: skip
    logit = list_references(bundled=True, method="logit", voice=True)
    assert [one.key for one in logit] == ["voteshift", "szoszkiewicz2026", "kaufmann2011"]
    assert "imai2016" in {one.key for one in list_references(bundled=True, method="marginal")}


def test_the_file_for_citation_names_version_and_authors_of_the_package(root):
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {project['version']}\n" in text
    for author in project["authors"]:
        assert f'  - name: "{author["name"]}"' in text
    for licence in project["license"].split(" AND "):
        assert f"  - {licence}\n" in text
    software = list_references(bundled=False)[0]
    assert software.fields["title"] in text
    assert software.fields["author"] == "{The voteshift developers}"
    assert software.fields["version"] == project["version"]
