# Distributions and quantiles: Boost.Math (headers).
set(LIBRARIES Threads::Threads)
