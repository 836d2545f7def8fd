import { fixed, grouped, percent } from '../engine/quantities.js';
import type { ModelKind } from '../tasks/index.js';
import type { Training } from './mini-models.js';
import type { ZeroShot } from './zero-shot.js';

/** What a model card says about how a bundled model came to be. */
export interface Making {
  readonly name: string;
  readonly kind: ModelKind;
  readonly parameters: number;
  /** The model it began as, if not as random weights. */
  readonly from: string | undefined;
  readonly corpus: string;
  readonly training: Training;
  readonly seed: number;
  /** Mean training loss over the last hundredth of the steps, nats per predicted token. */
  readonly loss: number;
  /** Of the bundled tasks' dev sets. */
  readonly zeroShot: readonly ZeroShot[];
}

const PREDICTS: Readonly<Record<ModelKind, string>> = {
  causal: 'the next token',
  masked:
    'masked tokens: 15 % of a text and 90 % of its verdict words, of which 80 % read as the mask, 10 % as a random token, 10 % as they are',
};

export function modelCard({ name, kind, parameters, from, corpus, training, seed, loss, zeroShot }: Making): string {
  const { steps, documents, learningRate } = training;
  const began = from === undefined ? '' : ` --from ${from}`;
  return `# ${name}

A bundled mini model of zobench: ${grouped(parameters)} parameters, float16. It is a language model of a small
generated world (scripts/corpus), not of English: numbers made with it say something about optimizers, nothing about
language models at the papers' scale.

| | |
| --- | --- |
| made by | \`npm run pretrain -- --model ${name}${began} --steps ${steps} --documents ${documents} --learning-rate ${learningRate} --seed ${seed}\` |
| corpus | generated: ${corpus}, at seed ${seed} |
| predicts | ${PREDICTS[kind]} |
| optimizer | zobench's FO-Adam, ${steps} updates of ${documents} documents, peak learning rate ${learningRate} |
| final training loss | ${fixed(loss, 3)} nats per predicted token |
${zeroShot.map(zeroShotRow).join('\n')}

The corpus shares no sentence with the training and test sets of the bundled tasks. Zero-shot figures are of the generated dev sets.
`;
}

const zeroShotRow = ({ task, metric, evaluation: { score, total } }: ZeroShot): string =>
  `| zero-shot ${task} | ${metric === 'f1' ? 'F1' : 'accuracy'} ${percent(score)} % on ${total} dev items |`;
