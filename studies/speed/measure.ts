import { Bench } from 'tinybench';
import {
  type Application,
  type Backend,
  type Binding,
  cpuBackend,
  deriveSeed,
  type Direction,
  MIB,
  noiseKey,
  Parameters,
  standardNormal,
} from '../../engine/index.js';
import {
  architectureOf,
  emptyModel,
  loadModel,
  loadTokenizer,
  modelFolder,
  openCheckpoint,
  paddingId,
  type LanguageModel,
  type Streaming,
} from '../../models/index.js';
import { resolveOptimizer, type Optimizer } from '../../optimizers/index.js';
import { loadOwnSchemes, schemeNamed } from '../../schemes/index.js';
import { choiceBatch, encodeExample, languageModelBatch, modelKind, openTask, sampleSplits, type Batch } from '../../tasks/index.js';
import { Engines } from '../../training/index.js';
import { currentBytes, peakBytes } from '../../processes/index.js';
import { plainChoiceBatch } from './plain-batch.js';
import { stepSizes } from './sizes.js';

/** One configuration of the step benchmark. */
export interface StepConfiguration {
  readonly optimizer: string;
  readonly scheme: string;
  /** A generated OPT model by size, with random tokens and a language model's loss on all positions ... */
  readonly size: string;
  readonly sequence: number;
  /** ... or a model's folder and a task's real items as classification. */
  readonly model?: string | undefined;
  readonly task?: string | undefined;
  readonly data: string;
  /** Of a given model's frozen weights. */
  readonly stream: Streaming;
  /** One sequence per candidate and logits everywhere, as the papers' code computes it. */
  readonly plain: boolean;
  readonly batch: number;
  readonly threads: number;
  readonly steps: number;
  readonly warmup: number;
}

const SEED = 1;
/** Where a model is given, but no task. */
const TASK = 'sst2';
const FIRST_ORDINARY_TOKEN = 3;
const INITIAL_DEVIATION = 0.02;

/** Measures one configuration; the fields are named as in the PyTorch harness it is compared with. */
export async function measureStep(configuration: StepConfiguration): Promise<object> {
  const importedBytes = peakBytes();
  const clocks = { session: 0, update: 0 };
  const backend = timed(cpuBackend(configuration.threads), clocks);
  const optimizer = await resolveOptimizer(configuration.optimizer);
  await loadOwnSchemes([configuration.scheme]);
  const { model, batch } = configuration.model === undefined ? generated(configuration) : await real(configuration);
  const modelBytes = currentBytes();
  const engines = new Engines(backend, model);
  const parameters = new TimedParameters(model.parameters, clocks);
  const state = optimizer.init(parameters);
  const losses: number[] = [];
  const settings = {
    learningRate: 1e-6,
    epsilon: 1e-3,
    weightDecay: 0,
    steps: configuration.warmup + configuration.steps,
    trainingBatches: () => [batch],
  };
  const step = async (): Promise<void> => {
    const context = { ...engines.context(batch, SEED, losses.length, settings), parameters };
    losses.push((await optimizer.step(context, state)).loss);
  };
  const sampled = await sample(step, configuration, clocks);
  return {
    optimizer: optimizer.id,
    scheme: configuration.scheme,
    size: configuration.model ?? configuration.size,
    batch: configuration.batch,
    seq: batch.tensors.token_ids?.dims[1],
    threads: configuration.threads,
    task: configuration.model === undefined ? 'language-model' : (configuration.task ?? TASK),
    plain: configuration.plain,
    backend: `${backend.name} ${backend.version}`,
    params: count(model.parameters.all),
    trainable: count(model.parameters.trainable),
    ...timings(sampled, optimizer, engines.forwards / losses.length),
    peak_rss_mib: round(peakBytes() / MIB),
    rss_import_mib: round(importedBytes / MIB),
    rss_model_mib: round(modelBytes / MIB),
    loss_first: losses[0],
    loss_last: losses.at(-1),
    device: 'cpu',
    dtype: 'float32',
  };
}

interface Sampled {
  /** Milliseconds of each step, ascending. */
  readonly samples: readonly number[];
  /** Milliseconds per step inside sessions, and in the update of theta. */
  readonly sessionMs: number;
  readonly updateMs: number;
}

async function sample(step: () => Promise<void>, { steps, warmup }: StepConfiguration, clocks: Clocks): Promise<Sampled> {
  const bench = new Bench({ iterations: steps, time: 0, warmupIterations: warmup, warmupTime: 0, warmup: warmup > 0, retainSamples: true });
  let start = { ...clocks };
  bench.add('step', step, { beforeAll: () => void (start = { ...clocks }) });
  const [task] = await bench.run();
  if (task?.result.state !== 'completed') throw new Error(`the steps did not complete: ${task?.result.state ?? 'none ran'}`);
  const samples = [...(task.result.latency.samples ?? [])].sort((a, b) => a - b);
  const perStep = (from: number, to: number): number => (to - from) / samples.length;
  return { samples, sessionMs: perStep(start.session, clocks.session), updateMs: perStep(start.update, clocks.update) };
}

