#!/usr/bin/env node
// Reads a GEXF file with graphology-gexf, and says what it made of it as JSON: {multi, type, nodes: [[id, attributes]],
// edges: [[id, end, other end, attributes]]}.
//
//     node read.js MODULES FILE
//
// MODULES is the folder that holds node_modules.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");

const [modules, file] = process.argv.slice(2);
const need = createRequire(resolve(modules, "package.json"));
const graph = need("graphology-gexf").parse(need("graphology"), readFileSync(file, "utf8"));
const nodes = graph.mapNodes((id, attributes) => [id, attributes]);
const edges = graph.mapEdges((id, attributes, end, other) => [id, end, other, attributes]);
process.stdout.write(JSON.stringify({ multi: graph.multi, type: graph.type, nodes, edges }));
