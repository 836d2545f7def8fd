import { isOwnCode, ownCodeSha256 } from '../own-code/index.js';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../engine/errors.js';
import { checkpointFiles, modelFolder } from '../models/index.js';

import type { CellSettings, Inputs } from '../records/index.js';
import { isTaskPath, type ModelKind, type Task } from '../tasks/index.js';
import { fileSha256 } from './file-hash.js';
import { taskDataOrUsual } from './task-data.js';

/** Bundling takes longer than all else of a plan; a file that changes meanwhile is found by the cell. */
const bundled = new Map<string, Promise<string>>();

/** What a cell would be made of: what is not on this machine is left open. */
export async function plannedInputs(located: CellSettings, kind: ModelKind): Promise<Inputs> {
  const model = hereOrUndefined(() => modelHashes(modelFolder(located.model)));
  const { files, task } = await taskDataOrUsual(located, kind);
  return {
    ...(model && { model }),
    ...(files.length > 0 && { data: dataHashes(located, files) }),
    taskVersion: task.version,
    ...(await codeHashes(located, bundledOnce)),
  };
}

/** What a cell was made of. */
export const usedInputs = async (
  located: CellSettings,
  folder: string,
  files: readonly string[],
  { version }: Pick<Task, 'version'>,
): Promise<Inputs> => ({
  model: modelHashes(folder),
  data: dataHashes(located, files),
  taskVersion: version,
  ...(await codeHashes(located, ownCodeSha256)),
});

type Named = Pick<CellSettings, 'model' | 'task' | 'scheme' | 'optimizer'>;

/**
 * What of a cell is not as it was recorded: `data of sst2: dev.tsv`. Empty where all is the same; what is not on this machine, or was not
 * recorded, says nothing.
 */
export function changedInputs(named: Named, now: Inputs, recorded: Inputs): string[] {
  const { model, task } = named;
  return [
    ...changedFiles(`model ${model}`, now.model, recorded.model),
    ...changedFiles(`data of ${task}`, now.data, recorded.data),
    ...(isChanged(now.taskVersion, recorded.taskVersion) ? [`version of task ${task}`] : []),
    ...CODE.filter((what) => isChanged(now[what], recorded[what])).map((what) => `${what} ${named[what]}`),
  ];
}

const isChanged = <T>(now: T | undefined, recorded: T | undefined): boolean =>
  now !== undefined && recorded !== undefined && now !== recorded;

/** What was recorded of a cell and is not on this machine, as `changedInputs` calls it. */
export const absentInputs = ({ model, task }: Named, now: Inputs, recorded: Inputs): string[] => [
  ...(recorded.model && !now.model ? [`model ${model}`] : []),
  ...(recorded.data && !now.data ? [`data of ${task}`] : []),
];

/** Whether there is something on this machine that the record does not say the content of. */
export const isUnrecorded = (now: Inputs, recorded: Inputs): boolean =>
  (['model', 'data', ...CODE] as const).some((what) => now[what] !== undefined && recorded[what] === undefined);

type Hashes = Readonly<Record<string, string>>;

function changedFiles(what: string, now: Hashes | undefined, recorded: Hashes | undefined): string[] {
  if (!now || !recorded) return [];
  const names = [...new Set([...Object.keys(now), ...Object.keys(recorded)])];
  return names.filter((name) => now[name] !== recorded[name]).map((name) => `${what}: ${name}`);
}

function hereOrUndefined<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

const modelHashes = (folder: string): Hashes => hashes(checkpointFiles(folder));

/** Files of a task by their names below the folder that holds all of them, however far above `--data` is. */
function dataHashes({ task, testFile }: CellSettings, files: readonly string[]): Hashes {
  const shared = sharedFolder(files);
  const ownName = (file: string): string => `${file === testFile ? 'test file ' : ''}${basename(file)}`;
  const nameOf = isTaskPath(task) && !isOwnCode(task) ? ownName : (file: string) => relative(shared, file).replaceAll('\\', '/');
  return hashes(files.map((file) => [nameOf(file), file]));
}

function sharedFolder(files: readonly string[]): string {
  const [first = '', ...others] = files.map((file) => resolve(file));
  let folder = dirname(first);
  while (!others.every((file) => file.startsWith(join(folder, sep)))) folder = dirname(folder);
  return folder;
}

const hashes = (files: readonly (readonly [name: string, file: string])[]): Hashes =>
  Object.fromEntries(files.map(([name, file]): [string, string] => [name, fileSha256(file)]).sort());

/** What of a cell may be in a file of the user's own code. */
const CODE = ['optimizer', 'scheme', 'task'] as const;

async function codeHashes(
  located: CellSettings,
  hash: (what: string, file: string) => Promise<string>,
): Promise<Pick<Inputs, (typeof CODE)[number]>> {
  const own = CODE.filter((what) => isOwnCode(located[what]));
  return Object.fromEntries(await Promise.all(own.map(async (what) => [what, await hash(what, located[what])] as const)));
}

function bundledOnce(what: string, file: string): Promise<string> {
  const found = bundled.get(file) ?? ownCodeSha256(what, file);
  bundled.set(file, found);
  return found;
}
