import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../src/worker/threads/failure-of.js';

describe('failures', () => {
  it.each([
    ['a text', 'just text', 'threw just text'],
    ['nothing', undefined, 'threw undefined'],
    ['an object', { code: 7, why: { a: 1 } }, 'threw { code: 7, why: { a: 1 } }'],
    ['an object that has no text', Object.create(null), 'threw [Object: null prototype] {}'],
    ['a symbol', Symbol('x'), 'threw Symbol(x)'],
  ])('what is thrown and is no Error - %s', (_, thrown, message) => {
    expect(failureOf(thrown)).toEqual({ class: 'crash', message });
  });

  it('a message - is bounded', () => {
    expect(failureOf('x'.repeat(1e6)).message).toHaveLength(16_004);
  });
});
