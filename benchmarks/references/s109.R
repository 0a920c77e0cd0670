# Write the votes of the 109th Senate that pscl carries: Rscript s109.R OUT.csv
#
# A folder outside the repository, please: the data are the package's.
suppressPackageStartupMessages(library(pscl))
data(s109)
votes <- convertCodes(s109)
votes[votes == 9] <- NA
contested <- apply(votes, 2, function(column) length(unique(column[!is.na(column)])) > 1)
write.csv(votes[, contested], commandArgs(trailingOnly = TRUE)[1], na = "")
