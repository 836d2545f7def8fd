import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { firstIssue, InputError, makeTemporaryFolder, requireInput, UsageError, writeFileWhole } from '../engine/index.js';
import { parseName } from '../options/index.js';
import type { Optimizer } from './optimizer.js';
import type { OptimizerDefinition } from './parts/define.js';

/** A file, and options as after an id: ./mine.ts:q=4 */
const PATH = /^(?<file>.+?\.(?:ts|mts|js|mjs))(?<options>:.*)?$/;

/** Where a module of zobench is, built or as its source. */
function moduleAt(path: string): string {
  return new URL(path + extname(import.meta.url), import.meta.url).href;
}

/** What a user's file may import from zobench, and where that is. */
const OWN_MODULES: Readonly<Record<string, string>> = {
  'zobench/engine': moduleAt('../engine/index'),
  'zobench/optimizers': moduleAt('./index'),
  'zobench/options': moduleAt('../options/index'),
};

/** Whether a name on the command line is a file of the user's own. */
export const isOptimizerPath = (name: string): boolean => PATH.test(name);

/** The file of such a name, its options left out. */
export const optimizerFile = (name: string): string => PATH.exec(name)?.groups?.file ?? name;

/**
 * The optimizer that a TypeScript or JavaScript file exports: by default, or else as any object that is one. What the file imports
 * is bundled with it, so it may lie anywhere.
 * @throws UsageError where the file is missing, cannot be loaded or exports none.
 */
export async function loadOwnOptimizer(name: string): Promise<Optimizer> {
  const path = optimizerFile(name);
  const options = name.slice(path.length);
  const exported = await loading(path, importBundled);
  const all = [exported.default, ...Object.values(exported)];
  const definition = all.find(isDefinition);
  if (definition) return definition.create(parseName('optimizer', definition.id + options).options);
  const found = all.find(isOptimizer);
  if (found && options !== '') throw new UsageError(`${path} has no options: it exports an optimizer, not defineOptimizer's result`);
  if (found) return found;
  const meant = all.find((value) => typeof value === 'object' && value !== null && 'step' in value);
  if (meant !== undefined) throw new UsageError(`${path}: ${complaintOf(meant)} (see README, "Your own optimizer")`);
  throw new UsageError(`${path} exports no optimizer: an object with ${members} (see README, "Your own optimizer")`);
}

function requireOptimizerFile(name: string): void {
  try {
    requireInput(name);
  } catch (error) {
    throw error instanceof InputError ? new UsageError(`optimizer file ${error.message}`) : error;
  }
}

/**
 * Of a user's file as bundled with what it imports, in hex. Minified, it holds no path and no comment: it is the same wherever the file lies.
 * @throws UsageError where the file is missing or cannot be bundled.
 */
export async function ownOptimizerSha256(name: string): Promise<string> {
  const text = await loading(optimizerFile(name), (file) => bundle(file, { locate: (module) => module, minify: true }));
  return createHash('sha256').update(text).digest('hex');
}

/** @throws UsageError where the file is missing or what is done with it fails. */
async function loading<T>(name: string, use: (file: string) => Promise<T>): Promise<T> {
  requireOptimizerFile(name);
  return inTurn(() => use(resolve(name))).catch((error: unknown) => {
    throw new UsageError(`optimizer file ${name} cannot be loaded: ${oneLine(error instanceof Error ? error.message : String(error))}`);
  });
}

const method = z.custom<() => unknown>((value) => typeof value === 'function', 'a function is needed');
const passes = z.number('a number is needed').nonnegative('is below 0');

/** What a runner asks of an optimizer before it runs one. */
export const traitsSchema = z.object({
  id: z.string('a name is needed'),
  order: z.enum(['zeroth', 'forward-mode', 'first'], 'zeroth, forward-mode or first is needed'),
  cost: z
    .object(
      {
        forwards: passes,
        backwards: passes,
        perBlock: z.object({ forwards: passes }).optional(),
        forwardsPerTrainingBatch: passes.optional(),
      },
      'forwards and backwards are needed',
    )
    .refine(
      ({ forwards, perBlock, forwardsPerTrainingBatch = 0 }) => forwards + forwardsPerTrainingBatch > 0 || perBlock !== undefined,
      'a step without a forward pass',
    ),
  defaults: z.object(
    {
      learningRate: z.number('a number is needed').positive('is not above 0'),
      epsilon: z.number('a number is needed').optional(),
      weightDecay: z.number('a number is needed').optional(),
    },
    'learningRate is needed',
  ),
  stateArrays: z.number('a number is needed').nonnegative('is below 0'),
});
const optimizerSchema = traitsSchema.extend({ init: method, step: method });

const names = Object.keys(optimizerSchema.shape);
const members = `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

const definitionSchema = z.object({ id: z.string(), schema: z.instanceof(z.ZodObject), create: method });
const isDefinition = (value: unknown): value is OptimizerDefinition => definitionSchema.safeParse(value).success;

const isOptimizer = (value: unknown): value is Optimizer => optimizerSchema.safeParse(value).success;

/** Of what is meant to be an optimizer, the first member that is not as it must be. */
function complaintOf(meant: unknown): string {
  const { error } = optimizerSchema.safeParse(meant);
  return error ? firstIssue(error) : '';
}

const REASON_CHARACTERS = 300;

/** esbuild says what, in which line and column, over several lines. */
const oneLine = (message: string): string => message.trim().replace(/\s+/g, ' ').slice(0, REASON_CHARACTERS);

/** esbuild's service is stopped after each file, and a build that another's end stops would never end. */
let latest: Promise<unknown> = Promise.resolve();

function inTurn<T>(load: () => Promise<T>): Promise<T> {
  const turn = latest.then(load);
  latest = turn.catch(() => undefined);
  return turn;
}

async function importBundled(file: string): Promise<Record<string, unknown>> {
  const text = await bundle(file, { locate: (name) => OWN_MODULES[name] ?? name });
  const folder = makeTemporaryFolder();
  try {
    const bundled = join(folder, 'optimizer.mjs');
    writeFileWhole(bundled, text);
    return (await import(pathToFileURL(bundled).href)) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param locate where a module of zobench's is to be imported from. */
async function bundle(file: string, { locate, minify = false }: { locate: (name: string) => string; minify?: boolean }): Promise<string> {
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      write: false,
      logLevel: 'silent',
      absWorkingDir: dirname(file),
      minify,
      legalComments: 'none',
      plugins: [
        {
          name: 'zobench',
          setup: (bundler) => bundler.onResolve({ filter: /^zobench\// }, ({ path }) => ({ path: locate(path), external: true })),
        },
      ],
    });
    return outputFiles[0]?.text ?? '';
  } finally {
    await stop();
  }
}
