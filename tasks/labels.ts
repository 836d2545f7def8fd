import { InputError } from '../engine/index.js';

/** What a row says of its right answer, and the texts that it may be. */
export interface Labelled {
  readonly value: unknown;
  readonly candidates: readonly string[];
  /** File and line. */
  readonly place: string;
}

/** The candidates that a label may mean: the one that it reads as, and the one that it is the number of, from 0. */
interface Reading extends Labelled {
  readonly byText: number | undefined;
  readonly byNumber: number | undefined;
}

/**
 * The number of each row's right candidate. A label that reads as a candidate is that candidate, and false and true are no and yes; any
 * other is its number from 0, or false or true for the first or second. Where numbers read as candidates, all rows are read in one way: the one that fits them all.
 * @throws InputError naming the place of a label that means no candidate, or of one that may mean two.
 */
export function answersOf(rows: readonly Labelled[], field: string): number[] {
  const readings = rows.map((row) => readingOf(row, field));
  const readsByText = areNumbersTexts(readings.filter(isNumeric), field);
  return readings.map((one) => (isNumeric(one) && !readsByText ? one.byNumber : (one.byText ?? one.byNumber)) ?? NaN);
}

function readingOf(row: Labelled, field: string): Reading {
  const byText = placeOf(row.value, row.candidates);
  const number = isNumeric(row) || typeof row.value === 'boolean' ? Number(row.value) : NaN;
  const byNumber = Number.isInteger(number) && number >= 0 && number < row.candidates.length ? number : undefined;
  if (byText !== undefined || byNumber !== undefined) return { ...row, byText, byNumber };
  throw new InputError(`${row.place}: ${field}: ${shown(row.value)} is neither one of ${listed(row)} nor its number from 0`);
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

const isNumeric = ({ value }: Labelled): boolean => typeof value === 'number' || (typeof value === 'string' && NUMBER.test(value.trim()));

/** Of the candidate that a label reads as: 2 as "2" or "2.0", true as "True" or "Yes", a text as itself, spaces at its ends aside. */
function placeOf(value: unknown, candidates: readonly string[]): number | undefined {
  const texts = candidates.map((candidate) => candidate.trim());
  if (typeof value === 'boolean') return meantBy(value, texts);
  const reads = (text: string): boolean =>
    typeof value === 'number' ? NUMBER.test(text) && Number(text) === value : typeof value === 'string' && text === value.trim();
  const place = texts.findIndex(reads);
  return place < 0 ? undefined : place;
}

/** What false and true mean in words. */
const MEANINGS = [
  ['false', 'true'],
  ['no', 'yes'],
] as const;

/** One word alone says nothing of what the other answer is. */
function meantBy(value: boolean, texts: readonly string[]): number | undefined {
  const words = texts.map((text) => text.toLowerCase());
  const pair = MEANINGS.find((both) => both.every((word) => words.includes(word)));
  return pair && words.indexOf(pair[value ? 1 : 0]);
}

/** Whether labels that are numbers are meant as texts; of no account where both ways say the same. */
function areNumbersTexts(readings: readonly Reading[], field: string): boolean {
  const notText = readings.find(({ byText }) => byText === undefined);
  const notNumber = readings.find(({ byNumber }) => byNumber === undefined);
  if (notText && notNumber) throw noOneWay(notText, notNumber, field);
  if (notText || notNumber) return !notText;
  // A number that is written as text is the candidate that it reads as.
  const open = readings.find(({ value, byText, byNumber }) => typeof value === 'number' && byText !== byNumber);
  if (open) throw twoWays(open, field);
  return true;
}

function noOneWay(notText: Reading, notNumber: Reading, field: string): InputError {
  const [text, number] = [shown(notText.value), shown(notNumber.value)];
  return new InputError(
    `${notText.place}: ${field}: ${text} is none of ${listed(notText)}, and ${number} (${notNumber.place}) no number of one from 0: ` +
      'label all rows in one way',
  );
}

function twoWays({ value, candidates, byText = NaN, byNumber = NaN, place }: Reading, field: string): InputError {
  const [text, number] = [byText, byNumber].map((one) => JSON.stringify(candidates[one]?.trim()));
  return new InputError(
    `${place}: ${field}: ${shown(value)} may be the candidate ${text ?? ''} or, as a number from 0, ${number ?? ''}, and both ways fit all rows: ` +
      `write the candidate as text, ${text ?? ''} or ${number ?? ''}`,
  );
}

const shown = (value: unknown): string => JSON.stringify(value);
const listed = ({ candidates }: Labelled): string => candidates.map((candidate) => JSON.stringify(candidate.trim())).join(', ');
