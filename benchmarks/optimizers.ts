import { z } from 'zod';
import { optimizerIds, optimizerOptions, resolveOptimizer } from '../optimizers/index.js';
import { optionLines } from './option-lines.js';
import { runProgram } from './program.js';

// The program behind `npm run optimizers`: every optimizer, or those named, with its cost and its options.

async function describe(id: string): Promise<string> {
  const { cost, order, stateArrays, defaults } = await resolveOptimizer(id);
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

process.exitCode = await runProgram(commandLine, process.argv.slice(2), process, async (_, given) => {
  for (const id of given.length > 0 ? given : optimizerIds) console.log(`${await describe(id)}\n`);
  console.log('An option is written behind the name: zo-sgd:q=4:sides=one, zo-sgd-sign:released. A file of your own is given by its path.');
  return 0;
});
