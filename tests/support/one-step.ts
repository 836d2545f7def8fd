import { Engines } from '../../training/engines.js';
import { cpuBackend, type Parameter } from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { choiceBatch, type Batch } from '../../tasks/index.js';
import { maskedExamples, oneTokenExamples, PAD_ID, type TinyFamily } from './tiny-model.js';

const backend = cpuBackend(1);

const bytes = ({ parameters }: LanguageModel, parameter: Parameter): string =>
  Buffer.from(parameters.values(parameter).slice().buffer).toString('base64');

export function batchFor(model: LanguageModel, family: TinyFamily): Batch {
  return choiceBatch(model, family === 'roberta' ? maskedExamples(4, 9) : oneTokenExamples(4, 9), PAD_ID);
}

/** One step of an optimizer on a batch of choices: what it reported, and the parameters it moved. */
export async function oneStep(
  model: LanguageModel,
  batch: Batch,
  name: string,
): Promise<{ loss: number; moved: string[]; finite: boolean }> {
  const before = new Map(model.parameters.all.map((parameter) => [parameter.name, bytes(model, parameter)]));
  const optimizer = await resolveOptimizer(name);
  const engines = new Engines(backend, model);
  const settings = { learningRate: 1e-2, epsilon: 1e-2, weightDecay: 0, steps: 1, trainingBatches: () => [batch] };
  const { loss } = await optimizer.step(engines.context(batch, 5, 0, settings), optimizer.init(model.parameters));
  const { all } = model.parameters;
  return {
    loss,
    moved: all.filter((parameter) => bytes(model, parameter) !== before.get(parameter.name)).map((parameter) => parameter.name),
    finite: all.every((parameter) => model.parameters.values(parameter).every(Number.isFinite)),
  };
}
