/** Writes what editors check a grid file by, `docs/grid.schema.json`: `npm run grid-schema`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gridFileJsonSchema } from '../benchmarks/plan/index.js';
import { projectFolder, writeFileWhole } from '../engine/index.js';

export function gridSchemaText(): string {
  const schema = { ...gridFileJsonSchema(), $id: 'zobench-grid', title: 'A grid of zobench: zobench run my-grid.yaml' };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileWhole(join(projectFolder, 'docs', 'grid.schema.json'), gridSchemaText());