/** Sessions run the forward passes (and the backward pass); besides them and the update, a step perturbs and keeps its books. */
function timings({ samples, sessionMs, updateMs }: Sampled, { order }: Optimizer, forwards: number): object {
  const at = (share: number): number => round(samples[Math.floor(share * (samples.length - 1))] ?? NaN);
  const mean = samples.reduce((a, b) => a + b, 0) / samples.length;
  return {
    steps: samples.length,
    step_ms: at(0.5),
    step_ms_min: at(0),
    step_ms_p25: at(0.25),
    step_ms_p75: at(0.75),
    forward_ms: order === 'first' ? null : round(sessionMs / forwards),
    forward_backward_ms: order === 'first' ? round(sessionMs) : null,
    perturb_ms: order === 'first' ? null : round(mean - sessionMs - updateMs),
    update_ms: round(updateMs),
  };
}

function generated({ size, scheme, batch, sequence }: StepConfiguration): { model: LanguageModel; batch: Batch } {
  const config = stepSizes[size];
  if (!config) throw new Error(`unknown size ${size}`);
  const adaptation = schemeNamed(scheme).adaptation(SEED);
  const model = emptyModel(architectureOf(config, size, adaptation.hooks), (name) => adaptation.trains(name));
  for (const { name, pointer, count: n, shape } of model.parameters.all) {
    const values = model.parameters.heap.floats(pointer, n);
    if (shape.length === 1) values.fill(name.endsWith('.bias') ? 0 : 1);
    else {
      const { k0, k1 } = noiseKey(SEED, name);
      model.parameters.heap.kernels.addNoise(pointer, pointer, n, 0, INITIAL_DEVIATION, k0, k1);
    }
  }
  const { vocabularySize } = model.architecture.dimensions;
  const key = noiseKey(SEED, 'tokens');
  const token = (at: number): number =>
    FIRST_ORDINARY_TOKEN + (Math.floor(Math.abs(standardNormal(key, at)) * 1e6) % (vocabularySize - FIRST_ORDINARY_TOKEN));
  const texts = Array.from({ length: batch }, (_, b) => Array.from({ length: sequence }, (_, t) => token(b * sequence + t)));
  return { model, batch: languageModelBatch(model, texts, 1) };
}

async function real(configuration: StepConfiguration): Promise<{ model: LanguageModel; batch: Batch }> {
  const { model: name = '', task = TASK, data, stream, scheme, batch, plain } = configuration;
  const checkpoint = openCheckpoint(modelFolder(name));
  const tokenizer = loadTokenizer(checkpoint.folder);
  const model = await loadModel(checkpoint, schemeNamed(scheme).adaptation(deriveSeed(SEED)), stream);
  const { source } = await openTask({ task, data, template: 'aligned' }, modelKind(model));
  const { train } = sampleSplits(source, { trainSize: batch, devSize: 0, testSize: 0 }, SEED);
  const examples = train.map((example) => encodeExample(tokenizer, example, model.architecture.dimensions));
  return { model, batch: (plain ? plainChoiceBatch : choiceBatch)(model, examples, paddingId(tokenizer, model)) };
}

/** Milliseconds spent so far. */
interface Clocks {
  session: number;
  update: number;
}

/** The backend with a clock on its sessions. */
function timed(backend: Backend, clocks: Clocks): Backend {
  const compile: Backend['compile'] = async (graph, real) => {
    const session = await backend.compile(graph, real);
    return {
      release: () => session.release(),
      async run(inputs, into) {
        const start = performance.now();
        const result = await session.run(inputs, into);
        clocks.session += performance.now() - start;
        return result;
      },
    };
  };
  return { ...backend, compile };
}

/** The same parameters with a clock on what moves theta. */
class TimedParameters extends Parameters {
  constructor(
    parameters: Parameters,
    readonly clocks: Clocks,
  ) {
    super(parameters.heap, parameters);
  }

  override move(direction: Direction, scale: number): void {
    this.#timed(() => super.move(direction, scale));
  }

  override update<Sum extends string = never>(...applications: readonly Application<Binding, Sum>[]): Readonly<Record<Sum, number>> {
    return this.#timed(() => super.update(...applications));
  }

  #timed<Result>(update: () => Result): Result {
    const start = performance.now();
    try {
      return update();
    } finally {
      this.clocks.update += performance.now() - start;
    }
  }
}

const count = (parameters: readonly { readonly count: number }[]): number =>
  parameters.reduce((sum, parameter) => sum + parameter.count, 0);
const round = (value: number): number => Math.round(value * 1000) / 1000;
