import { KIB, MIB, PhantomBackend, PhantomParameters, phantomSource } from '../engine/index.js';
import { architectureOf, emptyModel, type ModelConfig } from '../models/index.js';
import type { Optimizer, StepContext } from '../optimizers/index.js';
import type { Scheme } from '../schemes/index.js';
import { Engines } from '../training/index.js';
import { evaluateOnce, type JudgedItems } from './evaluation.js';
import { batchBytes, batchesOf, takeStep, type BatchShape } from './step.js';

/** What training holds, in bytes. */
export interface Held {
  /** But for those that are streamed. */
  readonly weights: number;
  /** Gradients, moments and whatever else the optimizer allocates. */
  readonly state: number;
  /** One stage's perturbed copies, for each point that is looked at, or its direction, and what of its weights is streamed. */
  readonly scratch: number;
  /** What stages hand on to the next, and the batch itself. */
  readonly flow: number;
  /** The most that is in use inside a session at a time: within a stage or, by backpropagation, in the whole model. */
  readonly inside: number;
}

/** What running on ONNX Runtime under Node takes besides, in bytes. */
export interface Overhead {
  /**
   * Of the sessions' arenas, above what is in use: none gives back what it has once had, they leave gaps, and ONNX Runtime's order of nodes
   * puts the weights' gradients last, so that all that they are made of is kept until then.
   */
  readonly arenas: number;
  /** Of results, that wait for the garbage collector. */
  readonly copies: number;
  /** Compiled. */
  readonly graphs: number;
}

export interface Prediction {
  readonly held: Held;
  readonly overhead: Overhead;
}

/** The first step may draw subspaces, which takes long and no memory; the next two hold what all later ones do. */
const STEPS = [1, 2];

/** What ONNX Runtime takes to load its library, with the first session's threads; measured on Linux x64. */
const LIBRARY_BYTES = 29 * MIB;
/** What a node of a compiled graph takes; measured on Linux x64. */
const BYTES_PER_NODE = 12 * KIB;
/** A process that has loaded what takes steps, but no model; measured on Linux x64. */
const RUNTIME_BYTES = 68 * MIB;
/** The same of a cell, which reads data too. */
export const CELL_RUNTIME_BYTES = 77 * MIB;

const total = (parts: object): number => Object.values(parts as Record<string, number>).reduce((a, b) => a + b, 0);

/** All that is held, in bytes: what any implementation of this way to train needs. */
export const heldBytes = ({ held }: Prediction): number => total(held);

/** The peak of a process above the loaded runtime, as records and the step benchmark give it. */
export const aboveRuntimeBytes = ({ held, overhead }: Prediction): number => total(held) + total(overhead) + LIBRARY_BYTES;

/** The peak of a whole process that takes steps. */
export const processBytes = (prediction: Prediction): number => RUNTIME_BYTES + aboveRuntimeBytes(prediction);

/**
 * Texts, tokens and what waits for the garbage collector of making them, by what a cell's items are: medians of what the cells of
 * results/reference/schemes take above the rest of their prediction. Those of `full` and `quick` check them. A single cell's may be
 * 40 MiB off, by when Node collects.
 */
const TEXT_BYTES = { chosen: 22 * MIB, written: 65 * MIB, afterDemonstrations: 100 * MIB };

/** How a cell's items are answered. */
export type Answering = keyof typeof TEXT_BYTES;

/** The peak of a cell's process. */
export const cellBytes = (prediction: Prediction, answering: Answering): number =>
  CELL_RUNTIME_BYTES + TEXT_BYTES[answering] + aboveRuntimeBytes(prediction);

/** Passes of a step by which all is held that ever is: the directions after them take the room of those before. */
const MOST_PASSES = 256;

/** Takes no more passes than count, so that a step of a million directions is predicted as fast as one of a hundred. */
class FirstPasses extends Engines {
  override context(...asked: Parameters<Engines['context']>): StepContext {
    const context = super.context(...asked);
    const begun = this.forwards;
    const isHeld = (): boolean => this.forwards - begun >= MOST_PASSES;
    return {
      ...context,
      losses: (...points) => (isHeld() ? Promise.resolve(points.map(() => 0)) : context.losses(...points)),
      trainingLosses: (...points) => (isHeld() ? Promise.resolve(points.map(() => 0)) : context.trainingLosses(...points)),
      directionalDerivative: (direction) =>
        isHeld() ? Promise.resolve({ loss: 0, derivative: 0 }) : context.directionalDerivative(direction),
    };
  }
}

export interface Conditions {
  /** Of every number that is not an integer; 4, as the engine computes, unless given. */
  readonly realBytes?: number;
  /** Whether frozen weights are read where they are used. */
  readonly streams?: boolean;
  /** What is judged before the first step, if anything. */
  readonly judged?: JudgedItems;
}

/**
 * What training holds: the suite's own code takes steps on a model without numbers, and what it allocates is counted.
 * @throws UsageError where frozen weights are streamed and the optimizer backpropagates
 */
export async function predictMemory(
  { config, source }: ModelConfig,
  scheme: Scheme,
  optimizer: Optimizer,
  shape: BatchShape,
  { realBytes = 4, streams = false, judged }: Conditions = {},
): Promise<Prediction> {
  const adaptation = scheme.adaptation(0);
  const parameters = new PhantomParameters();
  const architecture = architectureOf(config, source, adaptation.hooks);
  const streamed = (name: string) => (streams && !adaptation.trains(name) ? phantomSource : undefined);
  const model = emptyModel(architecture, (name) => adaptation.trains(name), streamed, parameters);
  const loaded = parameters.allocated;
  const state = optimizer.init(parameters);
  const begun = parameters.allocated;
  const backend = new PhantomBackend(realBytes);
  const batches = batchesOf(model, shape, () => new Float32Array(0));
  const engines = new FirstPasses(backend, model);
  const judging = judged ? await evaluateOnce(engines, backend, judged) : 0;
  for (const step of STEPS) await takeStep(engines, optimizer, state, batches, step);
  const held = {
    weights: realBytes * loaded,
    state: realBytes * (begun - loaded),
    scratch: realBytes * (parameters.allocated - begun),
    flow: realBytes * backend.activations + batchBytes(batches, realBytes) + judging,
    inside: backend.inUse,
  };
  return { held, overhead: { arenas: backend.inArenas - backend.inUse, copies: backend.inCopies, graphs: BYTES_PER_NODE * backend.nodes } };
}
