import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { bytesText, InputError, LARGEST_ARRAY_BYTES } from '../engine/index.js';

/** Where frozen parameters are during a run: in memory as long as the model fits, always on disk, or never. */
export type Streaming = 'auto' | 'always' | 'never';

/** What a model's parameters take in float32, in bytes, by what a fine-tuning scheme does with them. */
export interface WeightBytes {
  readonly trained: number;
  readonly frozen: number;
  /** Of one parameter, the most. */
  readonly largest: { readonly trained: number; readonly frozen: number };
}

/** Of the memory there is; the rest is for activations, the optimizer's state and the runtime. */
const SHARE_FOR_WEIGHTS = 0.75;

/** What a run can hold, in bytes: the machine's memory, or what the control group or `ulimit -d` leaves of it where that is less. */
export function memoryBytes(): number {
  // 0 or an absurdly large number where the control group has no limit.
  return Math.min(totalmem(), process.constrainedMemory() || Infinity, dataLimit());
}

/** RLIMIT_DATA of this process, in bytes: private writable memory, WebAssembly's too. Linux alone says and enforces it so. */
function dataLimit(): number {
  const limits = '/proc/self/limits';
  const soft = existsSync(limits) && /^Max data size +(\d+)/m.exec(readFileSync(limits, 'utf8'))?.[1];
  return soft ? Number(soft) : Infinity;
}

/**
 * Whether the frozen parameters are streamed, that is read from the checkpoint wherever they are used: `auto` where the whole model
 * would take more than three quarters of the memory.
 * @throws InputError where what has to be in memory does not fit it; `model` is named.
 */
export function streamsFrozen(
  { trained, frozen, largest }: WeightBytes,
  streaming: Streaming,
  model: string,
  memory = memoryBytes(),
): boolean {
  const whole = trained + frozen;
  const streams = frozen > 0 && (streaming === 'always' || (streaming === 'auto' && whole > SHARE_FOR_WEIGHTS * memory));
  const held = streams ? trained : whole;
  const single = streams ? largest.trained : Math.max(largest.trained, largest.frozen);
  if (single > LARGEST_ARRAY_BYTES) {
    throw new InputError(
      `${model}: one parameter takes ${bytesText(single)} in float32, more than ${bytesText(LARGEST_ARRAY_BYTES)} cannot be held`,
    );
  }
  if (held <= memory) return streams;
  const advice =
    frozen > 0 && !streams ? '--stream auto leaves what is frozen on disk' : 'a scheme that trains less, such as lora, may fit';
  const what = held === whole ? 'the model takes' : 'what is trained takes';
  throw new InputError(`${model}: ${what} ${bytesText(held)} in float32, a run can hold ${bytesText(memory)}: ${advice}`);
}
