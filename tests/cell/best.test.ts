import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, expect, jest, test } from '@jest/globals';
import { BestParameters } from '../../cell/best.js';
import { InputError } from '../../engine/index.js';
import { contractBowls, Quadratic } from '../support/quadratic.js';

afterEach(() => {
  jest.restoreAllMocks();
});

test('where the temporary folder has no room, one line names it', () => {
  const best = new BestParameters(new Quadratic(contractBowls).parameters);
  jest.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
  const why = '(no space is left on its disk): make room, or let TMPDIR name another one';
  expect(() => best.save()).toThrow(new InputError(`${tmpdir()}: the best parameters cannot be kept there ${why}`));
  best.delete();
});
