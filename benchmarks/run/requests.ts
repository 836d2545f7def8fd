import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { meantPath, UsageError } from '../../engine/index.js';
import { grids, type Options, readGridFile } from '../plan/index.js';
import { allowedCode, isAllowance, ownCodeOptions, type OwnCode } from './own-files.js';
import { readRequests } from './run-folder.js';

type Names = Options['optimizer'];

/**
 * What is asked for under the options that are given now: they alone, the requests of a grid file, or with --resume those that the folder
 * was started with.
 * @throws UsageError, InputError
 */
export function requestsOf(options: Options, [file, ...others]: readonly string[]): Options[] {
  // What belongs to this call alone is not remembered.
  const given = definedOnly({ ...options, out: undefined, plan: undefined, resume: undefined, retry: undefined });
  if (others[0] !== undefined) throw new UsageError(`${others[0]}: one grid file is run at a time`);
  if (file !== undefined) return requestsOfFile(file, options.resume).map((request) => ({ ...request, ...given }));
  return options.resume ? resumedRequests(options.out, given) : [given];
}

function requestsOfFile(file: string, resume = false): Options[] {
  if (resume) throw new UsageError(`${file}: --resume goes on with what the folder was started with; leave the file out`);
  if (Object.hasOwn(grids, file) && !existsSync(file))
    throw new UsageError(`unexpected argument ${file}: a grid of zobench is given as --grid ${file}`);
  return readGridFile(file);
}

function resumedRequests(folder: string | undefined, given: Options): Options[] {
  if (folder === undefined) throw new UsageError('--resume: which run? Give its folder with --out');
  const stored = readRequests(folder);
  const hint = meantPath(folder) || ': start one without --resume';
  if (stored.length === 0) throw new UsageError(`--resume: ${folder} holds no run to go on with${hint}`);
  return stored
    .map((request) => ({ ...request, ...given }))
    .map((request, index) => {
      const code = ownCodeOptions.map((what): [OwnCode, Names] => [what, resumedCode(what, stored[index]?.[what], given[what], folder)]);
      return definedOnly({ ...request, ...(Object.fromEntries(code) as Pick<Options, OwnCode>) });
    });
}

/** Files of the user's own that the run was started with are given to be allowed; other names, to replace those of the run. */
function resumedCode(what: OwnCode, stored: Names, given: Names, folder: string): Names {
  if (given && !given.every((name) => isAllowance(name, stored ?? []))) return given;
  return stored && allowedCode(what, stored, given ?? [], join(folder, 'run.json'));
}

function definedOnly(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
