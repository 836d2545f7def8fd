import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError, refusalIn } from './errors.js';

/**
 * Makes a folder and those above it, as far as they are not there. (Node's own recursive mkdirSync never ends where a file system, such as
 * /proc, answers that what is to be made does not exist.)
 * @throws InputError with the reason where it cannot be made.
 */
export function makeFolder(folder: string): void {
  const path = resolve(folder);
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    fs.mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another process may have been faster.
    if (code === 'EEXIST' && isFolder(path)) return;
    if (code === 'EEXIST') throw new InputError(`${folder} cannot be made: it ${inItsPlace(path)}`);
    throw new InputError(`${folder} cannot be made: ${code === 'ENOENT' ? 'its file system takes no folders' : refusalIn(error)}`);
  }
}

/** Not so where it cannot be seen: whoever makes it will hear why. */
function isFolder(path: string): boolean {
  try {
    return fs.statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function inItsPlace(path: string): string {
  const isLink = fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? `is a link to ${fs.readlinkSync(path)}, where no folder is` : 'is there already, and is no folder';
}
