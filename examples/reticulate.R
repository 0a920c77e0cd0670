# voteshift from R: Rscript examples/reticulate.R PYTHON
# PYTHON is the Python of an environment in which voteshift is installed.

library(reticulate)
use_python(commandArgs(trailingOnly = TRUE)[1], required = TRUE)
vs <- import("voteshift")

record <- vs$load_hrc()$between("2016", "2018")
fit <- vs$IdealPoints(method = "marginal")$fit(record)
positions <- fit$tidy()
first <- head(positions[order(positions$estimate), c("member", "estimate", "conf_low", "conf_high")], 3)
print(first, row.names = FALSE)
cat(fit$contrast("CHN", "USA")$text, "\n")
print(fit$median()$tidy()[, c("estimate", "member", "probability")], row.names = FALSE)
