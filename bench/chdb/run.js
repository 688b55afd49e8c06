#!/usr/bin/env node
// Runs the SQL script on stdin with ClickHouse (chDB, ClickHouse as a library), in the current folder: the whole script at once, as
// `clickhouse local < script.sql` does, so that the engine itself says where a statement ends.
//
//     node run.js MODULES [THREADS] < script.sql
//
// MODULES is the folder that holds node_modules. Each row that a statement gives goes to stdout, a JSON list of values.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");

const [modules, threads] = process.argv.slice(2);
const { Session } = createRequire(resolve(modules, "package.json"))("chdb");
const session = new Session(undefined, { connectionArgs: threads ? [`--max_threads=${threads}`] : [] });
try {
  process.stdout.write(session.query(readFileSync(0, "utf8"), "JSONCompactEachRow"));
} catch (error) {
  process.stderr.write(`${error && error.message ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  session.close();
}
