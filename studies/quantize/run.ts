import { basename, join } from 'node:path';
import { cpuBackend, InputError, UsageError, writeFileWhole, type CalibrationBatch } from '../../engine/index.js';
import { makeFolder } from '../../engine/make-folder.js';
import { zobenchVersion } from '../../engine/project.js';
import { visible } from '../../engine/visible.js';
import {
  copyCompanions,
  countedTokens,
  fetchModel,
  loadModel,
  loadTokenizer,
  openCheckpoint,
  paddingId,
  QUANTIZATION_FIELD,
  QUANTIZE_CONFIG,
  unadapted,
  writeSafetensors,
  type Bits,
  type Checkpoint,
  type LanguageModel,
  type RawTensor,
} from '../../models/index.js';
import { encodeExample, makeBatch, modelKind, openTask, sampleSplits } from '../../tasks/index.js';
import { downloadLines } from '../../benchmarks/plan/index.js';
import { runProgram, type Output } from '../../command-line/index.js';
import { commandLine, type QuantizeOptions } from './arguments.js';
import { gptqVersion, quantizeModel, type Quantization } from './quantize.js';

const BATCH = 8;

/** Writes a quantised model; returns the process's exit code. */
export function runQuantize(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (options, _, reply) => {
    const { model: name } = options;
    if (name === undefined) throw new UsageError('--model: which model is to be quantised?');
    const quantization = quantizationOf(options);
    const folder = options.out ?? `${basename(name)}-${quantization.method}-${quantization.bits}bit`;
    if (reply.dryRun) {
      reply.result(`${visible(name)} by ${quantization.method}, ${quantization.bits} bits, to ${visible(folder)}`, {
        ...quantization,
        folder,
      });
      return 0;
    }
    const checkpoint = openCheckpoint(
      await fetchModel(
        name,
        downloadLines((line) => reply.progress(line)),
      ),
    );
    if (checkpoint.config[QUANTIZATION_FIELD]) throw new InputError(`${checkpoint.configFile}: the model is quantised already`);
    const model = await loadModel(checkpoint, unadapted, 'never');
    if (model.architecture.attends(-1)) throw new UsageError(`${name} looks ahead: decoder families alone are quantised`);
    const { tensors, layers } = await quantizeModel(
      model,
      cpuBackend(options.threads),
      await calibration(options, model, checkpoint),
      quantization,
    );
    writeModel(folder, model, checkpoint, tensors, quantization);
    const mean = layers.reduce((sum, { relativeError }) => sum + relativeError, 0) / layers.length;
    reply.result(`${layers.length} layers, mean relative error of their outputs ${mean.toPrecision(3)}\n${visible(folder)}`, {
      folder,
      layers,
    });
    return 0;
  });
}

/** @throws UsageError */
function quantizationOf({ method, bits, group, asymmetric, ordered }: QuantizeOptions): Quantization {
  if (bits !== 2 && bits !== 4 && bits !== 8) throw new UsageError(`--bits ${bits}: 2, 4 or 8`);
  const groupSize = group === 'column' ? -1 : Number(group);
  if (!Number.isInteger(groupSize) || (groupSize < 8 && groupSize !== -1))
    throw new UsageError(`--group ${group}: a whole number from 8 on, or column`);
  if (ordered && method !== 'gptq') throw new UsageError('--ordered: gptq alone has an order');
  return { method, bits: bits satisfies Bits, groupSize, symmetric: !asymmetric, ordered };
}

/** Training items of a task, as the model reads them when it is trained on them. */
async function calibration(options: QuantizeOptions, model: LanguageModel, { folder }: Checkpoint): Promise<CalibrationBatch[]> {
  const tokenizer = loadTokenizer(folder);
  const { task, source } = await openTask({ ...options, template: 'aligned' }, modelKind(model));
  const trainSize = Math.min(options.items, source.train.length);
  const { train } = sampleSplits(source, { trainSize, devSize: 0, testSize: 0 }, options.seed);
  const examples = train.map((example) => encodeExample(tokenizer, example, model.architecture.dimensions));
  const batches = Array.from({ length: Math.ceil(examples.length / BATCH) }, (_, index) =>
    examples.slice(index * BATCH, (index + 1) * BATCH),
  );
  return batches.map((some) => {
    const { tensors } = makeBatch[task.training](model, some, paddingId(tokenizer, model));
    return { batch: tensors, tokens: countedTokens(tensors) };
  });
}

function writeModel(
  folder: string,
  model: LanguageModel,
  checkpoint: Checkpoint,
  quantized: readonly RawTensor[],
  quantization: Quantization,
): void {
  const { parameters } = model;
  const layers = new Set(quantized.map(({ name }) => name.slice(0, name.lastIndexOf('.'))));
  const others = parameters.all.filter(({ name }) => !layers.has(name.slice(0, name.lastIndexOf('.'))) || !name.endsWith('.weight'));
  const tensors = others.map((parameter) => ({ name: parameter.name, shape: parameter.shape, data: parameters.values(parameter) }));
  const stored = storageOf(checkpoint);
  makeFolder(folder);
  writeSafetensors(join(folder, 'model.safetensors'), [...tensors, ...quantized], stored, { format: 'pt' });
  const said = settingsJson(
    quantization,
    others.map(({ name }) => name.replace(/\.weight$/, '')),
  );
  const config = { ...checkpoint.config, torch_dtype: TORCH_TYPES[stored], [QUANTIZATION_FIELD]: said };
  writeFileWhole(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  if (quantization.method !== 'codebook') writeFileWhole(join(folder, QUANTIZE_CONFIG), `${JSON.stringify(said, null, 2)}\n`);
  copyCompanions(checkpoint.folder, folder);
}

const TORCH_TYPES = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/** What is not quantised stays of the type that the checkpoint's largest tensor has. */
function storageOf({ tensors }: Checkpoint): keyof typeof TORCH_TYPES {
  const [largest] = [...tensors.values()].sort((a, b) => b.byteLength - a.byteLength);
  return largest?.dtype === 'F32' || largest?.dtype === 'BF16' ? largest.dtype : 'F16';
}

/** What other libraries read. */
function settingsJson({ method, bits, groupSize, symmetric, ordered }: Quantization, others: readonly string[]): Record<string, unknown> {
  const meta = { quantizer: [`zobench:${zobenchVersion()}`] };
  if (method === 'codebook') {
    const shape = { num_codebooks: bits, nbits_per_codebook: 8, in_group_size: 8, out_group_size: 1 };
    return { quant_method: 'aqlm', ...shape, linear_weights_not_to_quantize: others, meta };
  }
  const settings = { bits, group_size: groupSize, desc_act: ordered, sym: symmetric, lm_head: false };
  return {
    quant_method: 'gptq',
    ...settings,
    checkpoint_format: gptqVersion({ symmetric }) === 1 ? 'gptq' : 'gptq_v2',
    pack_dtype: 'int32',
    meta,
  };
}
