import { triedOptimizer } from '../../benchmarks/plan/index.js';
import { z } from 'zod';
import { optimizerIds, optimizerOptions, type Optimizer } from '../../optimizers/index.js';
import { optionLines, runProgram, type Output } from '../../command-line/index.js';

function described(id: string, { cost, order, stateArrays, defaults }: Optimizer): string {
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
  examples: [['zo-sgd ./mine.ts', 'one that is there, and one of your own']] as const,
};

/** Every optimizer, or those named, with its cost and its options; returns the process's exit code. */
export function runOptimizers(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (_, given, reply) => {
    const names = given.length > 0 ? given : optimizerIds;
    const found = await Promise.all(names.map(async (id) => ({ id, optimizer: await triedOptimizer(id) })));
    reply.result(
      [
        ...found.map(({ id, optimizer }) => `${described(id, optimizer)}\n`),
        'An option is written behind the name: zo-sgd:q=4:sides=one, zo-sgd-sign:released. A file of your own is given by its path.',
      ].join('\n'),
      found.map(({ id, optimizer: { order, cost, stateArrays, defaults } }) => ({
        id,
        order,
        cost,
        stateArrays,
        defaults,
        options: optionLines(optimizerOptions(id)).map((line) => line.trim()),
      })),
    );
    return 0;
  });
}
