import { z } from 'zod';
import { schemeIds, schemeOptions, trainedSchemeIds } from '../schemes/index.js';
import { optionLines } from './option-lines.js';
import { runProgram } from './program.js';

// The program behind `npm run schemes`: every fine-tuning scheme, or those named, with its options.

const heading = (id: string): string => (trainedSchemeIds.includes(id) ? id : `${id} (trains nothing: its optimizer is none)`);

const commandLine = {
  scriptName: 'npm run schemes --',
  usage: 'Lists every fine-tuning scheme, or those named, with its options.',
  operands: '[<scheme> ...]',
  schema: z.strictObject({}),
  described: {},
  examples: [['lora prefix', 'two of them']] as const,
};

process.exitCode = await runProgram(commandLine, process.argv.slice(2), process, (_, given) => {
  for (const id of given.length > 0 ? given : schemeIds) console.log([heading(id), ...optionLines(schemeOptions(id)), ''].join('\n'));
  console.log('An option is written behind the name: lora:rank=4:modules=q_proj+fc1, prefix:length=10.');
  return Promise.resolve(0);
});
