import { z } from 'zod';
import { modelTable } from './model-list.js';
import { runProgram } from './program.js';

// The program behind `npm run models`.

const commandLine = {
  scriptName: 'npm run models --',
  usage: 'Lists the models that are embedded, in the Hugging Face cache or known, with what they take on disk and to fine-tune.',
  schema: z.strictObject({}),
  described: {},
  examples: [],
};

process.exitCode = await runProgram(commandLine, process.argv.slice(2), process, async () => {
  console.log(await modelTable());
  return 0;
});
