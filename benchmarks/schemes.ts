import { schemeIds, schemeOptions, trainedSchemeIds } from '../schemes/index.js';
import { optionLines } from './option-lines.js';
import { orComplain } from './program.js';

// The program behind `npm run schemes`: every fine-tuning scheme, or those named, with its options.

const heading = (id: string): string => (trainedSchemeIds.includes(id) ? id : `${id} (trains nothing: its optimizer is none)`);

process.exitCode = await orComplain(process.stderr, () => {
  const given = process.argv.slice(2);
  for (const id of given.length > 0 ? given : schemeIds) console.log([heading(id), ...optionLines(schemeOptions(id)), ''].join('\n'));
  console.log('An option is written behind the name: lora:rank=4:modules=q_proj+fc1, prefix:length=10.');
  return 0;
});
