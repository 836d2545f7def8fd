import { expect, test } from '@jest/globals';
import { Largest, magnitudes, Parameters, type Parameter, type ParameterRange } from '../../../engine/index.js';
import { arbitrary } from '../../support/engine-numbers.js';

function added(parameters: Parameters, name: string, values: readonly number[]): Parameter {
  const parameter = parameters.add(name, [values.length], true);
  parameters.values(parameter).set(values);
  return parameter;
}

const whole = (parameter: Parameter): ParameterRange => ({ parameter, first: 0, count: parameter.count });

test.each([
  { what: 'normal numbers', values: arbitrary(300, 1) },
  { what: 'numbers of all sizes', values: arbitrary(200, 2).map((value, i) => value * 10 ** ((i % 80) - 40)) },
  {
    what: 'numbers that differ in their last bits',
    values: Array.from({ length: 100 }, (_, i) => (-1) ** i * (1 + ((37 * i) % 100) * 2 ** -23)),
  },
  { what: 'equal numbers and zeros', values: [0, -0, 0.5, -0.5, 0.5, 2, -2, 0] },
  { what: 'one number', values: [-3] },
])('the least of the k largest of $what is that of the sorted array, for every k', ({ values }) => {
  const parameters = new Parameters();
  const parameter = added(parameters, 'theta', values);
  const sorted = [...parameters.values(parameter)].map(Math.abs).sort((a, b) => b - a);
  const largest = new Largest(parameters, magnitudes);
  expect(sorted.map((_, k) => largest.least([whole(parameter)], k + 1))).toEqual(sorted);
});

test('several ranges compete together, and what lies around them does not', () => {
  const parameters = new Parameters();
  const first = added(parameters, 'first', [9, -1, 2, 9]);
  const second = added(parameters, 'second', [-3, 0.5]);
  const largest = new Largest(parameters, magnitudes);
  expect([1, 2, 3, 4].map((keep) => largest.least([{ parameter: first, first: 1, count: 2 }, whole(second)], keep))).toEqual([
    3, 2, 1, 0.5,
  ]);
});
