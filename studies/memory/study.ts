import { isOwnCode } from '../../own-code/index.js';
import { triedOptimizer, triedScheme } from '../../benchmarks/plan/index.js';
import { UsageError } from '../../engine/index.js';
import { architectureOf, knownModels, modelConfig, type ModelConfig } from '../../models/index.js';
import { optimizerIds } from '../../optimizers/index.js';
import type { MemoryRow, MemoryStudy, PublishedRow } from '../../reports/index.js';
import { trainedSchemeNamed } from '../../schemes/index.js';
import { withAll } from '../../command-line/index.js';
import type { MemoryOptions } from './arguments.js';
import { measuredInProcess } from './measured.js';
import { heldBytes, predictMemory, processBytes, type BatchShape } from '../../memory/index.js';
import { publishedPeaks, type PublishedPeak } from './published.js';

const REAL_BYTES = { float32: 4, float16: 2, bfloat16: 2 } as const;

/** What a study is of, looked at before anything is measured. */
export interface MemorySubject {
  readonly options: MemoryOptions;
  readonly config: ModelConfig;
  readonly optimizers: readonly string[];
}

/** @throws UsageError, InputError where there is no such model, scheme or optimizer, or not for such lengths. */
export async function subjectOf(asked: MemoryOptions): Promise<MemorySubject> {
  const model = fullName(asked.model);
  const scheme = await triedScheme(asked.scheme);
  const config = await modelConfig(model);
  const { maxLength } = architectureOf(config.config, config.source, scheme.adaptation(0).hooks).dimensions;
  const tooLong = asked.sequence.find((length) => length > maxLength);
  if (tooLong !== undefined) throw new UsageError(`--sequence ${tooLong}: ${model} takes ${maxLength} tokens`);
  const optimizers = withAll(asked.optimizer, optimizerIds);
  for (const optimizer of optimizers) await triedOptimizer(optimizer);
  return { options: { ...asked, model, scheme: isOwnCode(asked.scheme) ? asked.scheme : scheme.id }, config, optimizers };
}

export async function memoryStudy({ options, config, optimizers }: MemorySubject, say: (what: string) => void): Promise<MemoryStudy> {
  const { model, scheme, sequence, batch, targets, dtype } = options;
  const rowsOf = async (shapes: readonly Pick<BatchShape, 'batch' | 'sequence'>[]): Promise<MemoryRow[]> => {
    const rows: MemoryRow[] = [];
    for (const optimizer of optimizers) {
      say(`${model}, ${optimizer}`);
      for (const shape of shapes) rows.push(await rowOf(options, config, optimizer, { ...shape, accumulate: 1, targets }));
    }
    return rows;
  };
  const [[firstBatch = 1], [firstLength = 1]] = [batch, sequence];
  return {
    model,
    scheme,
    dtype,
    targets,
    byLength: await rowsOf(sequence.map((length) => ({ batch: firstBatch, sequence: length }))),
    byBatch: await rowsOf(batch.map((size) => ({ batch: size, sequence: firstLength }))),
    published: await publishedRows(options.published ? publishedPeaks : publishedPeaks.filter((peak) => peak.model === model)),
  };
}

async function rowOf(
  { model, measure, dtype, scheme }: MemoryOptions,
  config: ModelConfig,
  id: string,
  shape: BatchShape,
): Promise<MemoryRow> {
  const [named, optimizer] = [trainedSchemeNamed(scheme), await triedOptimizer(id)];
  const own = await predictMemory(config, named, optimizer, shape);
  const asked = dtype === 'float32' ? own : await predictMemory(config, named, optimizer, shape, { realBytes: REAL_BYTES[dtype] });
  return {
    optimizer: optimizer.id,
    batch: shape.batch,
    sequence: shape.sequence,
    heldBytes: heldBytes(asked),
    parts: asked.held,
    processBytes: processBytes(own),
    measuredBytes: await repeated(measure, async () => (await measuredInProcess({ model, scheme, optimizer: id, shape })).peakBytes),
  };
}

async function repeated<T>(times: number, act: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i++) results.push(await act());
  return results;
}

/** The id of a known model that is given without its owner: opt-13b. */
function fullName(name: string): string {
  const isNamed = ({ id }: { readonly id: string }): boolean => id.split('/')[1]?.toLowerCase() === name.toLowerCase();
  return knownModels.find(isNamed)?.id ?? name;
}

async function publishedRows(peaks: readonly PublishedPeak[]): Promise<PublishedRow[]> {
  const rows: PublishedRow[] = [];
  for (const { model, optimizer, batch, sequence, dtype, gigabytes, conditions, source } of peaks) {
    const shape = { batch, sequence, accumulate: 1, targets: 'last' } as const;
    const config = await modelConfig(model);
    const predicted = await predictMemory(config, trainedSchemeNamed('full'), await triedOptimizer(optimizer), shape, {
      realBytes: REAL_BYTES[dtype],
    });
    rows.push({
      model,
      optimizer,
      conditions,
      dtype,
      source,
      publishedBytes: 1e9 * gigabytes,
      predictedBytes: heldBytes(predicted),
    });
  }
  return rows;
}
