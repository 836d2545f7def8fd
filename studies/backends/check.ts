import { cpuBackend, float32Of, ForwardRunner, InputError, openBackend, type Backend, type BackendName } from '../../engine/index.js';
import { bundledModelFolder, bundledModelIds, loadModel, openCheckpoint, unadapted, type LanguageModel } from '../../models/index.js';
import { languageModelBatch, maskedLanguageModelBatch, type Batch } from '../../tasks/index.js';

/** Largest relative difference of a loss from the CPU's that is rounding alone. */
const RELATIVE = 1e-3;
/** Any tokens of any vocabulary. */
const TOKENS = [5, 11, 7, 42, 9, 23, 31, 8];
const PAD = 1;

/**
 * Opens a backend and has it run every bundled model on a few tokens.
 * @returns its name, its version and how far its losses are from the CPU's
 * @throws InputError where it is not there, or where it computes something else
 */
export async function checkBackend(name: BackendName, models: readonly string[] = bundledModelIds): Promise<string> {
  const backend = await openBackend(name, 1);
  let largest = 0;
  for (const id of models) {
    const model = await loadModel(openCheckpoint(bundledModelFolder(id)), unadapted);
    const expected = await lossOn(cpuBackend(1), model);
    const difference = Math.abs((await lossOn(backend, model)) / expected - 1);
    if (!(difference < RELATIVE))
      throw new InputError(`${backend.name} ${backend.version}: the loss of ${id} is ${difference} from the CPU's`);
    largest = Math.max(largest, difference);
  }
  return `${backend.name} ${backend.version}: ${models.length} models within ${largest.toExponential(0)} of the CPU`;
}

async function lossOn(backend: Backend, model: LanguageModel): Promise<number> {
  const { objective, tensors } = batchOf(model);
  const runner = new ForwardRunner(backend, model.parameters);
  try {
    const [made] = await runner.run(model.stages(objective), tensors);
    return float32Of(made ?? {}, 'loss')[0] ?? NaN;
  } finally {
    await runner.release();
  }
}

function batchOf(model: LanguageModel): Batch {
  if (!model.architecture.attends(-1)) return languageModelBatch(model, [TOKENS], PAD);
  return maskedLanguageModelBatch(model, [{ tokens: TOKENS, targets: [{ place: 2, token: 12 }] }], PAD);
}
