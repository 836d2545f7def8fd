import { triedOptimizer } from '../../benchmarks/plan/index.js';
import { z } from 'zod';
import { optimizerIds, optimizerOptions } from '../../optimizers/index.js';
import { optionLines, runProgram, type Output } from '../../command-line/index.js';

async function describe(id: string): Promise<string> {
  const { cost, order, stateArrays, defaults } = await triedOptimizer(id);
  const passes = [
    ...(cost.forwards === 0 ? [] : [`${cost.forwards} forward`]),
    ...(cost.perBlock === undefined ? [] : [`${cost.perBlock.forwards} forward for each block of the trained parameters`]),
    ...(cost.forwardsPerTrainingBatch === undefined ? [] : [`${cost.forwardsPerTrainingBatch} for each batch of the training set`]),
    ...(cost.backwards === 0 ? [] : [`${cost.backwards} backward`]),
  ];
  const state = stateArrays === 0 ? 'no state of the size of theta' : `${stateArrays} arrays of the size of theta`;
  return [
    `${id} (${order} order; passes per step: ${passes.join(' + ')}; ${state}; learning rate ${defaults.learningRate})`,
    ...optionLines(optimizerOptions(id)),
  ].join('\n');
}

const commandLine = {
  scriptName: 'npm run optimizers --',
  usage: 'Lists every optimizer, or those named, with its cost and its options.',
  operands: '[<optimizer> ...]',
  schema: z.strictObject({}),
  described: {},
  examples: [['zo-sgd ./mine.ts', 'one that is there, and one of your own']] as const,
};

/** Every optimizer, or those named, with its cost and its options; returns the process's exit code. */
export function runOptimizers(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (_, given) => {
    for (const id of given.length > 0 ? given : optimizerIds) output.stdout.write(`${await describe(id)}\n\n`);
    output.stdout.write(
      'An option is written behind the name: zo-sgd:q=4:sides=one, zo-sgd-sign:released. A file of your own is given by its path.\n',
    );
    return 0;
  });
}
