import type { Parameters, Pointer } from '../../engine/index.js';
import type { StepContext } from '../../optimizers/index.js';

/** How the heap gives room: it has two ways. */
type Take = (count: number) => Pointer;

interface Block {
  readonly pointer: Pointer;
  readonly from: Take;
  readonly count: number;
  isTaken: boolean;
}

/**
 * Heap room for optimizers' states. A heap never frees, and every sample starts from a fresh state: what one sample's state
 * took, the next one gets again, zeroed. Room that the engine takes while it runs the model is left alone.
 */
export class StateRoom {
  readonly #blocks: Block[] = [];
  #isOpen = false;

  constructor(readonly parameters: Parameters) {
    const { heap } = parameters;
    heap.allocate = this.#reusing(heap.allocate.bind(heap));
    heap.allocateArray = this.#reusing(heap.allocateArray.bind(heap));
  }

  /** Runs `use` with all room free; what it allocates is free again for the next. */
  async lend<T>(use: () => Promise<T>): Promise<T> {
    for (const block of this.#blocks) block.isTaken = false;
    return this.#while(true, use);
  }

  /** The context with its runs of the model marked as the engine's. */
  guarded(context: StepContext): StepContext {
    const members = Object.entries(context).map(([name, member]: [string, unknown]) => [
      name,
      isRun(name, member) ? this.#apart(member) : member,
    ]);
    return Object.fromEntries(members) as StepContext;
  }

  #apart(run: Run): Run {
    return (...given) => this.#while(false, () => run(...given));
  }

  async #while<T>(isOpen: boolean, use: () => Promise<T>): Promise<T> {
    const before = this.#isOpen;
    this.#isOpen = isOpen;
    try {
      return await use();
    } finally {
      this.#isOpen = before;
    }
  }

  #reusing(from: Take): Take {
    return (count) => (this.#isOpen ? this.#take(count, from) : from(count));
  }

  #take(count: number, from: Take): Pointer {
    const free = this.#blocks.find((block) => !block.isTaken && block.count === count && block.from === from);
    if (free) {
      free.isTaken = true;
      this.parameters.heap.kernels.fill(free.pointer, count, 0);
      return free.pointer;
    }
    const pointer = from(count);
    this.#blocks.push({ pointer, from, count, isTaken: true });
    return pointer;
  }
}

type Run = (...given: unknown[]) => Promise<unknown>;

/** All of a context's functions run the model but the one that names directions. */
const isRun = (name: string, member: unknown): member is Run => typeof member === 'function' && name !== 'seed';
