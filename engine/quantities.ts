/** How numbers, bytes and durations are written wherever a person reads them. Loads nothing, so that the page of a run may use it too. */

/** Sums and products of decimals are off in the sixteenth digit: 100 * 0.145 is 14.499999999999998. */
const EXACT_DIGITS = 12;

type Digits = Pick<Intl.NumberFormatOptions, `${'minimum' | 'maximum'}${'FractionDigits' | 'SignificantDigits'}` | 'useGrouping'>;

/** Halves go away from zero, as decimals; `toFixed` would round the nearest binary fraction (1.005 to 1.00), and zero has no sign. */
function rounding(digits: Digits): (value: number) => string {
  const format = new Intl.NumberFormat('en-US', { signDisplay: 'negative', roundingMode: 'halfExpand', ...digits });
  return (value) => (Number.isFinite(value) ? format.format(Number(value.toPrecision(EXACT_DIGITS))) : String(value));
}

const toFraction = [0, 1, 2, 3, 4].map((digits) =>
  rounding({ minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }),
);
const toSignificant = [1, 2, 3, 4].map((digits) =>
  rounding({ minimumSignificantDigits: digits, maximumSignificantDigits: digits, useGrouping: false }),
);
const toWhole = rounding({ maximumFractionDigits: 0, useGrouping: true });

/** With so many digits after the point. */
export function fixed(value: number, digits: 0 | 1 | 2 | 3 | 4): string {
  return toFraction[digits]?.(value) ?? '';
}

/** With so many significant digits. */
export function significant(value: number, digits: 1 | 2 | 3 | 4): string {
  return toSignificant[digits - 1]?.(value) ?? '';
}

/** A whole number, thousands set apart. */
export function grouped(value: number): string {
  return toWhole(value);
}

/** A share, 0 to 1, in percent: 0.8525 is "85.3". */
export function percent(share: number): string {
  return fixed(100 * share, 1);
}

export const KIB = 2 ** 10;
export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** Such as "512 bytes", "7.5 KiB", "121 MiB" or "14.9 GiB". */
export function bytesText(bytes: number): string {
  if (bytes < KIB) return `${bytes} bytes`;
  if (isBelow(bytes, MIB)) return `${short(bytes / KIB)} KiB`;
  return isBelow(bytes, GIB) ? `${short(bytes / MIB)} MiB` : `${fixed(bytes / GIB, 1)} GiB`;
}

/** As it is shown: nothing has 1,024 MiB. */
const isBelow = (bytes: number, unit: number): boolean => Math.round((KIB * bytes) / unit) < KIB;

/** Tenths below ten. */
const short = (value: number): string => fixed(value, value < 9.95 ? 1 : 0);

/** Such as "3.2 s", "42 s", "3 min 20 s" or "2 h 5 min". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${short(seconds)} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
