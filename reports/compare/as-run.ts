import { UsageError } from '../../engine/errors.js';
import type { CellRecord, CellSettings } from '../../records/record.js';
import { isTrained } from '../../records/trained.js';
import { apart } from '../contents.js';
import { groupRecords, partition, type Group } from '../groups.js';
import type { Contest } from './comparison.js';
import { keyOf, taskText } from './pairs.js';
import type { ChosenRate } from './rates.js';

/** A run folder's records, under what it is called beside others. */
export interface RunSide {
  readonly label: string;
  readonly records: readonly CellRecord[];
}

/** What has been run, ready to be compared. */
export interface AsRun {
  /** Of each optimizer one configuration in a cell. */
  readonly records: readonly CellRecord[];
  readonly contest: Contest;
  readonly rates: readonly ChosenRate[];
  /** What the comparison must be read with. */
  readonly notes: readonly string[];
  /** A line for each name that stands for several contents. */
  readonly problems: readonly string[];
}

/** Either may be left out. */
export type NamedOptimizers = { readonly [Side in keyof Contest]?: Contest[Side] | undefined };

interface Sided {
  /** Whether it is of the first folder. */
  readonly isFirst: boolean;
  readonly label: string;
  readonly record: CellRecord;
}

/**
 * Optimizers that were run, as candidates and baselines: those that are named or, without names, those of the first folder against those
 * of the others; one that is on both sides then goes by its folder too. Of several learning rates and epsilons the one that did best on
 * dev counts.
 * @throws UsageError where an optimizer was not run, has several settings in a cell, or other items than another.
 */
export function asRun(sides: readonly RunSide[], named: NamedOptimizers): AsRun {
  const { records, problems } = apart(sides.flatMap((side) => side.records));
  const places = sides.flatMap(({ label, records: its }, side) => its.map(() => ({ isFirst: side === 0, label })));
  const sided = records.flatMap((record, index): Sided[] => {
    const place = places[index];
    return place && isTrained(record.settings) ? [{ ...place, record }] : [];
  });
  const isNamed = named.candidates !== undefined || named.baselines !== undefined;
  const told = isNamed ? sided : sidesToldApart(sided);
  const contest = isNamed ? namedContest(told, named) : contestOfSides(told);
  const all = [...contest.candidates, ...contest.baselines];
  const contested = told.map(({ record }) => record).filter(({ settings }) => all.includes(settings.optimizer));
  const groups = groupRecords(contested);
  for (const cell of partition(groups, cellOf)) refuseUnfair(cell);
  return {
    records: groups.flatMap(({ completed, ended }) => [...completed, ...failuresBeside(completed, ended)]),
    contest,
    rates: groups.flatMap(chosenRates),
    notes: [
      '**NOT TUNED FOR THIS COMPARISON but compared as it was run: a difference may be one of learning rates.**',
      ...searchNotes(groups),
      ...trainingNotes(groups),
    ],
    problems,
  };
}

const optimizersOf = (sided: readonly Sided[]): string[] => [...new Set(sided.map(({ record }) => record.settings.optimizer))];

/** An optimizer that both sides have gets its folder behind its name. */
function sidesToldApart(sided: readonly Sided[]): Sided[] {
  const [first, others] = [true, false].map((side) => optimizersOf(sided.filter(({ isFirst }) => isFirst === side))) as [
    string[],
    string[],
  ];
  return sided.map(({ record, label, ...rest }) => {
    const { optimizer } = record.settings;
    const name = first.includes(optimizer) && others.includes(optimizer) ? `${optimizer} (${label})` : optimizer;
    return { ...rest, label, record: { ...record, settings: { ...record.settings, optimizer: name } } };
  });
}

function contestOfSides(sided: readonly Sided[]): Contest {
  const [candidates, baselines] = [true, false].map((side) => optimizersOf(sided.filter(({ isFirst }) => isFirst === side)));
  if (!candidates?.length || !baselines?.length)
    throw new UsageError('--candidate: which optimizer is in question? Two folders with trained cells are needed, or names');
  return { candidates, baselines };
}

