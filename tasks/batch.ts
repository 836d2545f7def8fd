import { floats, InputError, integers, type Tensors } from '../engine/index.js';
import type { LanguageModel, Objective } from '../models/index.js';
import type { EncodedExample, Question } from './encode.js';
import { Packing } from './packing.js';

export interface Batch {
  readonly tensors: Tensors;
  readonly objective: Objective;
  /** How many examples, or predicted tokens, the loss is the mean over: what it weighs beside other batches. */
  readonly count: number;
  /** Of a batch of choices: each example's right candidates, the one it is trained on first. */
  readonly right?: readonly (readonly number[])[];
  /** Of a batch of answers, those that the model could also write itself. */
  readonly questions?: readonly Question[];
}

/** Added to the score of a candidate that an example does not have. */
const ABSENT = -1e9;

/** A token whose probability counts, and the flat position whose read predicts it. */
export interface Target {
  readonly token: number;
  readonly position: number;
}

/** One of a candidate's. */
interface ChoiceTarget extends Target {
  readonly example: number;
  readonly candidate: number;
  readonly weight: number;
}

/**
 * Examples as one batch to choose among candidates. Score = mean log p of the candidate's tokens. Each example's tree is
 * computed once, whatever its number of candidates, and short examples share a row of the batch.
 */
export function choiceBatch(model: LanguageModel, texts: readonly EncodedExample[], padId: number): Batch {
  const examples = texts.map((text) => afterVirtual(model, text));
  if (model.architecture.attends(-1)) checkMasks(examples);
  const packing = new Packing(examples.map(treeSize));
  const targets = examples.flatMap((example, index) => placeExample(packing, example, index));
  const candidates = Math.max(...examples.map(({ branches }) => branches.length));
  const { reads, targetTensors } = readTensors(targets);
  const weights = new Float32Array(examples.length * candidates * targets.length);
  targets.forEach(({ example, candidate, weight }, index) => {
    weights[(example * candidates + candidate) * targets.length + index] = weight;
  });
  const answers = new Float32Array(examples.length * candidates);
  const absent = new Float32Array(examples.length * candidates).fill(ABSENT);
  examples.forEach(({ branches, answer }, example) => {
    answers[example * candidates + answer] = 1 / examples.length;
    absent.fill(0, example * candidates, example * candidates + branches.length);
  });
  return {
    objective: isUnnormalised(targets, examples) ? 'choice-unnormalised' : 'choice',
    count: examples.length,
    right: examples.map(({ answer, alsoRight = [] }) => [answer, ...alsoRight]),
    tensors: {
      ...packing.tensors(model, padId),
      read_positions: integers([reads.length], reads),
      ...targetTensors,
      choice_weights: floats([examples.length, candidates, targets.length], weights),
      answers: floats([examples.length, candidates], answers),
      absent: floats([examples.length, candidates], absent),
    },
  };
}

/**
 * Examples as one batch of language modelling on their right answers alone: the loss is the mean of - log p over all of the answers'
 * tokens together (MeZO's `only_train_option`).
 */
export function answerBatch(model: LanguageModel, examples: readonly EncodedExample[], padId: number): Batch {
  const answers = examples.map((example) =>
    afterVirtual(model, { ...example, branches: example.branches.slice(example.answer, example.answer + 1) }),
  );
  if (model.architecture.attends(-1)) checkMasks(answers);
  const packing = new Packing(answers.map(treeSize));
  const targets = answers.flatMap((example, index) => placeExample(packing, example, index));
  return { ...tokenBatch(model, packing, targets, padId), questions: examples.flatMap(({ question }) => question ?? []) };
}

/** The examples' prompts alone, each read where the first token of its answer is predicted: at its end or its mask. */
export function promptTensors(model: LanguageModel, texts: readonly EncodedExample[], padId: number): Tensors {
  const prompts = texts.map((text) => afterVirtual(model, text));
  const packing = new Packing(prompts.map(({ trunk }) => trunk.length));
  const reads = prompts.map(({ trunk, mask }, index) => packing.branch(index, trunk, [])[mask ?? trunk.length - 1] ?? 0);
  return { ...packing.tensors(model, padId), read_positions: integers([reads.length], reads) };
}

/** A batch to train on, by what the task's training minimises. */
export const makeBatch = { choice: choiceBatch, answer: answerBatch } as const;

/** The loss is the mean over the targets. */
export function tokenBatch(model: LanguageModel, packing: Packing, targets: readonly Target[], padId: number): Batch {
  const { reads, targetTensors } = readTensors(targets);
  return {
    objective: 'tokens',
    count: targets.length,
    tensors: {
      ...packing.tensors(model, padId),
      read_positions: integers([reads.length], reads),
      ...targetTensors,
      token_weights: floats([1, targets.length], new Float32Array(targets.length).fill(1 / targets.length)),
    },
  };
}

/** The example with the model's virtual tokens before it. */
function afterVirtual({ architecture: { virtualTokens } }: LanguageModel, example: EncodedExample): EncodedExample {
  const trunk = [...virtualTokens, ...example.trunk];
  return { ...example, trunk, ...(example.mask !== undefined && { mask: virtualTokens.length + example.mask }) };
}

/** Tokens that are read: all but each branch's last. */
function treeSize({ trunk, branches }: EncodedExample): number {
  return branches.reduce((total, { tokens }) => total + tokens.length - 1, trunk.length);
}

function placeExample(packing: Packing, { trunk, branches, mask }: EncodedExample, example: number): ChoiceTarget[] {
  const trunkPositions = packing.branch(example, trunk, []);
  return branches.flatMap(({ tokens, scored }, candidate) => {
    const own = packing.branch(example, tokens.slice(0, -1), trunkPositions);
    const path = [...trunkPositions, ...own]; // path[i] predicts token i + 1 of trunk + branch, or is itself the mask
    const whole = [...trunk, ...tokens];
    return Array.from({ length: scored }, (_, index) => {
      const at = whole.length - scored + index;
      return { token: whole[at] ?? 0, position: path[mask ?? at - 1] ?? 0, example, candidate, weight: 1 / scored };
    });
  });
}

/** A model that looks ahead would see what it is to predict, but for a mask. */
function checkMasks(examples: readonly EncodedExample[]): void {
  const isMasked = ({ branches, mask }: EncodedExample): boolean =>
    mask !== undefined && branches.every(({ tokens }) => tokens.length === 1);
  if (examples.every(isMasked)) return;
  throw new InputError('a masked language model chooses among single tokens in the place of a mask, which this task does not have');
}

/** Each position is read once, however many targets it predicts. */
function readTensors(targets: readonly Target[]): { reads: readonly number[]; targetTensors: Tensors } {
  const reads = [...new Set(targets.map(({ position }) => position))];
  const readOf = new Map(reads.map((position, index) => [position, index]));
  return {
    reads,
    targetTensors: {
      target_ids: integers(
        [targets.length],
        targets.map(({ token }) => token),
      ),
      target_reads: integers(
        [targets.length],
        targets.map(({ position }) => readOf.get(position) ?? 0),
      ),
    },
  };
}

/** All candidates of an example are one token predicted from one position: their normaliser cancels. */
function isUnnormalised(targets: readonly ChoiceTarget[], examples: readonly EncodedExample[]): boolean {
  const single = examples.every(({ branches }) => branches.every(({ scored }) => scored === 1));
  const position = new Map(targets.map((target) => [target.example, target.position]));
  return single && targets.every((target) => position.get(target.example) === target.position);
}
