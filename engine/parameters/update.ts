import { CHUNK, type Pointer } from '../kernels/pointer.js';
import { codeOf, type Code } from '../programs/code.js';
import { Frame } from '../programs/frame.js';
import { ELEMENTS, type Application } from '../programs/program.js';
import { isBuffers, type Direction, type DirectionChunk, type DirectionWriter } from './direction.js';
import type { Parameter } from './parameter.js';

/** An array that exists only while an update is at a chunk, and is 0 when it comes to one: what several programs hand on. */
export class Temporary {
  readonly kind = 'temporary';
}

/** What an array of a program is: what it replaces must be stored, or temporary. */
export type Binding = Direction | Temporary;

/**
 * Runs programs, one after another, on each chunk of the parameters that have all arrays which are replaced.
 * @returns the programs' sums over all elements
 */
export function updateInChunks(
  writer: DirectionWriter,
  parameters: readonly Parameter[],
  applications: readonly Application<Binding>[],
): Readonly<Record<string, number>> {
  const temporaries = [...new Set(applications.flatMap(({ arrays }) => Object.values(arrays).filter((each) => each instanceof Temporary)))];
  const runs = applications.map((application) => new ChunkRun(writer, application));
  const unbound = runs.find(({ hasResult }) => hasResult);
  if (unbound)
    throw new Error(`an update's program gives what replaces no array: ${[...unbound.application.program.outputs.keys()].join(', ')}`);
  const most = Math.max(0, ...runs.map(({ buffers }) => buffers));
  writer.withBuffers(temporaries.length + most, (buffers) => {
    const shared = new Map(temporaries.map((temporary, k) => [temporary, buffers[k] ?? NaN]));
    for (const run of runs) run.start(shared, buffers.slice(temporaries.length));
    for (const parameter of parameters) {
      if (runs.every((run) => run.aim(parameter))) goThrough(writer, parameter, runs, [...shared.values()]);
    }
  });
  return Object.assign({}, ...runs.map(({ sums }) => sums)) as Record<string, number>;
}

function goThrough(writer: DirectionWriter, parameter: Parameter, runs: readonly ChunkRun[], temporaries: readonly Pointer[]): void {
  for (let first = 0; first < parameter.count; first += CHUNK) {
    const count = Math.min(CHUNK, parameter.count - first);
    for (const temporary of temporaries) writer.heap.kernels.fill(temporary, count, 0);
    for (const run of runs) run.run(parameter, first, count);
  }
}

/** What a program makes of directions, a chunk at a time. */
export class ComputedChunks {
  #run: ChunkRun | undefined;
  #writer: DirectionWriter | undefined;

  constructor(readonly application: Application<Direction>) {}

  write({ parameters, parameter, first, count }: DirectionChunk, out: Pointer): void {
    if (this.#run === undefined || this.#writer !== parameters) this.#run = new ChunkRun(parameters, this.application);
    this.#writer = parameters;
    const run = this.#run;
    parameters.withBuffers(run.buffers, (buffers) => {
      run.start(NO_TEMPORARIES, buffers, out);
      run.aim(parameter);
      run.run(parameter, first, count);
    });
  }
}

const NO_TEMPORARIES: ReadonlyMap<Temporary, Pointer> = new Map();

/** One program on chunk after chunk. */
class ChunkRun {
  readonly #code: Code;
  readonly #frame: Frame;
  /** Of each array of the code, what it is; none for arrays to work in. */
  readonly #bindings: readonly Bound[];
  readonly #isReplaced: readonly boolean[];
  /** Where the parameter's array begins; none where the program sees a buffer. */
  readonly #bases: (Pointer | undefined)[];
  readonly sums: Record<string, number>;
  #own: readonly Pointer[] = [];

  constructor(
    readonly writer: DirectionWriter,
    readonly application: Application<Binding>,
  ) {
    const { program, arrays, scalars } = application;
    this.#code = codeOf(program);
    const { arrays: places, numbers } = this.#code;
    this.#bindings = places.map(({ name }) => {
      if (name === undefined || name === 'theta') return name;
      return arrays[name] ?? 'result';
    });
    this.#isReplaced = places.map(({ name }) => name !== undefined && program.outputs.has(name));
    this.#bases = places.map(() => undefined);
    this.#frame = new Frame(
      writer.heap.kernels,
      places.map(() => NaN),
      places.map(() => 0),
      Array.from({ length: numbers }, () => NaN),
      new Map([[ELEMENTS, 0]]),
    );
    for (const [name, place] of this.#code.scalars) this.#frame.numbers[place] = scalars[name] ?? NaN;
    this.sums = Object.fromEntries([...this.#code.sums.keys()].map((name) => [name, 0]));
  }

  /** Buffers that it needs: as many as there are arrays at most. */
  get buffers(): number {
    return this.#bindings.filter((binding) => binding !== 'theta' && !isElsewhere(binding)).length;
  }

  /** Whether it gives what replaces no array. */
  get hasResult(): boolean {
    return this.#bindings.includes('result');
  }

  /** @param result - where to write what the program gives that replaces no array */
  start(shared: ReadonlyMap<Temporary, Pointer>, own: readonly Pointer[], result = NaN): void {
    this.#own = own;
    this.#bindings.forEach((binding, k) => {
      if (binding instanceof Temporary) this.#frame.pointers[k] = shared.get(binding) ?? NaN;
      if (binding === 'result') this.#frame.pointers[k] = result;
    });
  }

  /** Whether the parameter has all arrays that are replaced; the next chunks are its. */
  aim(parameter: Parameter): boolean {
    let used = 0;
    return this.#bindings.every((binding, k) => {
      if (isElsewhere(binding)) return true;
      this.#bases[k] = storedAt(binding, parameter);
      if (this.#bases[k] !== undefined) return true;
      this.#frame.pointers[k] = this.#own[used++] ?? NaN;
      return binding === undefined || !this.#isReplaced[k];
    });
  }

  run(parameter: Parameter, first: number, count: number): void {
    const { pointers, sizes } = this.#frame;
    for (let k = 0; k < pointers.length; k++) {
      sizes[k] = count;
      const [base, binding] = [this.#bases[k], this.#bindings[k]];
      if (base !== undefined) pointers[k] = base + 4 * first;
      else if (isDirection(binding)) this.writer.writeDirection(parameter, first, count, binding, this.#frame.at(k));
    }
    for (const instruction of this.#code.instructions) instruction(this.#frame);
    for (const [name, place] of this.#code.sums) this.sums[name] = (this.sums[name] ?? 0) + (this.#frame.numbers[place] ?? NaN);
  }
}

/** What is bound to an array: nothing where it is one to work in. */
type Bound = Binding | 'theta' | 'result' | undefined;

/** Whether the place stays the same, chunk after chunk. */
const isElsewhere = (binding: Bound): binding is Temporary | 'result' => binding === 'result' || binding instanceof Temporary;

const isDirection = (binding: Bound): binding is Direction => binding !== undefined && binding !== 'theta' && !isElsewhere(binding);

/** Where the array of the parameter lies that a program sees as it is. */
function storedAt(binding: Direction | 'theta' | undefined, parameter: Parameter): Pointer | undefined {
  if (binding === 'theta') return parameter.pointer;
  return binding !== undefined && isBuffers(binding) ? binding.get(parameter.name) : undefined;
}
