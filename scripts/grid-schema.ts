import { join } from 'node:path';
import { gridFileJsonSchema } from '../benchmarks/plan/index.js';
import { projectFolder, writeFileWhole } from '../engine/index.js';

// Writes what editors check a grid file by: npm run grid-schema

const schema = { $id: 'zobench-grid', title: 'A grid of zobench: zobench run my-grid.yaml', ...gridFileJsonSchema() };
writeFileWhole(join(projectFolder, 'docs', 'grid.schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
