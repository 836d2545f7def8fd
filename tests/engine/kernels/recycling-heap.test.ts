import { expect, test } from '@jest/globals';
import { RecyclingHeap, WasmHeap } from '../../../engine/index.js';

test('memory is given out again after it is freed, zeroed, and not before', () => {
  const heap = new RecyclingHeap(new WasmHeap());
  const [first, second] = [heap.allocateArray(5), heap.allocateArray(5)];
  expect(second).not.toBe(first);
  heap.floats(first, 5).fill(1);
  heap.floats(second, 5).fill(2);
  heap.freeAll();
  expect([heap.allocateArray(5), heap.allocateArray(5)]).toEqual([first, second]);
  expect([...heap.floats(first, 5), ...heap.floats(second, 5)]).toEqual(new Array<number>(10).fill(0));
  expect(heap.allocateArray(5)).toBeGreaterThan(second);
});

test('memory of another size, or for another use, is not', () => {
  const heap = new RecyclingHeap(new WasmHeap());
  const first = heap.allocateArray(5);
  heap.freeAll();
  expect(heap.allocateArray(4)).not.toBe(first);
  expect(heap.allocate(5)).not.toBe(first);
});
