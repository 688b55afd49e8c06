# What this analyzer alone links.
set(LIBRARIES PkgConfig::IGRAPH PkgConfig::UTF8PROC PkgConfig::XXHASH PkgConfig::ICU Threads::Threads)
