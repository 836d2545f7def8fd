import { existsSync, realpathSync } from 'node:fs';
import { basename, parse, resolve } from 'node:path';
import { UsageError } from '../../engine/errors.js';
import { isOwnCode } from '../../own-code/index.js';
import type { CellSettings, Inputs, Places } from '../../records/index.js';
import type { Catalog } from './catalog.js';
import type { Cell } from './cell.js';

// A cell has the same id on every machine: what lies in files goes into its settings by name, and where it lies here beside them.

/** A file's name without its extension, whatever way leads to it. */
const nameOfFile = (file: string): string => parse(realPath(file)).name;

/** A folder's own name, whatever way leads to it. */
export const nameOfFolder = (folder: string): string => basename(realPath(folder));

const realPath = (path: string): string => (existsSync(path) ? realpathSync(path) : resolve(path));

/**
 * Settings that hold paths, with names in their place, and the paths.
 * @throws UsageError for a name that belongs to something that comes with zobench.
 */
export async function placedNames(
  found: CellSettings,
  catalog: Pick<Catalog, 'modelName' | 'isTaskPath' | 'isOptimizerPath' | 'resolveOptimizer' | 'canonicalScheme' | 'ownTaskId' | 'tasks'>,
): Promise<{ settings: CellSettings; places: Places }> {
  const { model, task, testFile, scheme, optimizer, data } = found;
  const named = {
    model: catalog.modelName(model),
    task: await taskName(task, catalog),
    testFile: testFile === null ? null : basename(realPath(testFile)),
    scheme: isOwnCode(scheme) ? catalog.canonicalScheme(scheme) : scheme,
    optimizer: catalog.isOptimizerPath(optimizer) ? (await catalog.resolveOptimizer(optimizer)).id : optimizer,
    data: data === 'bundled' ? 'bundled' : 'files',
  };
  const moved = (Object.keys(named) as (keyof typeof named)[]).filter((name) => named[name] !== found[name]);
  return { settings: { ...found, ...named }, places: Object.fromEntries(moved.map((name) => [name, found[name]])) };
}

async function taskName(
  file: string,
  { isTaskPath, ownTaskId, tasks }: Pick<Catalog, 'isTaskPath' | 'ownTaskId' | 'tasks'>,
): Promise<string> {
  if (isOwnCode(file)) return ownTaskId(file);
  const name = isTaskPath(file) ? nameOfFile(file) : file;
  if (name === file || !tasks.includes(name)) return name;
  throw new UsageError(`--task ${file}: ${name} is the name of a task of zobench: rename the file`);
}

/**
 * Results are told apart by names: a name must not stand for two things.
 * @throws UsageError where it does.
 */
export function requireOneMeaning(cells: readonly Cell[]): void {
  const meanings = new Map<string, { readonly hashes: string; readonly place: string | undefined }>();
  for (const { settings, places, inputs } of cells) {
    for (const { what, name, place, hashes } of meaningsOf(settings, places, inputs)) {
      const key = JSON.stringify([what, name]);
      const known = meanings.get(key);
      if (known && known.hashes !== hashes) throw ambiguous(what, name, [known.place, place]);
      meanings.set(key, { hashes, place });
    }
  }
}

function meaningsOf(settings: CellSettings, places: Places, inputs: Inputs) {
  const { model, task, scheme, optimizer, data } = settings;
  const ofTask = [task, data, settings.testFile].filter((part) => part !== null).join(', ');
  return [
    { what: 'model', name: model, place: places.model, hashes: JSON.stringify(inputs.model) },
    { what: 'task', name: ofTask, place: places.task ?? places.data, hashes: JSON.stringify([inputs.data, inputs.task]) },
    { what: 'scheme', name: scheme, place: places.scheme, hashes: JSON.stringify(inputs.scheme) },
    { what: 'optimizer', name: optimizer, place: places.optimizer, hashes: JSON.stringify(inputs.optimizer) },
  ];
}

function ambiguous(what: string, name: string, places: readonly (string | undefined)[]): UsageError {
  const found = [...new Set(places.map((place) => place ?? `zobench's`))].join(' and ');
  return new UsageError(`${what} ${name} stands for two that differ (${found}): results are told apart by names, so rename one`);
}
