# Time emIRT on a matrix of votes: binIRT with two categories, ordIRT with three.
#
#   Rscript emirt.R VOTES.bin OUT.csv MEMBERS ROLLCALLS CATEGORIES THREADS SEED
#
# VOTES.bin: one signed byte a vote, roll call after roll call: the category from 0, or -1 for none.
# OUT.csv: one position a line. Standard output: lines "key=value", the seconds of the call alone among them.
# Starts, priors and tolerance are those of the package's own examples, which are its defaults.
suppressPackageStartupMessages(library(emIRT))
arguments <- commandArgs(trailingOnly = TRUE)
numbers <- as.integer(arguments[3:7])
n <- numbers[1]
m <- numbers[2]
votes <- matrix(readBin(arguments[1], "integer", n * m, size = 1, signed = TRUE), n, m)
set.seed(numbers[5])
control <- list(threads = numbers[4], verbose = FALSE, thresh = 1e-6)
if (numbers[3] == 2) {
  record <- list(votes = ifelse(votes < 0, 0, 2 * votes - 1))
  priors <- makePriors(n, m, 1)
  starts <- getStarts(n, m, 1)
  took <- system.time(invisible(capture.output(
    fit <- binIRT(record, .starts = starts, .priors = priors, .control = control)
  )))
} else {
  record <- votes + 1
  column <- function(values) matrix(values, ncol = 1)
  starts <- list(
    DD = column(rep(0.5, m)), tau = column(rep(-0.5, m)), beta = column(runif(m, -1, 1)), x = column(runif(n, -1, 1))
  )
  priors <- list(
    x = list(mu = matrix(0, 1, 1), sigma = matrix(1, 1, 1)),
    beta = list(mu = matrix(0, 2, 1), sigma = diag(25, 2))
  )
  took <- system.time(invisible(capture.output(
    fit <- ordIRT(record, .starts = starts, .priors = priors, .control = control)
  )))
}
writeLines(sprintf("%.9g", fit$means$x[, 1]), arguments[2])
cat(sprintf("r=%s.%s\n", R.version$major, R.version$minor))
cat(sprintf("version=%s\niterations=%d\n", packageVersion("emIRT"), fit$runtime$iters))
cat(sprintf("seconds=%.4f\n", took[["elapsed"]]))
