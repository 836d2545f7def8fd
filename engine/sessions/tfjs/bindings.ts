import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Core from '@tensorflow/tfjs-core';
import { InputError } from '../../errors.js';
import { TFJS_BINDINGS, type TfjsBinding } from '../backend-names.js';

/** TensorFlow.js, whichever package it comes from. */
export type Tf = typeof Core;

/** A binding that is there: TensorFlow.js with it, its name among TensorFlow.js's backends, and what the record says of it. */
export interface LoadedTfjs {
  readonly tf: Tf;
  readonly binding: TfjsBinding;
  readonly backend: string;
  readonly version: string;
}

/** The packages that a binding is made of, as npm installs them. */
export const tfjsPackages: Readonly<Record<TfjsBinding, readonly string[]>> = {
  'node-gpu': ['@tensorflow/tfjs-node-gpu'],
  node: ['@tensorflow/tfjs-node'],
  webgpu: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu', 'webgpu'],
  wasm: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'],
};

type Load = (name: string) => unknown;

/** Packages of the project that zobench runs in, or zobench's own. */
const places = (): readonly NodeJS.Require[] => [createRequire(join(process.cwd(), 'package.json')), createRequire(import.meta.url)];

/** Loads packages from the first place that has them all; undefined where none has. */
function loaderOf(names: readonly string[]): Load | undefined {
  const place = places().find((each) => names.every((name) => isFound(each, name)));
  return place && ((name) => place(name) as unknown);
}

function isFound(place: NodeJS.Require, name: string): boolean {
  try {
    place.resolve(name);
    return true;
  } catch {
    return false;
  }
}

const openings: Readonly<Record<TfjsBinding, (load: Load) => Promise<{ tf: Tf; backend: string }>>> = {
  'node-gpu': (load) => Promise.resolve({ tf: nativeTf(load, '@tensorflow/tfjs-node-gpu'), backend: 'tensorflow' }),
  node: (load) => Promise.resolve({ tf: nativeTf(load, '@tensorflow/tfjs-node'), backend: 'tensorflow' }),
  async webgpu(load) {
    const { create, globals } = load('webgpu') as { create: (options: string[]) => unknown; globals: object };
    Object.assign(globalThis, globals);
    // Node's own navigator has no gpu and cannot be given one.
    Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true, writable: true });
    const tf = load('@tensorflow/tfjs-core') as Tf;
    load('@tensorflow/tfjs-backend-webgpu');
    return Promise.resolve({ tf, backend: 'webgpu' });
  },
  wasm(load) {
    const tf = load('@tensorflow/tfjs-core') as Tf;
    load('@tensorflow/tfjs-backend-wasm');
    return Promise.resolve({ tf, backend: 'wasm' });
  },
};

/** tfjs-node asks util for functions that Node has dropped from version 23 on. */
function nativeTf(load: Load, name: string): Tf {
  const util = load('util') as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= (value) => Array.isArray(value);
  return load(name) as Tf;
}

/**
 * The binding of that name, or the first that is installed and works.
 * @throws InputError saying what to install
 */
export async function loadTfjs(wanted?: TfjsBinding): Promise<LoadedTfjs> {
  const failures: string[] = [];
  for (const binding of wanted ? [wanted] : TFJS_BINDINGS) {
    const load = loaderOf(tfjsPackages[binding]);
    if (!load) continue;
    try {
      const { tf, backend } = await openings[binding](load);
      if (!(await tf.setBackend(backend))) throw new Error(`its ${backend} backend does not start`);
      await tf.ready();
      return { tf, binding, backend, version: tf.version_core };
    } catch (error) {
      failures.push(`${binding}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  if (failures.length > 0) throw new InputError(`TensorFlow.js does not start (${failures.join('; ')}): see docs/backends.md`);
  throw new InputError(
    `TensorFlow.js${wanted ? ` with ${wanted}` : ''} is not installed: npm install ${tfjsPackages[wanted ?? 'node'].join(' ')} (docs/backends.md)`,
  );
}
