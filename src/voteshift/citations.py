"""References for a paper: the software, the bundled record, and the method of a result; as BibTeX."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

__all__ = ["METHODS", "Reference", "list_references"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication to cite.

    Attributes
    ----------
    key : str
        Key of the BibTeX entry.
    kind : str
        Kind of the BibTeX entry: "article", "software", "dataset" or "incollection".
    reason : str
        The part of the analysis for which it is cited.
    fields : dict of str to str
        Fields of the BibTeX entry.
    """

    key: str
    kind: str
    reason: str
    fields: dict[str, str]

    @property
    def text(self) -> str:
        """The reference in one line."""
        fields = self.fields
        place = fields.get("journal") or fields.get("booktitle") or fields.get("publisher") or ""
        number = f" {fields['volume']}: {fields['pages']}" if "volume" in fields and "pages" in fields else ""
        edition = f" (version {fields['version']})" if "version" in fields else ""
        doi = f" https://doi.org/{fields['doi']}" if "doi" in fields else ""
        author = fields["author"].replace(" and ", "; ")
        where = f" {place}{number}." if place else ""
        text = f"{author} ({fields['year']}). {fields['title']}{edition}.{where}{doi}"
        return text.replace("{", "").replace("}", "").replace("--", "-")

    @property
    def bibtex(self) -> str:
        """The BibTeX entry."""
        lines = [f"  {name} = {{{value}}}," for name, value in self.fields.items()]
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])


_RECORD: Final = Reference(
    "szoszkiewicz2026",
    "dataset",
    "the bundled record (United Nations, OHCHR Search Library, Voting Collection)",
    {
        "author": "Szoszkiewicz, Łukasz",
        "title": "{OHCHR} Voting Records",
        "year": "2026",
        "publisher": "Zenodo",
        "doi": "10.5281/zenodo.21281232",
    },
)
_VOICE: Final = Reference(
    "kaufmann2011",
    "article",
    "the bundled covariate voice (voice and accountability, Worldwide Governance Indicators, World Bank, "
    "CC BY 4.0)",
    {
        "author": "Kaufmann, Daniel and Kraay, Aart and Mastruzzi, Massimo",
        "title": "The {Worldwide} {Governance} {Indicators}: Methodology and Analytical Issues",
        "journal": "Hague Journal on the Rule of Law",
        "year": "2011",
        "volume": "3",
        "number": "2",
        "pages": "220--246",
        "doi": "10.1017/S1876404511200046",
    },
)
_MODEL: Final = Reference(
    "clinton2004",
    "article",
    "the ideal-point model",
    {
        "author": "Clinton, Joshua and Jackman, Simon and Rivers, Douglas",
        "title": "The Statistical Analysis of Roll Call Data",
        "journal": "American Political Science Review",
        "year": "2004",
        "volume": "98",
        "number": "2",
        "pages": "355--370",
        "doi": "10.1017/S0003055404001194",
    },
)
_MARGINAL: Final = Reference(
    "imai2016",
    "article",
    "a variational approximation of the posterior of ideal points",
    {
        "author": "Imai, Kosuke and Lo, James and Olmsted, Jonathan",
        "title": "Fast Estimation of Ideal Points with Massive Data",
        "journal": "American Political Science Review",
        "year": "2016",
        "volume": "110",
        "number": "4",
        "pages": "631--656",
        "doi": "10.1017/S000305541600037X",
    },
)
_NUTS: Final = Reference(
    "hoffman2014",
    "article",
    "the sampler of the posterior",
    {
        "author": "Hoffman, Matthew D. and Gelman, Andrew",
        "title": "The {No-U-Turn} Sampler: Adaptively Setting Path Lengths in {Hamiltonian} {Monte} {Carlo}",
        "journal": "Journal of Machine Learning Research",
        "year": "2014",
        "volume": "15",
        "number": "47",
        "pages": "1593--1623",
    },
)
_WALK: Final = Reference(
    "martin2002",
    "article",
    "dynamic positions as random walks",
    {
        "author": "Martin, Andrew D. and Quinn, Kevin M.",
        "title": "Dynamic Ideal Point Estimation via {Markov} Chain {Monte} {Carlo} for the {U.S.} Supreme "
        "Court, 1953--1999",
        "journal": "Political Analysis",
        "year": "2002",
        "volume": "10",
        "number": "2",
        "pages": "134--153",
        "doi": "10.1093/pan/10.2.134",
    },
)
_BRIDGES: Final = Reference(
    "bailey2017",
    "article",
    "resolutions that share an item and bridge periods",
    {
        "author": "Bailey, Michael A. and Strezhnev, Anton and Voeten, Erik",
        "title": "Estimating Dynamic State Preferences from {United Nations} Voting Data",
        "journal": "Journal of Conflict Resolution",
        "year": "2017",
        "volume": "61",
        "number": "2",
        "pages": "430--456",
        "doi": "10.1177/0022002715595700",
    },
)
_SHAPLEY: Final = Reference(
    "shapley1953",
    "incollection",
    "the division of a change into parts",
    {
        "author": "Shapley, Lloyd S.",
        "title": "A Value for {n-Person} Games",
        "booktitle": "Contributions to the Theory of Games {II}",
        "publisher": "Princeton University Press",
        "year": "1953",
        "pages": "307--318",
        "doi": "10.1515/9781400881970-018",
    },
)
#: References of the methods of estimation, by the name in ``fit.reached["method"]``, and of logistic models.
METHODS: Final = {
    "map": (_MODEL,),
    "marginal": (_MODEL, _MARGINAL),
    "nuts": (_MODEL, _NUTS),
    "logit": (),
}


def list_references(
    *,
    bundled: bool,
    method: str = "map",
    dynamic: bool = False,
    bridged: bool = False,
    parts: bool = False,
    voice: bool = False,
) -> list[Reference]:
    """List the references of an analysis: the software, the record, then the method.

    Parameters
    ----------
    bundled : bool
        True if the record is the bundled record.
    method : {"map", "marginal", "nuts", "logit"}
        The method of estimation of ideal points, as in ``fit.reached["method"]``; "logit" for a logistic
        model.
    dynamic, bridged : bool
        True if positions are dynamic, and if roll calls of different periods share an item.
    parts : bool
        True if a change is divided into parts.
    voice : bool
        True if the bundled voice and accountability is a covariate.
    """
    release = version("voteshift")
    software = Reference(
        "voteshift",
        "software",
        "the software",
        {
            "author": "{The voteshift developers}",
            "title": "voteshift: Why the Outcome of a Repeated Vote Changed",
            "year": "2026",
            "version": release,
        },
    )
    return [
        software,
        *((_RECORD,) if bundled else ()),
        *((_VOICE,) if voice else ()),
        *METHODS[method],
        *((_WALK,) if dynamic else ()),
        *((_BRIDGES,) if bridged else ()),
        *((_SHAPLEY,) if parts else ()),
    ]
