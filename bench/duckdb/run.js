#!/usr/bin/env node
// Runs the SQL script on stdin with DuckDB, statement by statement, in the current folder.
//
//     node run.js MODULES [THREADS [MEMORY]] < script.sql
//
// MODULES is the folder that holds node_modules. One JSON object a statement goes to stdout: the CPU and wall seconds it took,
// and its rows, each a list of texts.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");

async function main() {
  const [modules, threads, memory] = process.argv.slice(2);
  const { DuckDBInstance } = createRequire(resolve(modules, "package.json"))("@duckdb/node-api");
  // Nothing is fetched while it runs.
  const settings = { autoinstall_known_extensions: "false", autoload_known_extensions: "false" };
  if (threads) settings.threads = threads;
  if (memory) settings.memory_limit = memory;
  const connection = await (await DuckDBInstance.create(":memory:", settings)).connect();
  const statements = await connection.extractStatements(readFileSync(0, "utf8"));
  for (let i = 0; i < statements.count; ++i) {
    const cpu = process.cpuUsage();
    const began = process.hrtime.bigint();
    const reader = await (await statements.prepare(i)).runAndReadAll();
    const wall_s = Number(process.hrtime.bigint() - began) / 1e9;
    const used = process.cpuUsage(cpu);
    const rows = reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value))));
    process.stdout.write(JSON.stringify({ cpu_s: (used.user + used.system) / 1e6, wall_s, rows }) + "\n");
  }
}

main().catch((error) => {
  process.stderr.write(String(error && error.message ? error.message : error) + "\n");
  process.exit(1);
});
