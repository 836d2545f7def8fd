interface LogAxis {
  readonly type: 'logarithmic';
  readonly ticks: { readonly autoSkip: false; readonly maxRotation: 0; readonly callback: (value: number | string) => string | null };
}

/** Over less than this ratio of largest to smallest, decades alone would leave an axis nearly without ticks. */
const THREE_DECADES = 1000;
/** Numbers from here to here are written out, unless others on the axis are not. */
const PLAIN = [1e-3, 1e6] as const;

/** A logarithmic axis for values of this range, with ticks that do not crowd. */
export function logAxis(values: readonly number[]): LogAxis {
  const mantissas = ratioOf(values) < THREE_DECADES ? [1, 2, 5] : [1];
  const isPlain = Math.min(...values) >= PLAIN[0] && Math.max(...values) < PLAIN[1];
  return {
    type: 'logarithmic',
    ticks: { autoSkip: false, maxRotation: 0, callback: (value) => tickLabel(Number(value), mantissas, isPlain) },
  };
}

/** The same with room around the outermost values. */
export function roomyLogAxis(values: readonly number[]): LogAxis & { min: number; max: number } {
  return { ...logAxis(values), min: Math.min(...values) / ROOM, max: Math.max(...values) * ROOM };
}

const ROOM = 1.4;

/** Largest to smallest; 1 where some value cannot stand on a logarithmic axis. */
export function ratioOf(values: readonly number[]): number {
  const least = Math.min(...values);
  return least > 0 ? Math.max(...values) / least : 1;
}

/** null, which drops tick and grid line, for a value that begins with another digit. */
function tickLabel(value: number, mantissas: readonly number[], isPlain: boolean): string | null {
  const [mantissa, exponent] = value.toExponential().split('e');
  if (!mantissas.includes(Number(mantissa))) return null;
  return isPlain || value === 1 ? value.toLocaleString('en-US', { maximumSignificantDigits: 1 }) : `${mantissa ?? ''}e${Number(exponent)}`;
}

/** Percentage points that an axis spans at least: of less, noise would look like much. */
const LEAST_SPAN = 4;

/** The range of a linear axis that shows the differences between percentages, at round values and within 0 and 100. */
export function percentRange(values: readonly number[]): { min: number; max: number } {
  const all = values.filter(Number.isFinite);
  if (all.length === 0) return { min: 0, max: 100 };
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(0.04 * (most - least), (LEAST_SPAN - (most - least)) / 2, 0.5);
  const step = most - least + 2 * room > 40 ? 10 : most - least + 2 * room > 15 ? 5 : 1;
  return { min: Math.max(0, step * Math.floor((least - room) / step)), max: Math.min(100, step * Math.ceil((most + room) / step)) };
}

/** A logarithmic axis whose ticks are the values themselves: for what doubles. */
export const doublingAxis = (values: readonly number[]) => ({
  type: 'logarithmic' as const,
  min: Math.min(...values) / ROOM,
  max: Math.max(...values) * ROOM,
  ticks: { autoSkip: false, callback: (value: number | string) => String(value) },
});
