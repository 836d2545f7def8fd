import { parseName } from '../../options/index.js';
import type { Group } from '../groups.js';
import type { CellSettings, CompletedRecord } from '../../records/record.js';
import { groupFor, settingsOf, type RecordedRuns } from '../tables/run.js';
import type { Contrast, Draws } from './finding.js';

/** ZO-Bench's schemes. */
export const SCHEMES: readonly string[] = ['full', 'lora', 'prefix', 'prompt'];

/** Where optimizers are compared. */
export type Place = Pick<CellSettings, 'model' | 'data' | 'task' | 'scheme' | 'template'>;

/** The places of a run, under ZO-Bench's schemes and trained by cross-entropy, whose tasks are asked in words. */
export function placesOf(run: RecordedRuns): Place[] {
  const settings = run.groups.flatMap((group) => settingsOf(group) ?? []);
  const fitting = settings.filter((one) => one.template === 'aligned' && one.objective === 'cross-entropy' && SCHEMES.includes(one.scheme));
  const places = fitting.map(({ model, data, task, scheme, template }): Place => ({ model, data, task, scheme, template }));
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}

/** The runs of an optimizer at a place, as the tables choose them. */
export function groupAt(run: RecordedRuns, place: Place, optimizer: string): Group | undefined {
  const entries = Object.entries({ ...place, optimizer, objective: 'cross-entropy' }) as [keyof CellSettings, unknown][];
  return groupFor(run, (settings) => entries.every(([setting, value]) => settings[setting] === value));
}

/** A quantity of each completed seed at a place. */
export type BySeed = ReadonlyMap<number, number>;

export const points = ({ final }: CompletedRecord): number => 100 * final.test.score;

export function bySeed(group: Group | undefined, quantity = points): BySeed {
  return new Map(group?.completed.map((record) => [record.settings.seed, quantity(record)]));
}

/** Combines the values of each seed that all have. */
export function paired(columns: readonly BySeed[], combine: (values: readonly number[]) => number): Map<number, number> {
  const [first, ...others] = columns;
  const seeds = [...(first?.keys() ?? [])].filter((seed) => others.every((column) => column.has(seed)));
  return new Map(seeds.map((seed) => [seed, combine(columns.map((column) => column.get(seed) ?? NaN))]));
}

/** Groups of which the first is compared with the second. */
export type Two = readonly [Group, Group];

export const difference = ([a = NaN, b = NaN]: readonly number[]): number => a - b;

/** Two optimizers at every place that both were run at. */
export function twoAtPlaces(run: RecordedRuns, first: string, second: string, within: (place: Place) => boolean = () => true): Two[] {
  return placesOf(run)
    .filter(within)
    .flatMap((place) => two(groupAt(run, place, first), groupAt(run, place, second)));
}

export const two = (first: Group | undefined, second: Group | undefined): Two[] => (first && second ? [[first, second]] : []);

/** The difference of two, paired by seed; a stratum for each of the pairs of groups. */
export function overSeeds(
  pairs: readonly Two[],
  { quantity = points, combine = difference }: { quantity?: (record: CompletedRecord) => number; combine?: typeof difference } = {},
): Contrast {
  const strata = pairs.map((groups) =>
    drawsOf(
      paired(
        groups.map((group) => bySeed(group, quantity)),
        combine,
      ),
    ),
  );
  return { strata, over: 'seeds', leftOut: endedIn(pairs.flat()) };
}

export const drawsOf = (values: BySeed): Draws => [...values.values()];

export const endedIn = (groups: readonly Group[]): number => new Set(groups.flatMap(({ ended }) => ended)).size;

/** The value of an option that a name gives and nothing else; null for other names. */
export function onlyOption(name: string, id: string, option: string): number | null {
  const { id: own, options } = parseName('optimizer', name);
  const { [option]: value, ...others } = options;
  return own === id && value !== undefined && Object.keys(others).length === 0 ? Number(value) : null;
}
