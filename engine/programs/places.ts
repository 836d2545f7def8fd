import type { Shape, Value } from '../graph/graph.js';
import type { Instruction } from './frame.js';
import { isNumber } from './patterns.js';
import type { Formula } from './program.js';

export interface ArrayPlace {
  readonly name?: string;
  readonly shape: Shape;
}

/** A kernel's call: it gives an array, or (then there is no value) a sum. */
export interface Step {
  readonly value?: Value;
  readonly reads: readonly Value[];
  /** Those of the arrays read whose place the result may take. */
  readonly inPlace: readonly Value[];
  readonly instruction: (place: (value: Value) => number) => Instruction;
}

interface Place extends ArrayPlace {
  /** What is here, and the step after which nobody needs it. */
  value: Value | undefined;
  until: number;
}

/**
 * Where each array of a program lies. What replaces one of the program's arrays is made in its place, where nobody needs the old values
 * any more; else beside it, and copied at the end. Places are used again by arrays of the same shape.
 */
export class Places {
  readonly #all: Place[] = [];
  readonly #byValue = new Map<Value, number>();
  /** Where an output has to be at the end. */
  readonly #wanted = new Map<Value, number>();
  readonly #lastReads = new Map<Value, number>();
  readonly copies: { readonly from: number; readonly to: number }[] = [];

  constructor(
    { graph, arrays, outputs: all }: Formula,
    readonly steps: readonly Step[],
  ) {
    steps.forEach(({ reads }, index) => reads.forEach((read) => this.#lastReads.set(read, index)));
    const outputs = [...all].filter(([, value]) => !isNumber(value));
    for (const [, value] of outputs) this.#lastReads.set(value, Infinity);
    for (const name of arrays) {
      const value = graph.findInput(name);
      if (!value) throw new Error(`the program has no ${name}`);
      const isReplaced = all.has(name);
      this.#byValue.set(value, this.#add({ name, shape: value.shape, value, until: isReplaced ? this.#lastRead(value) : Infinity }));
    }
    for (const [name, value] of outputs) this.#want(name, value);
    steps.forEach((step, index) => this.#settle(step, index));
    this.#copyTheRest(outputs);
  }

  get arrays(): readonly ArrayPlace[] {
    return this.#all;
  }

  of(value: Value): number {
    const place = this.#byValue.get(value);
    if (place === undefined) throw new Error(`${value.name} has no place`);
    return place;
  }

  #add(place: Place): number {
    return this.#all.push(place) - 1;
  }

  #lastRead(value: Value): number {
    return this.#lastReads.get(value) ?? -1;
  }

  #named(name: string): number {
    return this.#all.findIndex((place) => place.name === name);
  }

  #want(name: string, value: Value): void {
    if (this.#named(name) < 0) this.#add({ name, shape: value.shape, value: undefined, until: -1 });
    if (!this.#byValue.has(value) && !this.#wanted.has(value)) this.#wanted.set(value, this.#named(name));
  }

  #settle({ value, inPlace }: Step, index: number): void {
    if (!value) return;
    const isFree = (place: Place): boolean =>
      place.until < index || (place.until === index && inPlace.some((read) => read === place.value));
    const wanted = this.#wanted.get(value);
    const wantedPlace = wanted === undefined ? undefined : this.#all[wanted];
    const free = this.#all.findIndex((place) => isFree(place) && place.shape.join() === value.shape.join());
    const until = this.#lastRead(value);
    if (wanted !== undefined && wantedPlace && isFree(wantedPlace)) this.#put(value, wanted, until);
    else if (free >= 0) this.#put(value, free, until);
    else this.#byValue.set(value, this.#add({ shape: value.shape, value, until }));
  }

  #put(value: Value, index: number, until: number): void {
    const place = this.#all[index];
    if (!place) return;
    Object.assign(place, { value, until });
    this.#byValue.set(value, index);
  }

  /** Outputs that are not where they should be. */
  #copyTheRest(outputs: readonly (readonly [string, Value])[]): void {
    const left = outputs.map(([name, value]) => ({ from: this.of(value), to: this.#named(name) })).filter(({ from, to }) => from !== to);
    while (left.length > 0) {
      const next = left.findIndex(({ to }) => !left.some(({ from }) => from === to));
      const [first] = left;
      if (next >= 0) this.copies.push(...left.splice(next, 1));
      else if (first) first.from = this.#setAside(first.from);
    }
  }

  /** Where what lies in a place is copied to, for another takes it: arrays are exchanged. */
  #setAside(from: number): number {
    const to = this.#add({ shape: this.#all[from]?.shape ?? [], value: undefined, until: Infinity });
    this.copies.push({ from, to });
    return to;
  }
}
