import { describe, expect, test } from '@jest/globals';
import { broadcast, Graph, product, sameShape } from '../../../engine/index.js';
import { bindDims, resolveShape } from '../../../engine/graph/axis-lengths.js';
import { realTensor } from '../../support/engine-graphs.js';

describe('a graph', () => {
  test('has one input of a name, however often it is asked for', () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', ['batch', 3]);
    expect(graph.input('x', 'real', ['batch', 3])).toBe(x);
    expect(graph.inputs).toEqual([x]);
    expect(graph.findInput('x')).toBe(x);
    expect(graph.findInput('y')).toBeUndefined();
  });

  test('refuses an input declared again with another shape or type, and says which', () => {
    const graph = new Graph();
    graph.input('x', 'real', ['batch', 3]);
    expect(() => graph.input('x', 'real', ['batch', 4])).toThrow('graph input x is declared twice, as real [batch, 3] and real [batch, 4]');
    expect(() => graph.input('x', 'real', ['batch'])).toThrow('graph input x is declared twice, as real [batch, 3] and real [batch]');
    expect(() => graph.input('x', 'int64', ['batch', 3])).toThrow(
      'graph input x is declared twice, as real [batch, 3] and int64 [batch, 3]',
    );
  });

  test('refuses two outputs of one name', () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', [1]);
    graph.output('y', x);
    expect(() => graph.output('y', x)).toThrow('graph output y is declared twice');
  });

  test('knows what made a value', () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', [1]);
    const made = graph.add({ op: 'Neg', inputs: [x], outputs: [{ dtype: 'real', shape: [1] }] });
    expect(made.map((value) => graph.producer(value)?.op)).toEqual(['Neg']);
    expect(graph.producer(x)).toBeUndefined();
  });
});

describe('shapes', () => {
  test('are the same when every axis is', () => {
    expect(sameShape(['batch', 3], ['batch', 3])).toBe(true);
    expect(sameShape(['batch', 3], ['batch', 4])).toBe(false);
    expect(sameShape(['batch', 3], ['batch'])).toBe(false);
    expect(sameShape([], [])).toBe(true);
  });

  test.each([
    [[2, 3], [3], [2, 3]],
    [[3], [2, 3], [2, 3]],
    [
      [2, 1],
      [1, 3],
      [2, 3],
    ],
    [[], [2], [2]],
    [['batch', 1], [4], ['batch', 4]],
    [[1], ['batch'], ['batch']],
  ])('%j and %j broadcast to %j', (a, b, both) => {
    expect(broadcast(a, b)).toEqual(both);
  });

  test.each([
    [[2, 3], [2], 'shapes [2, 3] and [2] do not broadcast together'],
    [['batch'], ['sequence'], 'shapes [batch] and [sequence] do not broadcast together'],
    [['batch'], [4], 'shapes [batch] and [4] do not broadcast together'],
  ])('%j and %j do not broadcast', (a, b, message) => {
    expect(() => broadcast(a, b)).toThrow(message);
  });

  test('merge into one axis by multiplication, names kept', () => {
    expect(product([2, 3])).toBe(6);
    expect(product([])).toBe(1);
    expect(product(['batch', 'sequence'])).toBe('batch*sequence');
    expect(product(['batch', 2, 3])).toBe('6*batch');
  });
});

describe('named axes', () => {
  const graph = new Graph();
  const inputs = [graph.input('ids', 'int64', ['batch', 'sequence']), graph.input('hidden', 'real', ['batch*sequence', 4])];
  const bound = bindDims(inputs, { ids: realTensor('float32', [2, 5], []), hidden: realTensor('float32', [10, 4], []) });

  test('take their lengths from the inputs, products too', () => {
    expect(resolveShape(['sequence', 7, 'batch'], bound)).toEqual([5, 7, 2]);
    expect(resolveShape(['batch*sequence', '3*sequence', '2*batch*sequence'], bound)).toEqual([10, 15, 20]);
  });

  test('are known as products of inputs that are not there themselves', () => {
    const [ids] = inputs;
    if (!ids) throw new Error('two inputs');
    const alone = bindDims([ids], { ids: realTensor('float32', [3, 5], []) });
    expect(resolveShape(['batch*sequence'], alone)).toEqual([15]);
  });

  test('that no input has are refused by name', () => {
    expect(() => resolveShape(['reads'], bound)).toThrow('the length of axis reads is not known from the inputs');
    expect(() => resolveShape(['batch*reads'], bound)).toThrow('the length of axis reads is not known from the inputs');
  });
});
