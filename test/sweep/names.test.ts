import { describe, expect, it } from 'vitest';
import { didYouMean, nearestName } from '../../src/sweep/nearest.js';
import { orderByDependencies } from '../../src/sweep/order.js';

describe('nearest', () => {
  it.each([
    ['adma', 'adam'],
    ['batchsize', 'batchSize'],
    ['itn', 'int'],
    ['accurcy', 'accuracy'],
    ['max', 'maximize'],
    ['x', undefined],
    ['zzzz', undefined],
  ])('nearest - %s means %s', (name, expected) => {
    const known = ['adam', 'batchSize', 'int', 'accuracy', 'maximize', 'minimize', 'y'];
    expect(didYouMean(name, known)).toBe(expected === undefined ? '' : ` (did you mean "${expected}"?)`);
  });

  it('nearest - the nearest of several, and only what is near', () => {
    expect(nearestName('accuracy2', ['accuracy1', 'accuracy'])).toBe('accuracy1');
    expect(nearestName('max', ['maximize'])).toBeUndefined();
  });
});

describe('order', () => {
  it('order - each after what it needs, in the given order otherwise', () => {
    const order = (...entries: [string, string[]][]) => orderByDependencies(new Map(entries));
    expect(order(['a', ['c']], ['b', []], ['c', ['d']], ['d', ['outside']])).toEqual({
      ordered: ['d', 'c', 'a', 'b'],
    });
    expect(order(['a', ['b']], ['b', ['c']], ['c', ['b']])).toEqual({ circle: ['b', 'c', 'b'] });
    expect(order(['a', ['a']])).toEqual({ circle: ['a', 'a'] });
  });
});
