import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from './errors.js';

/**
 * Makes a folder and those above it, as far as they are not there. (Node's own recursive mkdirSync never ends where a file system, such as
 * /proc, answers that what is to be made does not exist.)
 * @throws InputError where something else is in its place or the system has no folders there; the operating system's error where it refuses.
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
    if (code === 'EEXIST') throw new InputError(`${folder}: ${inItsPlace(path)}`);
    throw code === 'ENOENT' ? new InputError(`${folder}: no folder can be made there`) : error;
  }
}

const isFolder = (path: string): boolean => fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function inItsPlace(path: string): string {
  const isDangling = fs.statSync(path, { throwIfNoEntry: false }) === undefined;
  return isDangling ? `is a link to ${fs.readlinkSync(path)}, which does not exist` : 'is there already, and is no folder';
}
