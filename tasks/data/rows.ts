import { InputError, readText } from '../../engine/index.js';
import { parquetRows } from './parquet.js';

/** What a file holds in one place, before it is known to be an item. */
export interface Row {
  readonly value: unknown;
  /** File and line. */
  readonly place: string;
}

/** A JSON value per line; blank lines are passed over. */
export function readJsonl(file: string): Row[] {
  return linesOf(file).flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    return line.trim() === '' ? [] : [{ value: parseJson(line, place), place }];
  });
}

function parseJson(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    // V8 quotes what it read, with its line breaks.
    throw new InputError(`${place}: no JSON: ${error instanceof Error ? error.message.replace(/\s+/g, ' ') : ''}`);
  }
}

/** A file that is one JSON value. */
export const readJson = (file: string): Row[] => [{ value: parseJson(readText(file), file), place: file }];

/** Brings a row's fields to the names of the first line. */
type Fit = (fields: readonly string[], names: readonly string[]) => readonly string[];

/**
 * Tab-separated fields, named by the first line. There is no quoting: a quote is a character of the text, as in GLUE's files.
 * @param fitted for rows with other fields than the first line names.
 */
export function readTsv(file: string, fitted: Fit = (fields) => fields): Row[] {
  const [header = '', ...lines] = linesOf(file);
  const names = header.split('\t');
  return lines.flatMap((line, index) => {
    const place = `${file}:${index + 2}`;
    return line === '' ? [] : [{ value: named(names, fitted(line.split('\t'), names), place), place }];
  });
}

function named(names: readonly string[], fields: readonly string[], place: string): Record<string, string> {
  if (fields.length !== names.length) {
    throw new InputError(`${place}: ${fields.length} tab-separated fields, the first line has ${names.length}`);
  }
  return Object.fromEntries(names.map((name, column) => [name, fields[column] ?? '']));
}

/** Lines of text, blank ones passed over. */
export function readLines(file: string): Row[] {
  return linesOf(file).flatMap((value, index) => (value.trim() === '' ? [] : [{ value, place: `${file}:${index + 1}` }]));
}

const linesOf = (file: string): string[] => readText(file).split(/\r?\n/);

/** The rows of a Parquet file, 64-bit integers as numbers. */
export async function readParquet(file: string): Promise<Row[]> {
  const values = await parquetRows(file);
  return values.map((value, index) => ({ value: withNumbers(value), place: `${file}, row ${index + 1}` }));
}

function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(withNumbers);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNumbers(inner)]));
}
