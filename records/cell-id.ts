import { createHash } from 'node:crypto';
import type { CellSettings } from './record.js';

const NOT_HASHED: readonly string[] = ['threads', 'stream', 'timeoutSeconds'] satisfies (keyof CellSettings)[];

/**
 * A `c` and the first 15 hex digits of the SHA-256 of the settings that can change a result: not threads, where weights are kept or the
 * time limit. It begins with a letter, for a spreadsheet takes `3e61236107772633` for a number.
 */
export const cellId = (settings: CellSettings): string => `c${settingsHash(settings).slice(0, 15)}`;

/** In hex digits, whatever the order of the settings. */
export function settingsHash(settings: CellSettings): string {
  const decisive = Object.entries(settings).filter(([name]) => !NOT_HASHED.includes(name));
  const canonical = Object.fromEntries(decisive.sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
