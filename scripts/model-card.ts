/** What a model card says about how an embedded model came to be. */
export interface Making {
  readonly name: string;
  readonly parameters: number;
  readonly steps: number;
  readonly documents: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Mean training loss over the last hundredth of the steps, nats per token. */
  readonly loss: number;
}

export function modelCard({ name, parameters, steps, documents, learningRate, seed, loss }: Making): string {
  return `# ${name}

An embedded mini model of zobench: ${parameters.toLocaleString('en')} parameters, float16. It is a language model of a small
generated world (scripts/corpus), not of English: numbers made with it say something about optimizers, nothing about
language models at the papers' scale.

| | |
| --- | --- |
| made by | \`npm run pretrain -- --model ${name} --steps ${steps} --documents ${documents} --learning-rate ${learningRate} --seed ${seed}\` |
| corpus | generated: film, book, meal and concert reviews, and everyday stories; \`scripts/corpus\` at seed ${seed} |
| optimizer | zobench's FO-Adam, ${steps} updates of ${documents} documents, peak learning rate ${learningRate} |
| final training loss | ${loss.toFixed(3)} nats per token |

The corpus shares no sentence with the training and test sets of the embedded tasks.
`;
}
