import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import {
  BACKENDS,
  bytesText,
  cpuBackend,
  Graph,
  InputError,
  MIB,
  noiseKey,
  operators,
  projectFolder,
  requireTemporaryFolder,
  standardNormal,
  WasmHeap,
} from '../engine/index.js';
import { hubCacheFolder, memoryBytes } from '../models/index.js';
import { checkDrawing } from '../reports/index.js';
import { type CommandLine, runProgram, type Output } from '../command-line/index.js';
import { hashCacheFolder } from '../cell/index.js';
import { oneLine } from '../engine/visible.js';
import { aligned } from '../benchmarks/plan/index.js';
import { checkBackendApart } from '../studies/backends/index.js';

const schema = z.strictObject({});

const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'zobench doctor',
  usage: 'Checks that zobench can work on this machine: a line for each thing that it needs, and for each backend that it may have.',
  schema,
  examples: [],
  remark:
    'A backend that is not there is no fault: its line says what to install (docs/backends.md). Exit status: 0 fine, 1 something is wrong.',
};

/** What is looked at, each with a look that says what is there and throws where it will not do. */
export type Checks = Readonly<Record<string, () => string | Promise<string>>>;

const CHECKS: Checks = {
  node: () => nodeVersion(process.versions.node),
  backend: computes,
  kernels: kernelsAgree,
  memory: enoughMemory,
  'temporary folder': () => (requireTemporaryFolder(), tmpdir()),
  'models cache': () => writable(hubCacheFolder()),
  'hashes cache': () => writable(hashCacheFolder()),
  fonts: checkDrawing,
};

/** What a machine may do without. */
const OPTIONAL: Checks = Object.fromEntries(
  BACKENDS.filter((name) => name !== 'cpu' && name !== 'tfjs').map((name) => [`--backend ${name}`, () => checkBackendApart(name)]),
);

/** Checks the machine, a line for each thing; returns the process's exit code, 1 where one that is needed will not do. */
export function run(argv: readonly string[], output: Output, checks = CHECKS, optional = OPTIONAL): Promise<number> {
  return runProgram(commandLine, argv, output, async (_, __, reply) => {
    const rows = await Promise.all(
      Object.entries(checks).map(async ([name, look]) => ({ name, isNeeded: true, ...(await outcomeOf(look)) })),
    );
    // Where something needed is wrong, a backend's process would say the same, or nothing.
    const others = rows.every(({ isFine }) => isFine) ? Object.entries(optional) : [];
    for (const [name, look] of others) rows.push({ name, isNeeded: false, ...(await outcomeOf(look)) });
    const word = (isFine: boolean, isNeeded: boolean): string => (isFine ? 'ok' : isNeeded ? 'WRONG' : '-');
    const lines = aligned(rows.map(({ name, isFine, isNeeded, description }) => [word(isFine, isNeeded), name, description]));
    reply.result(lines.join('\n'), rows);
    return rows.every(({ isFine, isNeeded }) => isFine || !isNeeded) ? 0 : 1;
  });
}

async function outcomeOf(look: Checks[string]): Promise<{ isFine: boolean; description: string }> {
  try {
    return { isFine: true, description: await look() };
  } catch (error) {
    return { isFine: false, description: oneLine(error instanceof Error ? error.message : String(error)) };
  }
}

const packageFile = z.object({ engines: z.object({ node: z.templateLiteral(['>=', z.number(), '.', z.number()]) }) });

/** @throws InputError for a version before the one that package.json asks for. */
export function nodeVersion(version: string): string {
  const { engines } = packageFile.parse(JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')));
  const [needed, there] = [engines.node.slice(2), version].map((text) => text.split('.').map(Number));
  const [major = 0, minor = 0] = there ?? [];
  const [neededMajor = 0, neededMinor = 0] = needed ?? [];
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return version;
  throw new InputError(`${version}: zobench needs ${engines.node}`);
}

/** Has the backend add two numbers. @throws InputError */
async function computes(): Promise<string> {
  const backend = cpuBackend(1);
  const graph = new Graph();
  const one = graph.input('one', 'real', [1]);
  graph.output('two', operators.add(one, one));
  const session = await backend.compile(graph);
  const { two } = await session.run({ one: { type: 'float32', dims: [1], data: Float32Array.of(1) } });
  await session.release();
  if (two?.data[0] !== 2) throw new InputError(`${backend.name} ${backend.version}: 1 + 1 comes to ${String(two?.data[0])}`);
  return `${backend.name} ${backend.version}`;
}

/** Float32 and a series for the logarithm. */
const NOISE_TOLERANCE = 1e-5;

/** Compares the kernels' noise with its definition. @throws InputError */
function kernelsAgree(): string {
  const [heap, key, count] = [new WasmHeap(), noiseKey(0, 'doctor'), 64];
  const pointer = heap.allocate(count);
  heap.kernels.normal(pointer, count, 0, key.k0, key.k1);
  const farthest = Math.max(...heap.floats(pointer, count).map((z, element) => Math.abs(z - standardNormal(key, element))));
  if (farthest <= NOISE_TOLERANCE) return 'WebAssembly with SIMD';
  throw new InputError(`their noise is ${farthest} from its definition: run npm run build:kernels`);
}

/** What a cell of the smoke grid takes, with room. */
const NEEDED_BYTES = 512 * MIB;

/** @throws InputError where a small run would not fit. */
function enoughMemory(): string {
  const [all, free] = [memoryBytes(), Math.min(memoryBytes(), process.availableMemory())];
  const says = `${bytesText(free)} of ${bytesText(all)} free`;
  if (free >= NEEDED_BYTES) return says;
  throw new InputError(`${says}: the smallest run needs ${bytesText(NEEDED_BYTES)}`);
}

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** @throws InputError where neither the folder nor, where it is not there yet, the nearest above it can be written to. */
export function writable(folder: string): string {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (statSync(nearest).isDirectory() && isWritable(nearest)) return folder;
  throw new InputError(`${folder} cannot be written to`);
}
