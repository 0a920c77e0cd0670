# Make the three files that test_pscl.py reads: Rscript rollcall.R, in this folder.
suppressPackageStartupMessages(library(pscl))
votes <- matrix(c(1, 0, 9, NA, 1, 0), nrow = 3, dimnames = list(c("Ada", "Ben", "Cem"), c("v1", "v2")))
fish <- rollcall(
  votes, yea = 1, nay = 0, missing = NA, notInLegis = 9,
  legis.names = rownames(votes), vote.names = colnames(votes),
  legis.data = data.frame(party = c("X", "Y", "X"), row.names = rownames(votes)),
  vote.data = data.frame(
    date = as.Date(c("2001-02-03", "2001-02-04")), description = c("On fish", "On fowl"),
    row.names = colnames(votes), stringsAsFactors = FALSE
  ),
  desc = "A made-up chamber"
)
save(fish, file = "rollcall.rda")
x <- 1:3
save(x, file = "vector.rda")
save(fish, file = "rollcall_as_text.rda", ascii = TRUE)
