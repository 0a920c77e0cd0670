"""Pictures. Each picture has a function that returns its table and a function that draws it."""

from voteshift.plots.chamber_change import chamber_change, chamber_change_table
from voteshift.plots.councils import councils, councils_table
from voteshift.plots.flow import flow, flow_table
from voteshift.plots.overview import overview, overview_table
from voteshift.plots.positions import positions, positions_table, regions_table
from voteshift.plots.registry import Plot, register_plot, registered_plots
from voteshift.plots.seats import seats, seats_table
from voteshift.plots.spatial_map import cutting_lines_table, spatial_map, spatial_map_table
from voteshift.plots.timelines import timelines, timelines_table
from voteshift.plots.trajectories import trajectories, trajectories_table
from voteshift.plots.waterfall import waterfall, waterfall_table

__all__ = [
    "Plot",
    "chamber_change",
    "chamber_change_table",
    "councils",
    "councils_table",
    "cutting_lines_table",
    "flow",
    "flow_table",
    "overview",
    "overview_table",
    "positions",
    "positions_table",
    "regions_table",
    "register_plot",
    "registered_plots",
    "seats",
    "seats_table",
    "spatial_map",
    "spatial_map_table",
    "timelines",
    "timelines_table",
    "trajectories",
    "trajectories_table",
    "waterfall",
    "waterfall_table",
]
