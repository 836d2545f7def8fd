import { hostname } from 'node:os';
import { expect, test } from '@jest/globals';
import { machineInfo, versionInfo } from '../../records/environment.js';

test('versions name the package that computes, with the version that is installed', () => {
  const { zobench, node, backend } = versionInfo('onnxruntime-node');
  expect(zobench).toMatch(/^\d+\.\d+\.\d+/);
  expect(`v${node}`).toBe(process.version);
  expect(backend).toMatch(/^onnxruntime-node \d+\.\d+\.\d+/);
});

test('the machine is described without its name', () => {
  const machine = machineInfo();
  expect(Object.keys(machine).sort()).toEqual(['cores', 'cpu', 'memoryBytes', 'platform']);
  expect(Object.values(machine)).not.toContain(hostname());
});
