# Slopes of positions on covariates of members by MCMCpack::MCMCirtHier1d, for a matrix of binary votes.
#
#   Rscript mcmcpack_hier1d.R VOTES.csv COVARIATES.csv OUT.csv SEED ITERATIONS BURNIN THIN
#
# VOTES.csv as in pscl_ideal.R; COVARIATES.csv has the ids of the members in its first column, in the same order,
# and one centred column per covariate. ITERATIONS includes the burn-in. The link is probit. Items have precision 0.04,
# slopes precision 0.01, and the variance of the residuals is IG(c0/2, d0/2). Every draw is put on the scale where
# positions have mean 0 and standard deviation 1 (divisor n): slopes are divided by the standard deviation of the
# positions of the draw, and turned the way of the last draw.
suppressPackageStartupMessages(library(MCMCpack))
arguments <- commandArgs(trailingOnly = TRUE)
numbers <- as.integer(arguments[4:7])
votes <- as.matrix(read.csv(arguments[1], row.names = 1, check.names = FALSE))
covariates <- read.csv(arguments[2], row.names = 1, check.names = FALSE)
stopifnot(identical(rownames(votes), rownames(covariates)))
draws <- as.matrix(MCMCirtHier1d(votes,
  Xjdata = covariates, burnin = numbers[3], mcmc = numbers[2] - numbers[3], thin = numbers[4],
  seed = numbers[1], AB0 = 0.04, B0 = 0.01, c0 = 0.001, d0 = 0.001, store.item = FALSE, store.ability = TRUE,
  # With px = TRUE, the default of version 1.6-3, discriminations on the scale of the votes of the Council are
  # 16 times smaller than with px = FALSE, which agrees with MCMCirt1d and with voteshift.
  px = FALSE
))
positions <- draws[, grep("^theta", colnames(draws))]
# The package adds no intercept; centred covariates need none. Names of the slopes are made by the package.
slopes <- draws[, ncol(positions) + seq_along(covariates), drop = FALSE]
stopifnot(all(grepl("beta", colnames(slopes))), !grepl("sigma", colnames(slopes)))
sds <- sqrt(rowMeans((positions - rowMeans(positions))^2))
turned <- sign((positions - rowMeans(positions)) %*% positions[nrow(positions), ])[, 1]
slopes <- turned * slopes / sds
write.csv(
  data.frame(
    term = names(covariates), mean = colMeans(slopes), sd = apply(slopes, 2, sd),
    effective_draws = coda::effectiveSize(coda::mcmc(slopes))
  ),
  arguments[3],
  row.names = FALSE
)
cat(sprintf("sd_of_positions=%.4f\n", mean(sds)))
cat(sprintf("r=%s.%s\n", R.version$major, R.version$minor))
cat(sprintf("package=MCMCpack\nversion=%s\n", packageVersion("MCMCpack")))
