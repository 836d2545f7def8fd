import { expect, test } from '@jest/globals';
import { Forecast } from '../../../benchmarks/plan/forecast.js';
import { cell } from '../fixtures/settings.js';

const cells = ['a', 'b', 'c', 'd'].map((id) => cell(id));

/** Of four cells that are estimated to take 10 s each, at a time that the test sets. */
function forecastOf(jobs: number): { forecast: Forecast; at: (seconds: number) => Forecast } {
  let nowMs = 0;
  const forecast = new Forecast(jobs, () => nowMs);
  for (const one of cells) forecast.expect(one, 10);
  return {
    forecast,
    at: (seconds) => {
      nowMs = 1000 * seconds;
      return forecast;
    },
  };
}

const [a, b, c, d] = cells as [(typeof cells)[0], (typeof cells)[0], (typeof cells)[0], (typeof cells)[0]];

test('before a cell has ended, what is left are the estimates, less what has gone by', () => {
  const { forecast, at } = forecastOf(1);
  expect(forecast.left).toBe(40);
  forecast.started(a);
  expect(at(4).left).toBe(36);
  expect(at(15).left).toBe(30); // longer than estimated, but it may end at any time
});

test('cells that took three times as long as estimated say so of the others', () => {
  const { forecast, at } = forecastOf(1);
  forecast.started(a);
  at(30).ended(a, true);
  expect(forecast.left).toBe(90);
  forecast.started(b);
  expect(at(50).left).toBe(70);
});

test('a cell that failed at once says nothing of the others', () => {
  const { forecast, at } = forecastOf(1);
  forecast.started(a);
  at(0.1).ended(a, false);
  expect(forecast.left).toBe(30);
});

test('several at a time take a part of it, but no less than the longest', () => {
  const { forecast, at } = forecastOf(2);
  expect(forecast.left).toBe(20);
  for (const one of [a, b]) forecast.started(one);
  for (const one of [a, b, c]) at(10).ended(one, true);
  forecast.started(d);
  expect(forecast.left).toBeGreaterThan(6);
  expect(at(1000).left).toBe(0);
});
