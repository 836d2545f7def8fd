import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../engine/index.js';
import type { Optimizer } from './optimizer.js';

const SOURCES = ['.ts', '.mts', '.js', '.mjs'];

/** What a user's file may import from zobench, and where that is. */
const OWN_MODULES: Readonly<Record<string, string>> = {
  'zobench/engine': new URL('../engine/index.js', import.meta.url).href,
  'zobench/optimizers': new URL('./index.js', import.meta.url).href,
};

/** Whether a name on the command line is a file of the user's own. */
export const isOptimizerPath = (name: string): boolean => SOURCES.includes(extname(name));

/**
 * The optimizer that a TypeScript or JavaScript file exports: by default, or else as any object that is one. What the file imports
 * is bundled with it, so it may lie anywhere.
 * @throws UsageError where the file is missing, cannot be loaded or exports none.
 */
export async function loadOwnOptimizer(name: string): Promise<Optimizer> {
  const file = resolve(name);
  if (!existsSync(file)) throw new UsageError(`optimizer file ${name} does not exist`);
  const exported = await inTurn(() => importBundled(file)).catch((error: unknown) => {
    throw new UsageError(`optimizer file ${name} cannot be loaded: ${oneLine(error instanceof Error ? error.message : String(error))}`);
  });
  const found = [exported.default, ...Object.values(exported)].find(isOptimizer);
  if (!found) {
    const members = 'id, order, cost, defaults, stateArrays, init and step';
    throw new UsageError(`${name} exports no optimizer: an object with ${members} (see README, "Your own optimizer")`);
  }
  return found;
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
  const { build, stop } = await import('esbuild');
  const folder = mkdtempSync(join(tmpdir(), 'zobench-'));
  try {
    const { outputFiles } = await build({
      ...{ entryPoints: [file], bundle: true, platform: 'node', format: 'esm', target: 'node20', write: false, logLevel: 'silent' },
      plugins: [
        {
          name: 'zobench',
          setup: (bundler) =>
            bundler.onResolve({ filter: /^zobench\// }, ({ path }) => ({ path: OWN_MODULES[path] ?? path, external: true })),
        },
      ],
    });
    const bundled = join(folder, 'optimizer.mjs');
    writeFileSync(bundled, outputFiles[0]?.text ?? '');
    return (await import(pathToFileURL(bundled).href)) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true });
    await stop();
  }
}

function isOptimizer(value: unknown): value is Optimizer {
  if (typeof value !== 'object' || value === null) return false;
  const { id, order, cost, defaults, stateArrays, init, step } = value as Partial<Record<keyof Optimizer, unknown>>;
  return (
    typeof id === 'string' &&
    typeof order === 'string' &&
    typeof cost === 'object' &&
    typeof defaults === 'object' &&
    typeof stateArrays === 'number' &&
    typeof init === 'function' &&
    typeof step === 'function'
  );
}
