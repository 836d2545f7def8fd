import { deriveSeed, InputError, permutation, UsageError } from '../engine/index.js';
import { identityOf, type Example, type Source } from './task.js';

export interface Sizes {
  readonly trainSize: number;
  readonly devSize: number;
  readonly testSize: number;
}

/** What the command line says about sizes; `perClass` train and again so many dev items of each class instead of both sizes. */
export type AskedSizes = { readonly [Size in keyof Sizes]?: number | undefined } & { readonly perClass?: number | undefined };

export interface Splits {
  readonly train: readonly Example[];
  readonly dev: readonly Example[];
  readonly test: readonly Example[];
}

/** How many items there are to draw train and dev sets from, of any sizes that make so many together. */
export interface ItemCounts {
  readonly items: number;
  /** Of each class, by its candidate, those that no other class has; empty where items have candidates of their own. */
  readonly classes: ReadonlyMap<string, number>;
}

const TRAIN_STREAM = 1;
const TEST_STREAM = 2;

/** A data set that tests nothing it trains on. */
export interface Disjoint {
  readonly source: Source;
  /** How many training items were left out, as a test item asks the same. */
  readonly overlap: number;
}

/** Leaves out training items that are test items too: the test set stays as it is published. Throws InputError where none is left. */
export function disjoint({ train, test, files }: Source): Disjoint {
  const tested = new Set(test.map(identityOf));
  const others = train.filter((item) => !tested.has(identityOf(item)));
  if (others.length === 0) throw new InputError(`${files.join(', ')}: every training item is a test item too: give other test items`);
  return { source: { train: others, test, files }, overlap: train.length - others.length };
}

/**
 * Sizes as asked for. Where nobody asks, `usual` ones, in which train and dev give way to what there is: the dev set is at most half
 * of the items, or what `--train-size` leaves, and the training set has at most the rest.
 * @throws UsageError where more is asked for than there is.
 */
export function splitSizes(counts: ItemCounts, asked: AskedSizes, usual: Sizes): Sizes {
  const testSize = asked.testSize ?? usual.testSize;
  if (asked.perClass !== undefined) return { ...sizesPerClass(counts, asked, asked.perClass), testSize };
  const free = asked.trainSize === undefined ? Math.floor(counts.items / 2) : counts.items - asked.trainSize;
  const devSize = asked.devSize ?? Math.max(1, Math.min(usual.devSize, free));
  const trainSize = asked.trainSize ?? Math.max(1, Math.min(usual.trainSize, counts.items - devSize));
  checkSizes(trainSize, devSize, counts.items);
  return { trainSize, devSize, testSize };
}

function sizesPerClass({ classes }: ItemCounts, { trainSize, devSize }: AskedSizes, perClass: number): Omit<Sizes, 'testSize'> {
  if (trainSize !== undefined || devSize !== undefined) {
    throw new UsageError('--per-class says how many train and dev items there are: give it without --train-size and --dev-size');
  }
  for (const [candidate, count] of classes) checkClass(candidate, count, perClass);
  return { trainSize: perClass * classes.size, devSize: perClass * classes.size };
}

/** Of a data set's training items. */
export function countItems({ train }: Source): ItemCounts {
  const groups = [...groupsByFirst(train).values()];
  const items = drawable(groups);
  const [first] = train;
  const candidates = JSON.stringify(first?.candidates);
  if (train.some((item) => JSON.stringify(item.candidates) !== candidates)) return { items, classes: new Map() };
  const agreed = groups.map((group) => new Set(group.map(({ answer }) => answer))).filter(({ size }) => size === 1);
  const count = (answer: number): number => agreed.filter((own) => own.has(answer)).length;
  return { items, classes: new Map(first?.candidates.map((candidate, answer) => [candidate, count(answer)])) };
}

/** All of them, where enough others make up for a group that does not fit; else one group may be cut, of which one item is drawn. */
function drawable(groups: Groups): number {
  const items = groups.reduce((sum, { length }) => sum + length, 0);
  const others = groups.reduce((most, { length }) => Math.max(most, length), 1) - 1;
  return groups.filter(isSingle).length >= others ? items : items - others;
}

