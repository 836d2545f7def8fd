import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph } from '../../engine/index.js';
import { encodeOnnx } from '../../engine/sessions/onnx.js';

/** ONNX Runtime says where each node goes in its log alone, which it writes past Node. */
const COMPILE = `
  const { InferenceSession } = require('onnxruntime-node');
  const options = { executionProviders: ['webgpu'], logSeverityLevel: 0 };
  InferenceSession.create(process.argv[1], options).then(() => process.exit(0));
`;

/** Where ONNX Runtime puts the nodes of the graph as it is lowered for WebGPU, each as `Operator (name)`. */
export function placements(graph: Graph): { cpu: string[]; device: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
  const file = join(folder, 'graph.onnx');
  writeFileSync(file, encodeOnnx(graph, 'float32', 'webgpu'));
  const { stderr, stdout, status } = spawnSync(process.execPath, ['-e', COMPILE, file], { encoding: 'utf8', maxBuffer: 1 << 28 });
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`the graph does not compile: ${stderr.slice(-500)}`);
  return listed(stdout + stderr);
}

function listed(log: string): { cpu: string[]; device: string[] } {
  const found: { cpu: string[]; device: string[] } = { cpu: [], device: [] };
  let list = found.device;
  for (const line of log.split('\n')) {
    const [, provider] = / placed on \[(\w+)\]/.exec(line) ?? [];
    if (provider !== undefined) list = provider === 'CPUExecutionProvider' ? found.cpu : found.device;
    const [, node] = /VerifyEachNodeIsAssignedToAnEp\]? +(\w+ \(\w*\))/.exec(line) ?? [];
    if (node !== undefined) list.push(node);
  }
  return found;
}
