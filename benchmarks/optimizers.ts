import { optimizerIds, optimizerOptions, resolveOptimizer } from '../optimizers/index.js';
import { optionLines } from './option-lines.js';
import { orComplain } from './program.js';

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

process.exitCode = await orComplain(process.stderr, async () => {
  const given = process.argv.slice(2);
  for (const id of given.length > 0 ? given : optimizerIds) console.log(`${await describe(id)}\n`);
  console.log('An option is written behind the name: zo-sgd:q=4:sides=one, zo-sgd-sign:released. A file of your own is given by its path.');
  return 0;
});
