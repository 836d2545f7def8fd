export { exhibits, type Exhibit } from './catalog.js';
export { markdownBody, renderMarkdown } from './render-markdown.js';
export { renderCsv } from './render-csv.js';
export { renderLatex } from './render-latex.js';
export { runOf, type RecordedRuns } from './run.js';
export { isFilled, type Table } from './table.js';
export { writeTables, type Written } from './write.js';
