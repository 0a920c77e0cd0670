"""The registry of what draws pictures and writes reports."""

from types import ModuleType

import pytest

import voteshift as vs
from voteshift import faces


def test_a_face_is_loaded_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "_LOADERS", {})
    loaded: list[str] = []

    def load() -> ModuleType:
        loaded.append("plots")
        return ModuleType("drawn")

    faces.register_face("plots", load)
    assert loaded == []
    assert faces.load_face("plots").__name__ == "drawn"
    assert loaded == ["plots"]
    faces.register_face("plots", lambda: ModuleType("another"))
    assert faces.load_face("plots").__name__ == "another"


def test_what_is_not_registered_is_an_error_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "_LOADERS", {})
    with pytest.raises(LookupError, match="report"):
        faces.load_face("report")


def test_the_package_registers_pictures_and_reports() -> None:
    assert faces.load_face("plots") is vs.plots
    assert faces.load_face("report").__name__ == "voteshift.report"
