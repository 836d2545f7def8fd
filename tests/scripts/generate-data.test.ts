import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { bundledFiles } from '../../scripts/generate-data.js';

test('the committed data files are what the generator writes', () => {
  for (const [path, content] of bundledFiles()) expect(readFileSync(path, 'utf8') === content ? path : `${path} differs`).toBe(path);
});
