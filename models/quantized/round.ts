import { codeOf, gridOf, type Grid } from './grid.js';
import { groupsOf, packCodes, packedBytes, type Bits, type PackedWeight } from './packed.js';
import { inverseFactor } from './inverse-factor.js';

/** How a weight becomes integers. */
export interface RoundingSettings {
  readonly bits: Bits;
  /** Inputs that share a scale; -1: all of them. */
  readonly groupSize: number;
  readonly symmetric: boolean;
}

/** A weight [outputs, inputs], row-major. */
export interface Weight {
  readonly outputs: number;
  readonly inputs: number;
  readonly values: Float32Array;
}

/** How GPTQ is to round. */
export interface GptqOptions {
  /** Added to the Hessian's diagonal, as a share of its mean. */
  readonly damping: number;
  /** Whether inputs are taken in the order of their sizes, the largest first (`desc_act`). */
  readonly ordered: boolean;
}

/** Every weight to the nearest code of its group's grid. */
export function roundToNearest(weight: Weight, settings: RoundingSettings): PackedWeight {
  return rounded(weight, settings, undefined, () => undefined);
}

/**
 * GPTQ (Frantar et al. 2022, arXiv:2210.17323, algorithm 1): inputs are rounded one after another, and what rounding one does to the layer's
 * outputs is made up for by those that come after it.
 * @param gram - [inputs, inputs], the sum over tokens of x x^T, x being the layer's inputs
 */
export function roundWithHessian(weight: Weight, settings: RoundingSettings, gram: Float64Array, options: GptqOptions): PackedWeight {
  const { outputs, inputs } = weight;
  const diagonal = Float64Array.from({ length: inputs }, (_, k) => gram[k * inputs + k] ?? NaN);
  const order = options.ordered ? byDescending(diagonal) : undefined;
  const factor = inverseFactor(damped(gram, order, diagonal, options.damping), inputs); // U, upper: H^-1 = U^T U
  return rounded(weight, settings, order, (values, place, errors) => {
    const row = factor.subarray(place * inputs, (place + 1) * inputs);
    const pivot = row[place] ?? NaN;
    for (let n = 0; n < outputs; n++) {
      const share = (errors[n] ?? NaN) / pivot;
      for (let later = place + 1; later < inputs; later++)
        values[n * inputs + later] = (values[n * inputs + later] ?? NaN) - share * (row[later] ?? NaN);
    }
  });
}

/** Told, after each place, what its rounding took from each output's weight. */
type Propagate = (values: Float64Array, place: number, errors: Float64Array) => void;

function rounded(weight: Weight, settings: RoundingSettings, order: Int32Array | undefined, propagate: Propagate): PackedWeight {
  const { outputs, inputs } = weight;
  const { bits } = settings;
  const groupSize = settings.groupSize === -1 ? inputs : Math.min(settings.groupSize, inputs);
  const grids = new GroupGrids(outputs, inputs, groupSize, settings);
  const values = inOrder(weight, order);
  const codes = new Uint8Array(outputs * inputs);
  const errors = new Float64Array(outputs);
  for (let place = 0; place < inputs; place++) {
    if (place % groupSize === 0) grids.begin(values, place);
    for (let n = 0; n < outputs; n++) {
      const [at, grid] = [n * inputs + place, grids.at(n, place)];
      const code = codeOf(values[at] ?? NaN, grid, bits);
      codes[at] = code;
      errors[n] = (values[at] ?? NaN) - grid.scale * (code - grid.zero);
    }
    propagate(values, place, errors);
  }
  const { scales, zeros } = grids;
  return { outputs, inputs, bits, groupSize, codes: packedRows(codes, inputs, bits), scales, zeros, ...(order && { order }) };
}

/** The grids of a weight's groups, made when their first input comes: what was made up for by then is in the values. */
class GroupGrids {
  readonly scales: Float32Array;
  readonly zeros: Float32Array;
  readonly #groups: number;

  constructor(
    readonly outputs: number,
    readonly inputs: number,
    readonly groupSize: number,
    readonly settings: RoundingSettings,
  ) {
    this.#groups = groupsOf({ inputs, groupSize });
    this.scales = new Float32Array(outputs * this.#groups);
    this.zeros = new Float32Array(outputs * this.#groups);
  }

  begin(values: Float64Array, place: number): void {
    for (let n = 0; n < this.outputs; n++) {
      const end = n * this.inputs + Math.min(this.inputs, place + this.groupSize);
      const { scale, zero } = gridOf(values.subarray(n * this.inputs + place, end), this.settings.bits, this.settings.symmetric);
      this.scales[this.#index(n, place)] = scale;
      this.zeros[this.#index(n, place)] = zero;
    }
  }

  at(n: number, place: number): Grid {
    const index = this.#index(n, place);
    return { scale: this.scales[index] ?? NaN, zero: this.zeros[index] ?? NaN };
  }

  #index(n: number, place: number): number {
    return n * this.#groups + Math.floor(place / this.groupSize);
  }
}

/** The weight by places, to work on. */
function inOrder({ inputs, values }: Weight, order: Int32Array | undefined): Float64Array {
  if (!order) return Float64Array.from(values);
  return Float64Array.from(values, (_, at) => values[at - (at % inputs) + (order[at % inputs] ?? NaN)] ?? NaN);
}

function packedRows(codes: Uint8Array, inputs: number, bits: Bits): Uint8Array {
  const rowBytes = packedBytes(inputs, bits);
  const rows = codes.length / inputs;
  const out = new Uint8Array(rows * rowBytes);
  for (let n = 0; n < rows; n++) out.set(packCodes(codes.subarray(n * inputs, (n + 1) * inputs), bits), n * rowBytes);
  return out;
}

const byDescending = (numbers: Float64Array): Int32Array =>
  Int32Array.from(numbers.keys()).sort((a, b) => (numbers[b] ?? NaN) - (numbers[a] ?? NaN) || a - b);

/** The Hessian by places, its diagonal raised; an input that was never anything gets 1. */
function damped(gram: Float64Array, order: Int32Array | undefined, diagonal: Float64Array, damping: number): Float64Array {
  const inputs = diagonal.length;
  const added = (damping * diagonal.reduce((sum, each) => sum + each, 0)) / inputs;
  const inputAt = (place: number): number => (order ? (order[place] ?? NaN) : place);
  return Float64Array.from(gram, (_, at) => {
    const [row, column] = [inputAt(Math.floor(at / inputs)), inputAt(at % inputs)];
    const value = gram[row * inputs + column] ?? NaN;
    return row === column ? (value || 1) + added : value;
  });
}

/** What rounding does to a layer's outputs: the sum over outputs of e^T gram e, e being what was rounded away. */
export function outputError(before: Float32Array, after: Float32Array, inputs: number, gram: Float64Array): number {
  const e = new Float64Array(inputs);
  let sum = 0;
  for (let start = 0; start < before.length; start += inputs) {
    for (let k = 0; k < inputs; k++) e[k] = (before[start + k] ?? NaN) - (after[start + k] ?? NaN);
    sum += quadratic(gram, e);
  }
  return sum;
}

/** e^T A e of a symmetric A. */
function quadratic(a: Float64Array, e: Float64Array): number {
  const n = e.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const factor = e[i] ?? NaN;
    let row = 0.5 * (a[i * n + i] ?? NaN) * factor;
    for (let j = 0; j < i; j++) row += (a[i * n + j] ?? NaN) * (e[j] ?? NaN);
    sum += 2 * factor * row;
  }
  return sum;
}
