import { bytesText, fixed } from '../../engine/quantities.js';
import { mean } from '../../statistics/moments.js';
import { crossovers, crossoverText, type Axis, type MemoryRow, type MemoryStudy, type PublishedRow } from './study.js';

/** The study as Markdown: what is predicted, where optimizers change places, and what was published. */
export function memoryMarkdown(study: MemoryStudy): string {
  const { model, scheme, dtype, targets, byLength, byBatch, published } = study;
  const where = targets === 'all' ? 'a token predicted everywhere' : 'one token predicted at the end';
  return [
    `# Memory of fine-tuning ${model}, ${scheme}`,
    '',
    `Predicted from shapes, ${where}. *Held* is all that training holds with every number in ${dtype}; *process* is the peak of a process`,
    'of this suite, which computes in float32 whatever the weights are stored in, on ONNX Runtime under Node.',
    ...section('By length', byLength, 'sequence', dtype),
    ...section('By batch size', byBatch, 'batch', dtype),
    ...publishedSection(published),
    '',
  ].join('\n');
}

function section(title: string, rows: readonly MemoryRow[], axis: Axis, dtype: string): string[] {
  const measured = rows.some(({ measuredBytes }) => measuredBytes.length > 0);
  const columns = ['Optimizer', 'Batch', 'Tokens', `Held, ${dtype}`, 'Weights', 'State', 'Activations', 'Process, float32'];
  const lines = rows.map((row) => {
    const { weights, state, scratch, flow, inside } = row.parts;
    const shown = [row.heldBytes, weights, state, scratch + flow + inside].map(bytesText);
    const own = measured ? [`${bytesText(mean(row.measuredBytes))} (${ratio(row)})`] : [];
    return [row.optimizer, String(row.batch), String(row.sequence), ...shown, bytesText(row.processBytes), ...own];
  });
  const crossed = crossovers(rows, axis).map((crossing) => `- ${crossoverText(crossing, axis)}`);
  return [
    '',
    `## ${title}`,
    '',
    ...table([...columns, ...(measured ? ['Measured, mean (predicted / measured)'] : [])], lines),
    '',
    ...crossed,
  ];
}

const ratio = ({ processBytes, measuredBytes }: MemoryRow): string => fixed(processBytes / mean(measuredBytes), 2);

function publishedSection(rows: readonly PublishedRow[]): string[] {
  if (rows.length === 0) return [];
  const columns = ['Model', 'Optimizer', 'Conditions', 'Numbers', 'Published', 'Predicted', 'Predicted / published', 'Source'];
  const lines = rows.map(({ model, optimizer, conditions, dtype, publishedBytes, predictedBytes, source }) => [
    ...[model, optimizer, conditions, dtype, bytesText(publishedBytes), bytesText(predictedBytes)],
    ...[fixed(predictedBytes / publishedBytes, 2), source],
  ]);
  return ['', '## Beside published figures', '', ...table(columns, lines), '', DIFFERENCES];
}

const DIFFERENCES = [
  'The published figures are of PyTorch on GPUs: peaks with the logits of all positions and what the allocator keeps, and sums over several',
  'GPUs where one is too small. The predictions are what this suite holds for the same step, every number in the precision given, with',
  'logits only where a token is predicted and nothing of the runtime. A published GB is taken as 10^9 bytes.',
].join('\n');

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
