import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytesText, copyWhole, duration, makeTemporaryFolder, noiseKey, projectFolder, WasmHeap, writeFileWhole } from '../engine/index.js';
import { architectureOf, bundledModelFolder, knownModels, parametersOf, writeSafetensors } from '../models/index.js';

// Shows that a model whose weights do not fit into memory can be fine-tuned: writes a checkpoint of OPT-1.3B's shape with random weights,
// 2.4 GiB in float16, and takes ZO-SGD steps with LoRA on it in a process that may not have more than 2.5 GiB of data.

const MODEL = 'facebook/opt-1.3b';
const LIMIT_MIB = 2560;
/** Numbers of the size that training starts from. */
const DEVIATION = 0.02;
const READ_BYTES = 4 << 20;
const STEPS = ['--scheme', 'lora', '--optimizer', 'zo-sgd', '--batch', '4', '--warmup', '1', '--steps', '3'];

interface Place {
  readonly stage: string;
  readonly shape: readonly number[];
}

/** Writes the model in Hugging Face layout, a shard for each stage, so that never more than one is in memory. */
function writeCheckpoint(folder: string): void {
  const config = knownModels.find(({ id }) => id === MODEL)?.config ?? {};
  writeFileWhole(join(folder, 'config.json'), JSON.stringify(config));
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) copyWhole(join(bundledModelFolder('opt-mini'), file), join(folder, file));
  const places = [...parametersOf(architectureOf(config, MODEL))];
  const stages = [...new Set(places.map(([, { stage }]) => stage))];
  const weightMap: Record<string, string> = {};
  for (const stage of stages) {
    const shard = `model-${stage}.safetensors`;
    const its = places.filter(([, place]) => place.stage === stage);
    writeShard(join(folder, shard), its);
    for (const [name] of its) weightMap[name] = shard;
  }
  writeFileWhole(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
}

/** Gains are 1, biases 0, all else is Gaussian noise. */
function writeShard(file: string, places: readonly (readonly [name: string, place: Place])[]): void {
  const heap = new WasmHeap();
  const buffers = places.map(([name, { shape }]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return { name, shape, count, pointer: heap.allocate(count) };
  });
  const tensors = buffers.map(({ name, shape, count, pointer }) => {
    const { k0, k1 } = noiseKey(1, name);
    if (shape.length > 1) heap.kernels.addNoise(pointer, pointer, count, 0, DEVIATION, k0, k1);
    else if (!name.endsWith('.bias')) heap.kernels.fill(pointer, count, 1);
    return { name, shape, data: heap.floats(pointer, count) };
  });
  writeSafetensors(file, tensors, 'F16');
}

function secondsToRead(folder: string): number {
  const buffer = Buffer.alloc(READ_BYTES);
  const start = performance.now();
  for (const name of readdirSync(folder)) {
    const file = openSync(join(folder, name), 'r');
    while (readSync(file, buffer) > 0);
    closeSync(file);
  }
  return (performance.now() - start) / 1000;
}

/** A command that the shell runs under the limit: RLIMIT_DATA counts all private writable memory, WebAssembly's too, but no file cache. */
function limited(...command: readonly string[]): string[] {
  return ['-c', `ulimit -d ${LIMIT_MIB * 1024} && exec "$@"`, 'sh', process.execPath, ...command];
}

/** Whether the limit holds: a process that asks for half a gibibyte more gets none. */
function limitHolds(): boolean {
  const pages = (LIMIT_MIB + 512) * 16;
  return spawnSync('sh', limited('-e', `new WebAssembly.Memory({ initial: ${pages} })`)).status !== 0;
}

function demonstrate(folder: string): boolean {
  console.log(`writing ${MODEL}'s shape with random weights to ${folder} ...`);
  writeCheckpoint(folder);
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  console.log(`${bytesText(bytes)} in float16; reading it once, by now from the file cache: ${duration(secondsToRead(folder))}`);
  console.log(`limit: ${LIMIT_MIB} MiB of data (ulimit -d), and it ${limitHolds() ? 'holds' : 'DOES NOT HOLD on this system'}`);
  const benchStep = join(projectFolder, 'dist', 'benchmarks', 'bench-step.js');
  const printed = execFileSync('sh', limited(benchStep, '--model', folder, ...STEPS, '--json'), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const measured = JSON.parse(printed) as { params: number; step_ms: number; peak_rss_mib: number; loss_first: number; loss_last: number };
  console.log(
    `ZO-SGD with LoRA, ${measured.params} parameters: ${duration(measured.step_ms / 1000)} per step of 4 sentences, ` +
      `losses ${measured.loss_first} ... ${measured.loss_last}, peak ${measured.peak_rss_mib} MiB (VmHWM)`,
  );
  return measured.peak_rss_mib < LIMIT_MIB;
}

const folder = makeTemporaryFolder();
try {
  process.exitCode = demonstrate(folder) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
