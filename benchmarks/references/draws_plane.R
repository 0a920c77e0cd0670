# Draws of two-dimensional positions of a binary ideal-point model, as they come out of a package.
#
#   Rscript draws_plane.R PACKAGE VOTES OUT SEED ITERATIONS BURNIN THIN
#
# VOTES: members by roll calls, 1 yes, 0 no, empty nothing. OUT: a row per draw; the members' first coordinates,
# then the second. ITERATIONS includes the burn-in. Items are N(0, 5^2), positions N(0, I). Printed: version=,
# seconds= (of the chain, burn-in included).
arguments <- commandArgs(trailingOnly = TRUE)
package <- arguments[1]
numbers <- as.integer(arguments[4:7])
votes <- as.matrix(read.csv(arguments[2], row.names = 1, check.names = FALSE, na.strings = ""))
suppressPackageStartupMessages(library(package, character.only = TRUE))
set.seed(numbers[1])
began <- proc.time()[3]
if (package == "pscl") {
  record <- rollcall(votes, yea = 1, nay = 0, missing = NA)
  found <- ideal(record, d = 2, maxiter = numbers[2], burnin = numbers[3], thin = numbers[4], store.item = FALSE,
    dropList = list(lop = 0), priors = list(bp = matrix(0.04, ncol(votes), 3)), verbose = FALSE)
  seconds <- proc.time()[3] - began
  draws <- cbind(found$x[, , 1], found$x[, , 2])
} else {
  found <- MCMCirtKd(votes, dimensions = 2, burnin = numbers[3], mcmc = numbers[2] - numbers[3],
    thin = numbers[4], seed = numbers[1], AB0 = 0.04, store.item = FALSE, store.ability = TRUE, verbose = 0)
  seconds <- proc.time()[3] - began
  # Columns come by member: theta.NAME.1, theta.NAME.2.
  draws <- as.matrix(found)
  draws <- cbind(draws[, grepl("\\.1$", colnames(draws))], draws[, grepl("\\.2$", colnames(draws))])
}
stopifnot(ncol(draws) == 2 * nrow(votes))
write.csv(draws, arguments[3], row.names = FALSE)
cat("version=", as.character(packageVersion(package)), "\n", sep = "")
cat("seconds=", seconds, "\n", sep = "")
