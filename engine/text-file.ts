import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import { MIB } from './quantities.js';
import { InputError } from './errors.js';
import { readInput } from './input-file.js';

/** A file of text has at most so many unless told: about what a string of V8's can hold. */
export const LONGEST_TEXT_BYTES = 500 * MIB;

/**
 * The text of a file in UTF-8. A byte order mark is no part of it.
 * @throws InputError where the file is in another encoding, with the line of the first byte that is none of UTF-8's, has more than
 * `limitBytes`, or is no regular file that can be read.
 */
export const readText = (file: string, limitBytes = LONGEST_TEXT_BYTES): string => decodeText(readInput(file, limitBytes), file);

/** The same of a file that need not be there. Throws as {@link readText}. */
export const readTextIfThere = (file: string): string | undefined => (fs.existsSync(file) ? readText(file) : undefined);

/** The same for bytes that were read already; `place` is what complaints call them. Throws as {@link readText}. */
export function decodeText(bytes: Buffer, place: string): string {
  if (isUtf16(bytes)) throw new InputError(`${place} is UTF-16, as PowerShell's > writes it: save it as UTF-8`);
  if (!isUtf8(bytes)) throw new InputError(`${place}:${firstLineOf(bytes)}: the text is not UTF-8: save the file as UTF-8`);
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

const UTF16_MARKS = ['fffe', 'feff'];
/** Of a file without a mark. */
const LOOKED_AT_BYTES = 1024;

/** By its mark, or without one by the zeros of characters that are ASCII, all of them at the even places or all at the odd ones. */
function isUtf16(bytes: Buffer): boolean {
  if (UTF16_MARKS.includes(bytes.toString('hex', 0, 2))) return true;
  const zeros = [0, 0];
  bytes.subarray(0, LOOKED_AT_BYTES).forEach((byte, place) => {
    if (byte === 0) zeros[place % 2] = (zeros[place % 2] ?? 0) + 1;
  });
  // One may be a slip in UTF-8.
  return Math.min(...zeros) === 0 && Math.max(...zeros) > 1;
}

/** The number from 1 of the first line that is not UTF-8. */
function firstLineOf(bytes: Buffer): number {
  let [line, start] = [1, 0];
  // A line break's byte is part of no other character.
  for (let end = bytes.indexOf('\n'); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return line;
}
