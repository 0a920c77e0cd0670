# Logistic models of a small made-up panel, by the packages people know.
#
#   Rscript logistic.R PANEL.csv OUT.json
#
# PANEL.csv: member, rollcall, vote (no, abstain, yes), x, z, group. OUT.json: estimates, covariances, versions.
# Search tolerances are set as tight as each package allows: the defaults stop at four or five digits.
suppressPackageStartupMessages({
  library(MASS)
  library(nnet)
  library(sandwich)
  library(brglm2)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
panel <- read.csv(arguments[1], colClasses = c(member = "character", rollcall = "character"))
panel$vote <- factor(panel$vote, levels = c("no", "abstain", "yes"), ordered = TRUE)
panel$yes <- as.integer(panel$vote == "yes")
members <- unique(panel$member)
full <- function(matrix) unname(as.matrix(matrix))

binary <- glm(yes ~ rollcall + x * z + group, binomial, panel, epsilon = 1e-14, maxit = 100)
left_out <- t(sapply(members, function(member) {
  coef(update(binary, data = panel[panel$member != member, ]))
}))
away <- sweep(left_out, 2, coef(binary))
G <- length(members)

tight <- list(reltol = 1e-17, maxit = 10000)
ordered <- lapply(c(logit = "logistic", probit = "probit"), function(method) {
  polr(vote ~ rollcall + x * z + group, panel, method = method, Hess = TRUE, control = tight)
})

base_yes <- factor(as.character(panel$vote), levels = c("yes", "no", "abstain"))
multi <- multinom(base_yes ~ rollcall + x + group, panel, reltol = 1e-17, abstol = 0, maxit = 10000, trace = FALSE, Hess = TRUE)
X <- model.matrix(~ rollcall + x + group, panel)
P <- fitted(multi)
scores <- do.call(cbind, lapply(c("no", "abstain"), function(k) X * ((base_yes == k) - P[, k])))
summed <- rowsum(scores, panel$member)
bread <- solve(multi$Hessian)

firth <- glm(yes ~ rollcall + x * z + group, binomial, panel,
  method = "brglmFit", type = "MPL_Jeffreys", epsilon = 1e-13, maxit = 1000
)
some <- panel[panel$rollcall == panel$rollcall[1], ]
some_yes <- factor(as.character(some$vote), levels = c("yes", "no", "abstain"))
firth_multi <- brmultinom(some_yes ~ x + group, some, ref = 1, type = "MPL_Jeffreys", epsilon = 1e-13, maxit = 1000)

out <- list(
  made_by = "benchmarks/references/logistic.R",
  versions = as.list(c(
    R = paste(R.version$major, R.version$minor, sep = "."),
    sapply(c("MASS", "nnet", "sandwich", "brglm2"), function(name) as.character(packageVersion(name)))
  )),
  binary = list(
    params = as.list(coef(binary)), llf = as.numeric(logLik(binary)), naive = full(vcov(binary)),
    cr1 = full(vcovCL(binary, cluster = panel$member, type = "HC0")),
    cr3 = full((G - 1) / G * crossprod(away))
  ),
  ordered = lapply(ordered, function(fit) {
    list(
      params = as.list(c(coef(fit), fit$zeta)), llf = as.numeric(logLik(fit)),
      cr1 = full(vcovCL(fit, cluster = panel$member, type = "HC0"))
    )
  }),
  multinomial = list(
    params = apply(coef(multi), 1, as.list), llf = as.numeric(logLik(multi)),
    cr1 = full(G / (G - 1) * bread %*% crossprod(summed) %*% bread)
  ),
  firth = list(params = as.list(coef(firth))),
  firth_multinomial = list(rollcall = some$rollcall[1], params = apply(coef(firth_multi), 1, as.list))
)
write_json(out, arguments[2], digits = I(17), auto_unbox = TRUE, pretty = TRUE)
