import { z } from 'zod';
import { schemeIds, schemeOptions, trainedSchemeIds } from '../../schemes/index.js';
import { optionLines, runProgram, type Output } from '../../command-line/index.js';

const heading = (id: string): string => (trainedSchemeIds.includes(id) ? id : `${id} (trains nothing: its optimizer is none)`);

const commandLine = {
  scriptName: 'npm run schemes --',
  usage: 'Lists every fine-tuning scheme, or those named, with its options.',
  operands: '[<scheme> ...]',
  schema: z.strictObject({}),
  described: {},
  examples: [['lora prefix', 'two of them']] as const,
};

/** Every fine-tuning scheme, or those named, with its options; returns the process's exit code. */
export function runSchemes(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, (_, given) => {
    for (const id of given.length > 0 ? given : schemeIds)
      output.stdout.write(`${[heading(id), ...optionLines(schemeOptions(id)), ''].join('\n')}\n`);
    output.stdout.write('An option is written behind the name: lora:rank=4:modules=q_proj+fc1, prefix:length=10.\n');
    return Promise.resolve(0);
  });
}
