import { z } from 'zod';
import { catalog } from '../../benchmarks/plan/index.js';
import { schemeIds, schemeNamed, schemeOptions } from '../../schemes/index.js';
import { optionLines, runProgram, type Output } from '../../command-line/index.js';

const isTrained = (id: string): boolean => schemeNamed(id).trainingFree === undefined;
const heading = (id: string): string => (isTrained(id) ? id : `${id} (trains nothing: its optimizer is none)`);

const commandLine = {
  scriptName: 'npm run schemes --',
  usage: 'Lists every fine-tuning scheme, or those named, with its options.',
  operands: '[<scheme> ...]',
  schema: z.strictObject({}),
  examples: [['lora prefix', 'two of them']] as const,
};

/** Every fine-tuning scheme, or those named, with its options; returns the process's exit code. */
export function runSchemes(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (_, given, reply) => {
    const ids = given.length > 0 ? given : schemeIds;
    await catalog.prepare(ids, []);
    const optionsOf = (id: string): readonly string[] => optionLines(schemeOptions(id));
    reply.result(
      [
        ...ids.map((id) => [heading(id), ...optionsOf(id), ''].join('\n')),
        'An option is written behind the name: lora:rank=4:modules=q_proj+fc1, prefix:length=10.',
      ].join('\n'),
      ids.map((id) => ({ id, isTrained: isTrained(id), options: optionsOf(id).map((line) => line.trim()) })),
    );
    return 0;
  });
}
