# The oracle of disparity_counts_test.py: the same lines on stdin as tests/kit/disparity_counts.cpp, the same names in the answers.
# fisher.test and mantelhaen.test find their odds ratios and limits with uniroot's default tolerance (1.2e-4): they are
# given as `r.*`; the same equations are solved here again to 1e-13, from R's own hypergeometric densities, as `mle`, `exact.*`.
say <- function(...) { v <- c(...); cat(paste0(names(v), "=", sprintf("%.17g", v), collapse = " "), "\n", sep = "") }

# Solves for ln psi: increasing f.
root <- function(f) exp(uniroot(f, c(-60, 60), tol = 1e-13, maxiter = 10000)$root)

# x is seen; `logd` are log weights of lo, lo + 1, ... at an odds ratio of 1.
limits <- function(x, lo, logd, level) {
    support <- lo + seq_along(logd) - 1
    alpha <- (1 - level) / 2
    d <- function(theta) { w <- logd + theta * (support - x); w <- exp(w - max(w)); w / sum(w) }
    hi <- max(support)
    upper <- function(theta, part) { w <- d(theta); sum(w[support > x]) + part * w[support == x] }
    lower <- function(theta, part) { w <- d(theta); sum(w[support < x]) + part * w[support == x] }
    w <- d(0)
    one <- length(support) == 1
    c(mle = if (one) NaN else if (x == lo) 0 else if (x == hi) Inf else root(function(t) sum(support * d(t)) - x),
      exact.low = if (x == lo) 0 else root(function(t) log(upper(t, 1)) - log(alpha)),
      exact.high = if (x == hi) Inf else root(function(t) log(alpha) - log(lower(t, 1))),
      mid.low = if (x == lo) 0 else root(function(t) log(upper(t, 0.5)) - log(alpha)),
      mid.high = if (x == hi) Inf else root(function(t) log(alpha) - log(lower(t, 0.5))),
      midp = min(1, 2 * min(upper(0, 0.5), lower(0, 0.5))))
}

rate <- function(v) {
    k <- v[1]; n <- v[2]
    cp <- binom.test(k, n, conf.level = v[3])$conf.int
    w <- prop.test(k, n, conf.level = v[3], correct = FALSE)$conf.int
    alpha <- (1 - v[3]) / 2
    up <- function(p) pbinom(k, n, p, lower.tail = FALSE) + dbinom(k, n, p) / 2
    down <- function(p) pbinom(k - 1, n, p) + dbinom(k, n, p) / 2
    solve <- function(f) plogis(uniroot(function(t) f(plogis(t)), c(-40, 40), tol = 1e-13, maxiter = 10000)$root)
    say(cp.low = cp[1], cp.high = cp[2], wilson.low = w[1], wilson.high = w[2],
        midp.low = if (k == 0) 0 else solve(function(p) up(p) - alpha),
        midp.high = if (k == n) 1 else solve(function(p) alpha - down(p)))
}

two <- function(v) {
    x1 <- v[1]; n1 <- v[2]; x2 <- v[3]; n2 <- v[4]; level <- v[5]
    f <- fisher.test(matrix(c(x1, x2, n1 - x1, n2 - x2), 2), conf.level = level)
    plain <- prop.test(c(x1, x2), c(n1, n2), correct = FALSE)
    yates <- prop.test(c(x1, x2), c(n1, n2), correct = TRUE)
    lo <- max(0, x1 + x2 - n2)
    hi <- min(n1, x1 + x2)
    say(fisher = f$p.value, r.mle = unname(f$estimate), r.low = f$conf.int[1], r.high = f$conf.int[2],
        pearson = unname(plain$statistic), pearson.p = plain$p.value, yates = unname(yates$statistic), yates.p = yates$p.value,
        limits(x1, lo, dhyper(lo:hi, n1, n2, x1 + x2, log = TRUE), level))
}

cube <- function(v) array(apply(matrix(v, 4), 2, function(t) c(t[1], t[3], t[2] - t[1], t[4] - t[3])), c(2, 2, length(v) / 4))

strata <- function(v) {
    x <- cube(v[-1])
    plain <- mantelhaen.test(x, correct = FALSE, conf.level = v[1])
    yates <- mantelhaen.test(x, correct = TRUE, conf.level = v[1])
    say(cmh = unname(plain$statistic), cmh.p = plain$p.value, cmhc = unname(yates$statistic), cmhc.p = yates$p.value,
        odds = unname(plain$estimate), odds.low = plain$conf.int[1], odds.high = plain$conf.int[2])
}

exact <- function(v) {
    x <- cube(v[-1])
    r <- mantelhaen.test(x, exact = TRUE, conf.level = v[1])
    m <- x[1, 1, ] + x[1, 2, ]; n <- x[2, 1, ] + x[2, 2, ]; t <- x[1, 1, ] + x[2, 1, ]
    lo <- sum(pmax(0, t - n)); hi <- sum(pmin(m, t))
    # The density of the sum, folded from R's own hypergeometric densities.
    d <- 1
    for (k in seq_along(m)) {
        one <- dhyper(max(0, t[k] - n[k]):min(m[k], t[k]), m[k], n[k], t[k])
        sum <- numeric(length(d) + length(one) - 1)
        for (j in seq_along(one)) sum[j:(j + length(d) - 1)] <- sum[j:(j + length(d) - 1)] + d * one[j]
        d <- sum
    }
    say(fisher = r$p.value, r.mle = unname(r$estimate), r.low = r$conf.int[1], r.high = r$conf.int[2],
        limits(sum(x[1, 1, ]), lo, log(d), v[1]))
}

adjust <- function(v, method) { a <- p.adjust(v, method); names(a) <- seq_along(a) - 1; say(a) }

options(warn = -1)
for (line in readLines(file("stdin"))) {
    words <- strsplit(line, " ")[[1]]
    v <- as.numeric(words[-1])
    switch(words[1], rate = rate(v), two = two(v), strata = strata(v), exact = exact(v), holm = adjust(v, "holm"), bh = adjust(v, "BH"))
}
