import type { Dim } from '../graph/graph.js';
import type { Pointer } from '../kernels/pointer.js';
import { codeOf, type Code } from '../programs/code.js';
import { Frame } from '../programs/frame.js';
import type { Application, Formula } from '../programs/program.js';
import type { Factor, Factoring, FactoredMatrices, FactoredMatrix, Noise, RightFactor } from './low-rank.js';
import type { Parameter } from './parameter.js';

/** What a matrix of a program is: a stored factor, or noise that it begins as. */
export type FactorBinding = Factor | Noise;

/** A program that will be run on matrices, and which of those that it reads will be noise. */
export interface ProgramOnMatrices {
  readonly program: Formula;
  readonly noise?: readonly string[];
}

/** A program applied to the factors of one matrix; its numbers may depend on which. */
export type MatrixApplication = (factoring: Factoring) => Application<FactorBinding>;

/**
 * Runs programs on whole factors, matrix after matrix. What they work in is allocated when it is made, for the largest matrix; axes are
 * called `rows`, `columns` and `rank`.
 */
export class MatrixPrograms {
  readonly #working = new Map<Formula, readonly (Pointer | undefined)[]>();
  readonly #frames = new Map<Formula, Map<Parameter, Frame>>();

  constructor(
    readonly matrices: FactoredMatrices,
    programs: readonly ProgramOnMatrices[],
  ) {
    for (const { program, noise = [] } of programs) this.#working.set(program, this.#allocate(codeOf(program), noise));
  }

  /** Arrays for what a program works in, and for what it reads that is noise. */
  #allocate({ arrays }: Code, noise: readonly string[]): readonly (Pointer | undefined)[] {
    return arrays.map(({ name, shape }) => {
      if (name !== undefined && !noise.includes(name)) return undefined;
      return this.matrices.parameters.heap.allocate(Math.max(0, ...this.matrices.all.map((matrix) => elements(shape, lengthsOf(matrix)))));
    });
  }

  /** Runs an application on every matrix. */
  run(apply: MatrixApplication): void {
    for (const matrix of this.matrices.all) this.#runOn(matrix, apply(matrix));
  }

  /** Runs an application on one matrix; `result` is where the array lies that it replaces, which is no stored factor. */
  runOn(parameter: Parameter, apply: MatrixApplication, result: Pointer): void {
    const factoring = this.matrices.of(parameter);
    this.#runOn({ parameter, ...factoring }, apply(factoring), result);
  }

  #runOn(matrix: FactoredMatrix, { program, arrays, scalars }: Application<FactorBinding>, result?: Pointer): void {
    const code = codeOf(program);
    const working = this.#working.get(program);
    if (!working) throw new Error('a matrix program must be announced before it runs');
    const frame = this.#frame(program, code, matrix);
    code.arrays.forEach(({ name }, k) => {
      const binding = name === undefined ? undefined : arrays[name];
      if (binding !== undefined && isStored(binding)) {
        frame.pointers[k] = this.matrices.parameters.buffer(binding.arrays, matrix.parameter);
        return;
      }
      frame.pointers[k] = working[k] ?? result ?? NaN;
      if (binding !== undefined) this.matrices.writeNoise(matrix.parameter, frame.size(k), binding, frame.at(k));
    });
    for (const [name, place] of code.scalars) frame.numbers[place] = scalars[name] ?? NaN;
    for (const instruction of code.instructions) instruction(frame);
  }

  #frame(program: Formula, { arrays, numbers }: Code, matrix: FactoredMatrix): Frame {
    const frames = this.#frames.get(program) ?? new Map<Parameter, Frame>();
    this.#frames.set(program, frames);
    let frame = frames.get(matrix.parameter);
    if (!frame) {
      const lengths = lengthsOf(matrix);
      const sizes = arrays.map(({ shape }) => elements(shape, lengths));
      const empty = (count: number): number[] => Array.from({ length: count }, () => NaN);
      frame = new Frame(this.matrices.parameters.heap.kernels, empty(arrays.length), sizes, empty(numbers), lengths);
      frames.set(matrix.parameter, frame);
    }
    return frame;
  }
}

/** A buffer for the right factor of one matrix at a time, made again where another one has used it since. */
export class FactorBuffer {
  readonly #buffer: Pointer;
  readonly #programs: MatrixPrograms;
  #maker: object | undefined;
  #parameter: Parameter | undefined;

  /** @param programs - those that make the factor, named `x` */
  constructor(
    readonly matrices: FactoredMatrices,
    programs: readonly ProgramOnMatrices[],
  ) {
    const { heap } = matrices.parameters;
    this.#buffer = heap.allocate(Math.max(0, ...matrices.all.map(({ rank, columns }) => rank * columns)));
    this.#programs = new MatrixPrograms(matrices, programs);
  }

  /** The factor x that a program makes, by itself the same each time. */
  made(apply: MatrixApplication): RightFactor {
    return (parameter) => {
      if (this.#maker !== apply || this.#parameter !== parameter) this.#programs.runOn(parameter, apply, this.#buffer);
      this.#maker = apply;
      this.#parameter = parameter;
      return this.#buffer;
    };
  }

  /** The factor as noise. */
  drawn(noise: Noise): RightFactor {
    const maker = {};
    return (parameter) => {
      const { rank, columns } = this.matrices.of(parameter);
      if (this.#maker !== maker || this.#parameter !== parameter) this.matrices.writeNoise(parameter, rank * columns, noise, this.#buffer);
      this.#maker = maker;
      this.#parameter = parameter;
      return this.#buffer;
    };
  }
}

const isStored = (binding: FactorBinding): binding is Factor => typeof binding === 'object' && 'arrays' in binding;

const lengthsOf = ({ rows, columns, rank }: Factoring): ReadonlyMap<string, number> => new Map(Object.entries({ rows, columns, rank }));

const elements = (shape: readonly Dim[], lengths: ReadonlyMap<string, number>): number =>
  shape.reduce<number>((product, axis) => product * (typeof axis === 'number' ? axis : (lengths.get(axis) ?? NaN)), 1);
