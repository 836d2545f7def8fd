import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectFolder } from '../engine/index.js';

/*
 * onnxruntime-node's install script fetches CUDA's files, hundreds of megabytes that nothing here uses, from a place that need not be
 * reachable. npm runs a package's script if its entry in package-lock.json says that there is one; npm 11 has `allowScripts` for it, and
 * warns of settings in .npmrc that are not its own.
 */
test('npm ci runs no install script of onnxruntime-node: delete its hasInstallScript from package-lock.json where npm wrote it', () => {
  const { packages } = JSON.parse(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  expect(packages['node_modules/onnxruntime-node']).toBeDefined();
  expect(packages['node_modules/onnxruntime-node']).not.toHaveProperty('hasInstallScript');
});

test('.npmrc has nothing that npm warns of', () => {
  const names = readFileSync(join(projectFolder, '.npmrc'), 'utf8')
    .split('\n')
    .flatMap((line) => /^([\w-]+)=/.exec(line)?.[1] ?? []);
  expect(names).toEqual(['fund', 'audit']);
});
