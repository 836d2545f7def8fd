import { UsageError } from '../engine/index.js';
import { schemeIds, schemeOptions, trainedSchemeIds } from '../schemes/index.js';
import { optionLines } from './option-lines.js';

// The program behind `npm run schemes`: every fine-tuning scheme, or those named, with its options.

const heading = (id: string): string => (trainedSchemeIds.includes(id) ? id : `${id} (trains nothing: its optimizer is none)`);

try {
  const given = process.argv.slice(2);
  for (const id of given.length > 0 ? given : schemeIds) console.log([heading(id), ...optionLines(schemeOptions(id)), ''].join('\n'));
  console.log('An option is written behind the name: lora:rank=4:modules=q_proj+fc1, prefix:length=10.');
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`zobench: ${error.message}`);
  process.exitCode = 2;
}
