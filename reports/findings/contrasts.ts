import { mean, sampleStd } from '../../statistics/moments.js';
import { readMemoryStudy, type MemoryPoint } from '../tables/memory-study.js';
import { settingsOf, type RecordedRuns } from '../tables/run.js';
import type { Contrast } from './finding.js';
import {
  bySeed,
  difference,
  drawsOf,
  endedIn,
  groupAt,
  onlyOption,
  paired,
  placesOf,
  points,
  SCHEMES,
  two,
  type BySeed,
  type Place,
  type Two,
} from './places.js';

const namesIn = (run: RecordedRuns): string[] => [...new Set(run.groups.flatMap((group) => settingsOf(group)?.optimizer ?? []))];

/** Standard deviation over the seeds of the first minus of the second, a draw for each place. */
export function spreadOverCells(pairs: readonly Two[]): Contrast {
  const draws = pairs.flatMap((groups) => {
    const [first, second] = groups.map(({ completed }) => sampleStd(completed.map(points)));
    return typeof first === 'number' && typeof second === 'number' ? [first - second] : [];
  });
  return { strata: [draws], over: 'cells', leftOut: endedIn(pairs.flat()) };
}

const LEAST_QUERIES = 4;

/** Forward-Grad and ZO-SGD at the largest q that both have, place by place. */
export function queries(run: RecordedRuns): Two[] {
  const asked = namesIn(run).flatMap((name) => onlyOption(name, 'forward-grad', 'q') ?? []);
  const descending = asked.filter((q) => q >= LEAST_QUERIES).sort((a, b) => b - a);
  return placesOf(run).flatMap((place) => {
    const pairs = descending.flatMap((q) => two(groupAt(run, place, `forward-grad:q=${q}`), groupAt(run, place, `zo-sgd:q=${q}`)));
    return pairs.slice(0, 1);
  });
}

const MOST_SPARSITY = 0.5;

/** Each sparsity minus the dense estimate, place by place. */
export function sparsities(run: RecordedRuns): Contrast {
  const sparse = namesIn(run).filter((name) => {
    const share = onlyOption(name, 'zo-sgd', 'sparsity');
    return share !== null && share > 0 && share <= MOST_SPARSITY;
  });
  const byPlace = placesOf(run).map((place) => sparse.flatMap((name) => two(groupAt(run, place, name), groupAt(run, place, 'zo-sgd'))));
  return { strata: byPlace.map((pairs) => drawsOf(meanBySeed(pairs.map(gapOf)))), over: 'seeds', leftOut: endedIn(byPlace.flat(2)) };
}

const gapOf = (groups: Two): BySeed =>
  paired(
    groups.map((group) => bySeed(group)),
    difference,
  );

/** Contrasts that share a side are no independent strata: they are one, of their means. */
const meanBySeed = (contrasts: readonly BySeed[]): BySeed =>
  paired(
    contrasts.filter(({ size }) => size > 0),
    mean,
  );

/** An optimizer with the aligned and the plain template. */
export function alignment(run: RecordedRuns, optimizer: string): Two[] {
  return placesOf(run).flatMap((place) => alignedAndPlain(run, place, optimizer));
}

const alignedAndPlain = (run: RecordedRuns, place: Place, optimizer: string): Two[] =>
  two(groupAt(run, place, optimizer), groupAt(run, { ...place, template: 'plain' }, optimizer));

export function alignmentOfBoth(run: RecordedRuns): Contrast {
  const both = placesOf(run).flatMap((place) =>
    alignedAndPlain(run, place, 'zo-sgd').flatMap((zo) => alignedAndPlain(run, place, 'fo-sgd').map((fo) => [...zo, ...fo])),
  );
  const gains = both.map((groups) =>
    paired(
      groups.map((group) => bySeed(group)),
      ([zo = NaN, zoPlain = NaN, fo = NaN, foPlain = NaN]) => zo - zoPlain - (fo - foPlain),
    ),
  );
  return { strata: gains.map(drawsOf), over: 'seeds', leftOut: endedIn(both.flat()) };
}