/** Whoever is not named is on the other side. */
function namedContest(sided: readonly Sided[], { candidates, baselines }: NamedOptimizers): Contest {
  const all = optimizersOf(sided);
  const absent = [...(candidates ?? []), ...(baselines ?? [])].find((name) => !all.includes(name));
  if (absent !== undefined) throw new UsageError(`${absent} is in none of these runs, which have ${all.join(', ') || 'no trained cell'}`);
  const twice = candidates?.find((name) => baselines?.includes(name));
  if (twice !== undefined) throw new UsageError(`${twice} is given twice: an optimizer is a candidate or a baseline, once`);
  const others = all.filter((name) => !(candidates ?? baselines ?? []).includes(name));
  if (others.length === 0 && !(candidates && baselines)) throw new UsageError(`${all.join(', ')}: nothing else was run to compare with`);
  return { candidates: candidates ?? others, baselines: baselines ?? others };
}

const settingsOf = ({ cells }: Group): CellSettings | undefined => cells[0]?.settings;

function cellOf(group: Group): string {
  const settings = settingsOf(group);
  return settings ? keyOf(settings) : '';
}

/** What the runs of a pair have in common, or they are none. */
const ITEMS = ['prompt', 'candidates', 'label', 'testFile', 'trainSize', 'devSize', 'testSize', 'perClass'] as const;
/** What they may differ in beside the optimizer: it is told. */
const TRAINING = ['steps', 'batchSize', 'accumulate', 'objective', 'schedule', 'warmup', 'weightDecay'] as const;

const valuesOf = (groups: readonly Group[], name: keyof CellSettings): unknown[] => [
  ...new Set(groups.flatMap((group) => settingsOf(group)?.[name] ?? [])),
];

/** @throws UsageError where the groups of a cell are not one for each optimizer, on the same items. */
function refuseUnfair(groups: readonly Group[]): void {
  const [settings] = groups.flatMap((group) => settingsOf(group) ?? []);
  const place = settings ? `${settings.model}, ${taskText(settings)}, ${settings.scheme}` : '';
  for (const [one, ...others] of partition(groups, ({ optimizer }) => optimizer)) {
    if (others.length > 0)
      throw new UsageError(
        `${place}: ${one.optimizer} was run with several settings (${[one, ...others]
          .map(({ name }) => name)
          .sort()
          .join('; ')}): give folders with one`,
      );
  }
  const different = ITEMS.find((name) => valuesOf(groups, name).length > 1);
  if (different !== undefined)
    throw new UsageError(`${place}: runs with other items are no pairs: ${different} is ${valuesOf(groups, different).join(' and ')}`);
}

/** Seeds that ended early at the configuration that counts; all, where no seed completed at any. */
function failuresBeside(completed: Group['completed'], ended: Group['ended']): Group['ended'] {
  const configuration = ({ settings: { learningRate, epsilon } }: CellRecord): string => JSON.stringify([learningRate, epsilon]);
  const counts = completed.map(configuration);
  const same = ended.filter((record) => counts.length === 0 || counts.includes(configuration(record)));
  return partition(same, ({ settings }) => String(settings.seed)).map(([first]) => first);
}

function chosenRates({ completed }: Group): ChosenRate[] {
  return completed
    .slice(0, 1)
    .flatMap(({ settings: { model, task, scheme, optimizer, learningRate } }) =>
      learningRate === null ? [] : [{ model, task, scheme, optimizer, learningRate, source: 'as run', atEnd: false }],
    );
}

/** How many configurations each optimizer was run with: the best of many flatters. */
function searchNotes(groups: readonly Group[]): string[] {
  const counts = partition(groups, ({ optimizer }) => optimizer).map((its) => {
    const numbers = its.map(({ configurations }) => configurations);
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    return `${its[0].optimizer} ${least === most ? most : `${least} to ${most}`}`;
  });
  return [`Configurations of learning rate and epsilon in each cell, of which the best on dev counts: ${counts.join(', ')}.`];
}

/** Settings of training that the optimizers of a cell do not share. */
function trainingNotes(groups: readonly Group[]): string[] {
  const lines = TRAINING.flatMap((name) => {
    const differing = partition(groups, cellOf).filter((cell) => valuesOf(cell, name).length > 1);
    const values = [...new Set(differing.flat().map((group) => `${group.optimizer} ${String(settingsOf(group)?.[name])}`))];
    return values.length > 0 ? [`${name} (${values.join(', ')})`] : [];
  });
  return lines.length > 0 ? [`Beside the optimizer the runs differ in ${lines.join('; ')}.`] : [];
}
