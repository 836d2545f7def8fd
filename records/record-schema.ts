import { contradictions } from './contradictions.js';
import { recordFields } from './record.js';

// Apart from record.ts, whose types the page in the browser shares: a cell's id takes Node's hashes.

/** What a cell leaves behind: one JSON file, whose numbers can be those of a run and whose cell is that of its settings. */
export const recordSchema = recordFields.superRefine((record, context) => {
  for (const { path, message } of contradictions(record)) context.addIssue({ code: 'custom', path: path.split('.'), message });
});
