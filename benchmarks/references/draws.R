# Draws of the positions of a binary ideal-point model, as they come out of a package.
#
#   Rscript draws.R PACKAGE VOTES OUT SEED ITERATIONS BURNIN
#
# VOTES: members by roll calls, 1 yes, 0 no, empty nothing. OUT: a row per draw, a column per member. Items are
# N(0, 5^2), positions N(0, 1). Printed: version=, seconds= (of the chain, burn-in included).
arguments <- commandArgs(trailingOnly = TRUE)
package <- arguments[1]
seed <- as.integer(arguments[4])
iterations <- as.integer(arguments[5])
burnin <- as.integer(arguments[6])
votes <- as.matrix(read.csv(arguments[2], row.names = 1, check.names = FALSE, na.strings = ""))
suppressPackageStartupMessages(library(package, character.only = TRUE))
set.seed(seed)
if (package == "pscl") {
  record <- rollcall(votes, yea = 1, nay = 0, missing = NA)
  began <- proc.time()[3]
  found <- ideal(record, d = 1, maxiter = iterations, burnin = burnin, thin = 1, store.item = FALSE,
    dropList = list(lop = 0), priors = list(bp = matrix(0.04, ncol(votes), 2)), verbose = FALSE)
  seconds <- proc.time()[3] - began
  draws <- found$x[, , 1]
} else {
  began <- proc.time()[3]
  found <- MCMCirt1d(votes, burnin = burnin, mcmc = iterations - burnin, thin = 1, seed = seed,
    AB0 = 0.04, store.item = FALSE, verbose = 0)
  seconds <- proc.time()[3] - began
  draws <- as.matrix(found)
}
write.csv(draws, arguments[3], row.names = FALSE)
cat("version=", as.character(packageVersion(package)), "\n", sep = "")
cat("seconds=", seconds, "\n", sep = "")
