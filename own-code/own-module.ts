import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError, makeTemporaryFolder, requireInput, UsageError, writeFileWhole } from '../engine/index.js';

// Optimizers, tasks and schemes of the user's own are TypeScript or JavaScript files, given by their paths.

/** A file, and options as after an id: ./mine.ts:q=4 */
const PATH = /^(?<file>.+?\.(?:ts|mts|js|mjs))(?<options>:.*)?$/;

/** Whether a name on the command line is a file of the user's own code. */
export const isOwnCode = (name: string): boolean => PATH.test(name);

/** The file of such a name, its options left out. */
export const ownCodeFile = (name: string): string => PATH.exec(name)?.groups?.file ?? name;

/** Where a module of zobench is, built or as its source. */
function moduleAt(path: string): string {
  return new URL(path + extname(import.meta.url), import.meta.url).href;
}

/** What a user's file may import from zobench, and where that is. */
const OWN_MODULES: Readonly<Record<string, string>> = Object.fromEntries(
  ['engine', 'models', 'optimizers', 'options', 'schemes', 'tasks'].map((room) => [`zobench/${room}`, moduleAt(`../${room}/index`)]),
);

/**
 * What a file exports, its default export first. What it imports is bundled with it, so it may lie anywhere.
 * @param what is to be in it, such as `optimizer`, for the message.
 * @throws UsageError where the file is missing or cannot be loaded.
 */
export async function importOwnCode(what: string, name: string): Promise<unknown[]> {
  const exported = await loading(what, ownCodeFile(name), importBundled);
  return [exported.default, ...Object.values(exported)];
}

/**
 * Of a user's file as bundled with what it imports, in hex. Minified, it holds no path and no comment: it is the same wherever the file lies.
 * @throws UsageError where the file is missing or cannot be bundled.
 */
export async function ownCodeSha256(what: string, name: string): Promise<string> {
  const text = await loading(what, ownCodeFile(name), (file) => bundle(file, { locate: (module) => module, minify: true }));
  return createHash('sha256').update(text).digest('hex');
}

/** @throws UsageError where the file is missing or what is done with it fails. */
async function loading<T>(what: string, name: string, use: (file: string) => Promise<T>): Promise<T> {
  requireFile(what, name);
  return inTurn(() => use(resolve(name))).catch((error: unknown) => {
    throw new UsageError(`${what} file ${name} cannot be loaded: ${oneLine(error instanceof Error ? error.message : String(error))}`);
  });
}

function requireFile(what: string, name: string): void {
  try {
    requireInput(name);
  } catch (error) {
    throw error instanceof InputError ? new UsageError(`${what} file ${error.message}`) : error;
  }
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
    const bundled = join(folder, 'own.mjs');
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
