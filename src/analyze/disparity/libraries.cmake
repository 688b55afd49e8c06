# Distributions and quantiles: Boost.Math (headers). Letters: utf8proc.
set(LIBRARIES PkgConfig::UTF8PROC Threads::Threads)
