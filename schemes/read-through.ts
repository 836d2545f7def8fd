import { cpuBackend, floats, integers, ForwardRunner, type Stage, type Tensors } from '../engine/index.js';
import { HIDDEN, type Architecture, type Hooks, type LoadedModel } from '../models/index.js';

/**
 * Runs tokens, as one text, through the model as `hooks` have it, up to its last block: after each stage what it put out, good until the
 * next. On one thread, so that what a scheme begins with does not depend on how many a run has.
 */
export async function* readThrough(
  { parameters, seenThrough }: LoadedModel,
  hooks: Hooks,
  tokens: readonly number[],
): AsyncGenerator<{ readonly stage: Stage; readonly made: Tensors }> {
  const architecture = seenThrough(hooks);
  const runner = new ForwardRunner(cpuBackend(1), parameters);
  let flow = textTensors(architecture, tokens);
  try {
    for (const stage of architecture.stages.slice(0, -1)) {
      const [made = {}] = await runner.run([stage], flow);
      yield { stage, made };
      flow = made;
    }
  } finally {
    await runner.release();
  }
}

function textTensors({ attends, tokenInputs, positionInputs }: Architecture, tokens: readonly number[]): Tensors {
  const length = tokens.length;
  const places = Int32Array.from(tokens.keys());
  const bias = Float32Array.from({ length: length * length }, (_, at) => (attends(Math.floor(at / length) - (at % length)) ? 0 : HIDDEN));
  return {
    ...tokenInputs(Int32Array.from(tokens), 1, length),
    ...positionInputs(places, 1, length),
    attention_bias: floats([1, length, length], bias),
    read_positions: integers([1], [length - 1]),
  };
}
