# Posterior means of MCMCpack::MCMCirt1d for a matrix of binary votes.
#
#   Rscript mcmcpack_irt1d.R VOTES.csv OUT.csv SEED ITERATIONS BURNIN THIN
#
# Arguments and output as in pscl_ideal.R; ITERATIONS includes the burn-in. The same priors: positions N(0, 1),
# items precision 0.04. Every draw is standardised and turned the way of the last one.
suppressPackageStartupMessages(library(MCMCpack))
arguments <- commandArgs(trailingOnly = TRUE)
numbers <- as.integer(arguments[3:6])
votes <- as.matrix(read.csv(arguments[1], row.names = 1, check.names = FALSE))
took <- system.time(
  draws <- MCMCirt1d(votes,
    burnin = numbers[3], mcmc = numbers[2] - numbers[3], thin = numbers[4], seed = numbers[1],
    AB0 = 0.04, store.item = FALSE, store.ability = TRUE
  )
)
draws <- as.matrix(draws)
draws <- (draws - rowMeans(draws)) / apply(draws, 1, sd)
draws <- draws * sign(draws %*% draws[nrow(draws), ])[, 1]
write.csv(data.frame(member = sub("^theta\\.", "", colnames(draws)), mean = colMeans(draws), sd = apply(draws, 2, sd)),
  arguments[2],
  row.names = FALSE
)
size <- coda::effectiveSize(coda::mcmc(draws))
cat(sprintf("r=%s.%s\n", R.version$major, R.version$minor))
cat(sprintf("package=MCMCpack\nversion=%s\n", packageVersion("MCMCpack")))
cat(sprintf("members=%d\nrollcalls=%d\ndraws=%d\n", nrow(votes), ncol(votes), nrow(draws)))
cat(sprintf("effective_draws_median=%.0f\neffective_draws_min=%.0f\n", median(size), min(size)))
cat(sprintf("seconds=%.4f\n", took[["elapsed"]]))
