import { cpuBackend } from '../../engine/index.js';
import { loadModel, modelFolder, openCheckpoint, type Streaming } from '../../models/index.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { loadOwnSchemes, trainedSchemeNamed } from '../../schemes/index.js';
import { Engines } from '../../training/index.js';
import { peakBytes, resetPeak } from '../../processes/index.js';
import { batchesOf, takeStep, type BatchShape } from '../../memory/index.js';

/** What is measured: steps of a model that is on this machine. */
export interface MeasuredRun {
  readonly model: string;
  readonly scheme: string;
  readonly optimizer: string;
  readonly shape: BatchShape;
  /** Default: never. */
  readonly stream?: Streaming;
}

export interface Measurement {
  /** Of the process before it loaded the model, in bytes. */
  readonly runtimeBytes: number;
  readonly peakBytes: number;
}

/** By then all has been allocated that ever is. */
const STEPS = 3;

/** The peak of this process, which must be a new one, over a few steps on one thread. */
export async function measureMemory({ model: name, scheme, optimizer: id, shape, stream = 'never' }: MeasuredRun): Promise<Measurement> {
  const optimizer = await resolveOptimizer(id);
  resetPeak();
  const runtimeBytes = peakBytes();
  await loadOwnSchemes([scheme]);
  const model = await loadModel(openCheckpoint(modelFolder(name)), trainedSchemeNamed(scheme).adaptation(0), stream);
  const batches = batchesOf(model, shape, (count) => new Float32Array(count).fill(0));
  const engines = new Engines(cpuBackend(1), model);
  const state = optimizer.init(model.parameters);
  for (let step = 0; step < STEPS; step++) await takeStep(engines, optimizer, state, batches, step);
  return { runtimeBytes, peakBytes: peakBytes() };
}
