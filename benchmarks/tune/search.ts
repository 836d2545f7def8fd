/** A learning rate that was tried, and the dev accuracy it gave: -Infinity where the run diverged or failed. */
export interface Trial {
  readonly learningRate: number;
  readonly score: number;
}

/** Rates lie on a grid of 1 and 3 times powers of ten. */
const MANTISSAS = [1, 3] as const;

const rateAt = (index: number): number => {
  const decade = Math.floor(index / MANTISSAS.length);
  return Number(`${MANTISSAS[index - decade * MANTISSAS.length] ?? 1}e${decade}`);
};

/** The grid's index nearest to a rate. */
const indexOf = (rate: number): number => {
  const decade = Math.floor(Math.log10(rate) + 1e-9);
  const around = [0, 1, 2].map((offset) => decade * MANTISSAS.length + offset);
  const distance = (index: number): number => Math.abs(Math.log(rateAt(index) / rate));
  return around.reduce((best, index) => (distance(index) < distance(best) ? index : best));
};

/** The trial with the highest score; of equal ones the larger rate, for all rates that are too small do nothing alike. */
export function bestTrial(trials: readonly Trial[]): Trial | undefined {
  const ascending = [...trials].sort((a, b) => a.learningRate - b.learningRate);
  return ascending.reduce<Trial | undefined>((best, trial) => (best && best.score > trial.score ? best : trial), undefined);
}

/** Whether the trials that completed are all as good as another, so that they speak for no rate: as where no step was better than none. */
export function isFlat(trials: readonly Trial[]): boolean {
  const completed = trials.filter(({ score }) => score > -Infinity);
  return completed.length > 1 && completed.every(({ score }) => score === completed[0]?.score);
}

/**
 * The rates to try next: `start` and its neighbours on the grid, then one beyond the best while the best lies at an end.
 * Empty when the best lies between two that are not better, or after `most` trials.
 */
export function nextRates(trials: readonly Trial[], start: number, most: number): number[] {
  const tried = new Set(trials.map(({ learningRate }) => indexOf(learningRate)));
  const best = bestTrial(trials);
  const centre = indexOf(
    best && best.score > -Infinity ? best.learningRate : Math.min(start, ...trials.map(({ learningRate }) => learningRate)),
  );
  const wanted = [centre, centre - 1, centre + 1].filter((index) => !tried.has(index)).slice(0, Math.max(0, most - trials.length));
  return wanted.sort((a, b) => a - b).map(rateAt);
}

/** The same, but never done before so many rates are tried: once the best lies between two, the untried rate nearest to it is next. */
export function equalRates(trials: readonly Trial[], start: number, count: number): number[] {
  const wanted = nextRates(trials, start, count);
  const best = bestTrial(trials);
  if (wanted.length > 0 || best === undefined || trials.length >= count) return wanted;
  const tried = new Set(trials.map(({ learningRate }) => indexOf(learningRate)));
  const centre = indexOf(best.learningRate);
  const around = Array.from({ length: trials.length + 1 }, (_, distance) => [centre + distance, centre - distance]).flat();
  return around
    .filter((index) => !tried.has(index))
    .slice(0, 1)
    .map(rateAt);
}
