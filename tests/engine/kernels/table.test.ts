import { expect, test } from '@jest/globals';
import { WasmHeap } from '../../../engine/index.js';
import { KERNELS } from '../../../engine/kernels/table.js';

test('the table has the kernels that are compiled, each with as many arguments', () => {
  const compiled = Object.entries(new WasmHeap().kernels).filter(([, member]) => typeof member === 'function');
  const lengths = compiled.map(([name, kernel]) => [name, (kernel as () => unknown).length]);
  const rows = Object.entries(KERNELS).map(([name, { roles }]) => [name, roles.length]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(lengths));
});
