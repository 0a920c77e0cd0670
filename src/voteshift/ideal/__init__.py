"""Ideal-point models: specification, mode, uncertainty, results."""

from voteshift.ideal.covariates import Covariates
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.spec import RandomWalk
from voteshift.ideal.interface import Fit
from voteshift.ideal.item_slopes import ItemSlopes
from voteshift.ideal.links import CustomLink
from voteshift.ideal.methods import Marginal, Mode
from voteshift.ideal.objective import Priors
from voteshift.ideal.published_models import Published, published
from voteshift.ideal.results import IdealFit
from voteshift.ideal.slopes import Slopes
from voteshift.ideal.spec import IdealPoints
from voteshift.ideal.storage import load_fit

__all__ = [
    "Covariates",
    "CustomLink",
    "DynamicFit",
    "Fit",
    "IdealFit",
    "IdealPoints",
    "ItemSlopes",
    "Marginal",
    "Mode",
    "Priors",
    "Published",
    "RandomWalk",
    "Slopes",
    "load_fit",
    "published",
]