const ZEROTH_ORDER = ['zo-sgd', 'zo-sgd-sign', 'zo-sgd-mmt', 'zo-sgd-cons', 'zo-adam'];
const LEAST_OPTIMIZERS = 3;

export function loraSpread(run: RecordedRuns): Contrast {
  const places = placesOf(run).filter(({ scheme }) => scheme === 'lora');
  const others = SCHEMES.filter((scheme) => scheme !== 'lora');
  const byPlace = places.map((place) =>
    others.map((scheme) => withBoth(run, place, scheme)).filter(({ length }) => length >= LEAST_OPTIMIZERS),
  );
  const strata = byPlace.map((schemes) => drawsOf(meanBySeed(schemes.map(spreadGap))));
  return { strata, over: 'seeds', leftOut: endedIn(byPlace.flat(3)) };
}

/** The zeroth-order optimizers that completed with a scheme and with LoRA. */
const withBoth = (run: RecordedRuns, place: Place, scheme: string): Two[] =>
  ZEROTH_ORDER.flatMap((name) => two(groupAt(run, { ...place, scheme }, name), groupAt(run, place, name))).filter((both) =>
    both.every(({ completed }) => completed.length > 0),
  );

/** Spread over optimizers of each seed's accuracies, with a scheme minus with LoRA. */
function spreadGap(optimizers: readonly Two[]): BySeed {
  const columns = optimizers.flat().map((group) => bySeed(group));
  const spreadOf = (values: readonly number[], side: 0 | 1): number => sampleStd(values.filter((_, index) => index % 2 === side)) ?? NaN;
  return paired(columns, (values) => spreadOf(values, 0) - spreadOf(values, 1));
}

const HARDER = ['copa', 'winogrande'];

export function harderGap(run: RecordedRuns): Contrast {
  const places = placesOf(run).filter(({ task }) => task === 'sst2');
  const both = (place: Place): Two[] => two(groupAt(run, place, 'fo-sgd'), groupAt(run, place, 'zo-sgd'));
  const byPlace = places.map((place) => ({ easy: both(place), hard: HARDER.flatMap((task) => both({ ...place, task })) }));
  const complete = byPlace.filter(({ easy, hard }) => easy.length > 0 && hard.length > 0);
  const strata = complete.map(({ easy, hard }) =>
    drawsOf(
      paired(
        [hard, easy].map((pairs) => meanBySeed(pairs.map(gapOf))),
        difference,
      ),
    ),
  );
  return { strata, over: 'seeds', leftOut: endedIn(complete.flatMap(({ easy, hard }) => [...easy, ...hard].flat())) };
}

/** Repeats are paired in the order of the file. */
export function memoryGap({ folders }: RecordedRuns): Contrast {
  const studied = folders.flatMap(readMemoryStudy).filter(({ kind }) => kind === 'measured');
  const lengths = [...new Set(studied.map(({ length }) => length))].sort((a, b) => a - b);
  const [shortest, longest] = [lengths[0], lengths.at(-1)];
  const growth = (optimizer: string): number[] =>
    repeats(studied, optimizer, longest).map((peak, index) => peak - (repeats(studied, optimizer, shortest)[index] ?? NaN));
  const [first, zeroth] = [growth('fo-sgd'), growth('zo-sgd')];
  const draws = lengths.length > 1 ? first.map((grown, index) => grown - (zeroth[index] ?? NaN)).filter((draw) => !Number.isNaN(draw)) : [];
  return { strata: [draws], over: 'repeats', leftOut: 0 };
}

const repeats = (studied: readonly MemoryPoint[], optimizer: string, length?: number): number[] =>
  studied.filter((point) => point.optimizer === optimizer && point.length === length).map(({ peakMib }) => peakMib);