/**
 * MeZO's protocol: train and dev sets are the start of one permutation of the training items, dev its end; the test set is sampled from
 * the held-out items, or is all of them where there are fewer. With `perClass` train and dev are the first items of each class in that
 * permutation. Items that ask the same stay together, in the place of their first one: none of dev is one of train too.
 * @throws UsageError where train and dev ask for more items than there are.
 */
export function sampleSplits(
  source: Source,
  { trainSize, devSize, testSize, perClass }: Sizes & { readonly perClass?: number | null },
  seed: number,
): Splits {
  const order = permutation(source.train.length, deriveSeed(seed, TRAIN_STREAM));
  const groups = groupsByFirst(source.train);
  const inOrder = order.flatMap((first) => [groups.get(first)].filter((group) => group !== undefined));
  const test = pick(source.test, testSize, deriveSeed(seed, TEST_STREAM));
  if (typeof perClass === 'number') return { ...classSplits(inOrder.flat(), perClass), test };
  const [train, others] = draw(inOrder, trainSize);
  const [dev] = draw(others, devSize);
  checkSizes(trainSize, devSize, train.length + dev.length);
  return { train, dev, test };
}

/** Items that ask the same, by the place of their first one. */
function groupsByFirst(items: readonly Example[]): Map<number, Example[]> {
  const firsts = new Map<string, number>();
  const groups = new Map<number, Example[]>();
  items.forEach((item, index) => {
    const identity = identityOf(item);
    const first = firsts.get(identity) ?? index;
    firsts.set(identity, first);
    const group = groups.get(first);
    if (group) group.push(item);
    else groups.set(first, [item]);
  });
  return groups;
}

const isSingle = ({ length }: readonly Example[]): boolean => length === 1;

type Groups = readonly (readonly Example[])[];

/**
 * So many items, in whole groups as they come, and the groups that are left. A group that is too large is passed over; where the others
 * do not suffice, the last items without an equal make room for it, and where there are too few of those it is cut.
 */
function draw(groups: Groups, size: number): [items: Example[], left: Groups] {
  const taken: Groups[number][] = [];
  const left: Groups[number][] = [];
  let room = size;
  for (const group of groups) {
    const fits = group.length <= room;
    (fits ? taken : left).push(group);
    if (fits) room -= group.length;
  }
  const [next, ...others] = left;
  if (room === 0 || !next) return [taken.flat(), left];
  const giveWay = new Set(taken.filter(isSingle).slice(room - next.length));
  const kept = taken.filter((group) => !giveWay.has(group));
  return [[...kept.flat(), ...next].slice(0, size), [...others, ...giveWay]];
}

/** Those that ask other things than all of `items`. */
function unlike(items: readonly Example[], others: readonly Example[]): Example[] {
  const asked = new Set(items.map(identityOf));
  return others.filter((item) => !asked.has(identityOf(item)));
}

function classSplits(order: readonly Example[], perClass: number): Pick<Splits, 'train' | 'dev'> {
  const candidates = order[0]?.candidates ?? [];
  const firstOf = (items: readonly Example[], answer: number) => items.filter((item) => item.answer === answer).slice(0, perClass);
  const train = candidates.flatMap((_, answer) => firstOf(order, answer));
  const others = unlike(train, order);
  const dev = candidates.map((_, answer) => firstOf(others, answer));
  dev.forEach((own, answer) => {
    checkClass(candidates[answer] ?? '', perClass + own.length, perClass);
  });
  return { train, dev: dev.flat() };
}

function checkSizes(trainSize: number, devSize: number, items: number): void {
  const wanted = trainSize + devSize;
  if (wanted <= items) return;
  throw new UsageError(`--train-size ${trainSize} and --dev-size ${devSize} ask for ${wanted} items, the data has ${items}`);
}

function checkClass(candidate: string, count: number, perClass: number): void {
  if (count >= 2 * perClass) return;
  throw new UsageError(`--per-class ${perClass} asks for ${2 * perClass} items of each class, of "${candidate}" the data has ${count}`);
}

function pick(items: readonly Example[], count: number, seed: number): Example[] {
  return permutation(items.length, seed)
    .slice(0, count)
    .map((index) => items[index])
    .filter((item) => item !== undefined);
}
