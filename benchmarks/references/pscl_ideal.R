# Posterior means of pscl::ideal for a matrix of binary votes.
#
#   Rscript pscl_ideal.R VOTES.csv OUT.csv SEED ITERATIONS BURNIN THIN
#
# VOTES.csv: first column the member, then one column per roll call with 1, 0 or nothing.
# OUT.csv: member, mean and sd over the kept draws, brought to mean 0 and standard deviation 1 (normalize = TRUE).
# Standard output: lines "key=value", seconds and versions among them.
suppressPackageStartupMessages(library(pscl))
arguments <- commandArgs(trailingOnly = TRUE)
numbers <- as.integer(arguments[3:6])
votes <- as.matrix(read.csv(arguments[1], row.names = 1, check.names = FALSE))
record <- rollcall(votes, yea = 1, nay = 0, missing = NA, legis.names = rownames(votes))
set.seed(numbers[1])
took <- system.time(
  fit <- ideal(record,
    dropList = list(lop = 0), d = 1, maxiter = numbers[2], burnin = numbers[3], thin = numbers[4],
    normalize = TRUE
  )
)
# The first kept draw is the state at the end of the burn-in.
draws <- fit$x[, , 1]
write.csv(data.frame(member = colnames(draws), mean = colMeans(draws), sd = apply(draws, 2, sd)),
  arguments[2],
  row.names = FALSE
)
size <- coda::effectiveSize(coda::mcmc(draws))
cat(sprintf("r=%s.%s\n", R.version$major, R.version$minor))
cat(sprintf("package=pscl\nversion=%s\n", packageVersion("pscl")))
cat(sprintf("members=%d\nrollcalls=%d\ndraws=%d\n", fit$n, fit$m, nrow(draws)))
cat(sprintf("effective_draws_median=%.0f\neffective_draws_min=%.0f\n", median(size), min(size)))
cat(sprintf("seconds=%.4f\n", took[["elapsed"]]))
