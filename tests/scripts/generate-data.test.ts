import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { embeddedFiles } from '../../scripts/generate-data.js';

test('the committed data files are what the generator writes', () => {
  for (const [path, content] of embeddedFiles()) expect(readFileSync(path, 'utf8') === content ? path : `${path} differs`).toBe(path);
});
