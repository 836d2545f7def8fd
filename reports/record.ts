import { z } from 'zod';

/** Raised when the meaning of a field changes; results compare across versions of zobench that share it. */
export const RECORD_VERSION = 1;

const evaluation = z.object({
  /** Share of examples answered rightly, 0 to 1. */
  accuracy: z.number(),
  correct: z.int(),
  total: z.int(),
  /** 95 % Wilson score interval of the accuracy. */
  interval: z.tuple([z.number(), z.number()]),
});

const cellSettings = z.object({
  model: z.string(),
  task: z.string(),
  scheme: z.string(),
  optimizer: z.string(),
  data: z.string(),
  seed: z.int(),
  steps: z.int(),
  batchSize: z.int(),
  learningRate: z.number(),
  /** Perturbation size of zeroth-order optimizers; null where the optimizer has none. */
  epsilon: z.number().nullable(),
  trainSize: z.int(),
  devSize: z.int(),
  testSize: z.int(),
  evaluateEvery: z.int(),
  threads: z.int(),
  timeoutSeconds: z.number(),
});

const curvePoint = z.object({
  step: z.int(),
  /** Forward passes of the model spent so far; a backward pass is not counted here. */
  forwards: z.number(),
  loss: z.number(),
});

const machine = z.object({ cpu: z.string(), cores: z.int(), memoryBytes: z.int(), platform: z.string() });

const versions = z.object({ zobench: z.string(), node: z.string(), backend: z.string(), commit: z.string().nullable() });

const common = {
  recordVersion: z.literal(RECORD_VERSION),
  /** Hash of the settings; the record's file is named after it. */
  cell: z.string(),
  settings: cellSettings,
  machine,
  versions,
  startedAt: z.string(),
  seconds: z.number(),
};

const completed = z.object({
  ...common,
  state: z.literal('completed'),
  zeroShot: z.object({ dev: evaluation, test: evaluation }),
  /** Test accuracy of the parameters that did best on dev. */
  final: z.object({ dev: evaluation, test: evaluation, step: z.int() }),
  curve: z.array(curvePoint),
  devCurve: z.array(z.object({ step: z.int(), forwards: z.number(), accuracy: z.number() })),
  forwards: z.number(),
  backwards: z.number(),
  trainableParameters: z.int(),
  totalParameters: z.int(),
  stepMs: z.object({ median: z.number(), p25: z.number(), p75: z.number() }),
  memory: z.object({
    /** VmHWM of the cell's process. */
    peakBytes: z.int(),
    /** The same process once the runtime is loaded, before the model is. */
    runtimeBytes: z.int(),
    /** peakBytes - runtimeBytes. */
    aboveRuntimeBytes: z.int(),
  }),
  dataSource: z.string(),
  generatedData: z.boolean(),
  checkpoint: z.object({ source: z.string(), sha256: z.string(), embedded: z.boolean() }),
});

const ended = z.object({
  ...common,
  state: z.enum(['diverged', 'failed', 'out-of-memory', 'timed-out']),
  /** One line. */
  reason: z.string(),
  /** Loss curve up to the end, where there was one. */
  curve: z.array(curvePoint),
});

/** What a cell leaves behind: one JSON file. */
export const recordSchema = z.discriminatedUnion('state', [completed, ended]);

export type CellSettings = z.infer<typeof cellSettings>;
export type Evaluation = z.infer<typeof evaluation>;
export type CompletedRecord = z.infer<typeof completed>;
export type EndedRecord = z.infer<typeof ended>;
export type CellRecord = z.infer<typeof recordSchema>;
