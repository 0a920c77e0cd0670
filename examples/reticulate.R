# voteshift from R: Rscript examples/reticulate.R PYTHON
# PYTHON is the Python of an environment in which voteshift is installed.

library(reticulate)
use_python(commandArgs(trailingOnly = TRUE)[1], required = TRUE)
vs <- import("voteshift")
# Older versions of reticulate do not convert the data frames of pandas 3.
as_frame <- function(table) {
  if (is.data.frame(table)) table else as.data.frame(table$to_dict("list"), check.names = FALSE)
}

record <- vs$load_hrc()$between("2016", "2018")
fit <- vs$IdealPoints(method = "marginal")$fit(record)
positions <- as_frame(fit$tidy())
first <- head(positions[order(positions$estimate), c("member", "estimate", "conf_low", "conf_high")], 3)
print(first, row.names = FALSE)
cat(fit$contrast("CHN", "USA")$text, "\n")
print(as_frame(fit$median()$tidy())[, c("estimate", "member", "probability")], row.names = FALSE)
