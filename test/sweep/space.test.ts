import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parameter, Parameters } from '../../src/sweep/parameter.js';
import { createRandom } from '../../src/sweep/random.js';
import { SpaceError } from '../../src/sweep/space-parameter.js';
import { compileSpace, type Space } from '../../src/sweep/space.js';

const int = (
  low: number,
  high: number,
  more: { step?: number; log?: boolean; when?: string } = {},
): Parameter => ({
  kind: 'int',
  low,
  high,
  step: 1,
  log: false,
  ...more,
});
const float = (
  low: number,
  high: number,
  more: { step?: number; log?: boolean; when?: string } = {},
): Parameter => ({
  kind: 'float',
  low,
  high,
  log: false,
  ...more,
});
const choice = (...values: (string | number | boolean)[]): Parameter => ({ kind: 'choice', values });
const spaceOf = (space: Record<string, Parameter>, constraints: string[] = [], fixed = {}): Space =>
  compileSpace({ space, constraints, fixed });

function allPoints(space: Space, from = 0n): { index: bigint; parameters: Parameters }[] {
  const points = [];
  for (let point = space.nextGridPoint(from); point; point = space.nextGridPoint(point.index + 1n))
    points.push(point);
  return points;
}

describe('space - grid', () => {
  it('the last parameter varies fastest, and float steps do not drift', () => {
    const space = spaceOf({ a: choice('x', 'y'), b: float(0.1, 0.5, { step: 0.1 }) });
    expect(space.size()).toEqual({ points: 10n, exact: true });
    expect(allPoints(space).map(({ parameters }) => Object.values(parameters).join())).toEqual([
      ...['x,0.1', 'x,0.2', 'x,0.3', 'x,0.4', 'x,0.5'],
      ...['y,0.1', 'y,0.2', 'y,0.3', 'y,0.4', 'y,0.5'],
    ]);
  });

  it('a step that does not meet high ends below it', () => {
    const values = (parameter: Parameter) =>
      allPoints(spaceOf({ x: parameter })).map(({ parameters }) => parameters['x']);
    expect(values(float(0, 1, { step: 0.3 }))).toEqual([0, 0.3, 0.6, 0.9]);
    expect(values(int(1, 10, { step: 4 }))).toEqual([1, 5, 9]);
    expect(values(float(1e-5, 5e-5, { step: 2e-5 }))).toEqual([1e-5, 3e-5, 5e-5]);
    expect(values(float(-0.3, 0.3, { step: 0.3 }))).toEqual([-0.3, 0, 0.3]);
  });

  it('an inactive parameter is absent, and its configuration is there once', () => {
    const space = spaceOf({
      k: choice('a', 'b'),
      x: int(1, 3, { when: 'k == "b"' }),
      d: { kind: 'derived', value: 'x * 2' },
    });
    expect(allPoints(space).map(({ parameters }) => parameters)).toEqual([
      { k: 'a' },
      { k: 'b', x: 1, d: 2 },
      { k: 'b', x: 2, d: 4 },
      { k: 'b', x: 3, d: 6 },
    ]);
    expect(space.size()).toEqual({ points: 4n, exact: true });
    expect(space.combinations).toBe(6n);
  });

  it('constraints may name fixed and derived parameters, and hold where a parameter is absent', () => {
    const space = spaceOf(
      {
        k: choice('a', 'b'),
        x: int(1, 9, { when: 'k == "b"' }),
        double: { kind: 'derived', value: 'x * 2' },
      },
      ['double <= most'],
      { most: 6 },
    );
    expect(allPoints(space).map(({ parameters }) => parameters['x'])).toEqual([undefined, 1, 2, 3]);
  });

  it('constraints that arithmetic leaves open do not hold, those that an absent parameter leaves open do', () => {
    const space = spaceOf({ k: choice('a', 'b'), x: int(-1, 3), y: int(1, 2, { when: 'k == "b"' }) }, [
      'sqrt(x) < 1.5',
      'x / y < 2',
      '1 / x > 0 or k == "b"',
    ]);
    const points = allPoints(space).map(({ parameters }) => parameters);
    expect(points).toEqual([
      { k: 'a', x: 1 },
      { k: 'a', x: 2 },
      { k: 'b', x: 0, y: 1 },
      { k: 'b', x: 0, y: 2 },
      { k: 'b', x: 1, y: 1 },
      { k: 'b', x: 1, y: 2 },
      { k: 'b', x: 2, y: 2 },
    ]);
    expect(space.explain({ k: 'a', x: -1 })).toBe('the constraint "sqrt(x) < 1.5" does not hold');
    expect(space.random(createRandom(1), { k: 'a' })['x']).toBeGreaterThan(0);
  });

  it('skips what constraints exclude without walking through it', () => {
    const space = spaceOf({ a: int(1, 1_000_000), b: int(1, 1_000_000), c: int(1, 1_000_000) }, [
      'a > 999990',
      'b < 3',
    ]);
    const started = performance.now();
    const point = space.nextGridPoint(0n);
    expect(point?.parameters).toEqual({ a: 999_991, b: 1, c: 1 });
    const far = space.nextGridPoint((point?.index ?? 0n) + 1_999_999n);
    expect(far?.parameters).toEqual({ a: 999_991, b: 2, c: 1_000_000 });
    expect(space.nextGridPoint(space.combinations ?? 0n)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('gives up with an error where constraints exclude millions in a row', () => {
    const space = spaceOf({ a: int(1, 100_000), b: int(1, 100_000) }, ['a + b == 200001']);
    expect(() => space.nextGridPoint(0n)).toThrow(SpaceError);
    expect(space.size()).toEqual({ points: 10_000_000_000n, exact: false });
  });

  it('counts spaces far too large to walk through, where nothing excludes', () => {
    const parameters = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}`, int(1, 10)]));
    expect(spaceOf(parameters).size()).toEqual({ points: 10n ** 40n, exact: true });
    expect(spaceOf(parameters).nextGridPoint(10n ** 40n - 1n)?.parameters['p0']).toBe(10);
  });

  it('a float without step has no grid', () => {
    const space = spaceOf({ lr: float(0.1, 0.2) });
    expect(space.size()).toBeUndefined();
    expect(space.combinations).toBeUndefined();
    expect(() => space.nextGridPoint(0n)).toThrow(
      '"lr" is a float without step: it has no grid; give it a step',
    );
  });
});

describe('space - random', () => {
  it('whole numbers come equally often, on a logarithmic scale equally often a decade', () => {
    const random = createRandom(1);
    const plain = spaceOf({ x: int(1, 4) });
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 40_000; i++) counts[Number(plain.random(random)['x']) - 1]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    const log = spaceOf({ x: float(1e-4, 1, { log: true }) });
    let low = 0;
    for (let i = 0; i < 40_000; i++) low += Number(log.random(random)['x']) < 1e-2 ? 1 : 0;
    expect(Math.abs(low - 20_000)).toBeLessThan(500);
  });

  it('the same seeds give the same configurations, whatever else was drawn', () => {
    const space = spaceOf({ x: float(0, 1), k: choice('a', 'b'), n: int(1, 100, { log: true }) });
    expect(space.random(createRandom(3, 7))).toEqual(space.random(createRandom(3, 7)));
    expect(space.random(createRandom(3, 7))).not.toEqual(space.random(createRandom(3, 8)));
  });

  it('keeps what is given, and finds the rest', () => {
    const space = spaceOf({ x: int(1, 10), y: int(1, 10) }, ['x + y == 12']);
    for (let i = 0; i < 50; i++) expect(space.random(createRandom(i), { x: 4 })).toEqual({ x: 4, y: 8 });
  });

  it('says which constraint is too tight', () => {
    const space = spaceOf({ x: float(0, 1), y: float(0, 1) }, ['x > 0.1', 'x == y']);
    expect(() => space.random(createRandom(1))).toThrow(/"x == y" among 10000 random ones/);
  });
});

describe('space - what is in it', () => {
  const space = spaceOf(
    {
      k: choice('a', 'b'),
      x: int(1, 9, { step: 2, when: 'k == "b"' }),
      half: { kind: 'derived', value: 'x / 2' },
    },
    ['x < 9'],
  );
  it.each<[Parameters, string | undefined]>([
    [{ k: 'a' }, undefined],
    [{ k: 'b', x: 3, half: 1.5 }, undefined],
    [{}, '"k" is missing'],
    [{ k: 'c' }, '"k" is "c", but must be one of "a", "b"'],
    [{ k: 'a', x: 3 }, '"x" is 3, but exists only when k == "b"'],
    [{ k: 'b' }, '"x" is missing'],
    [{ k: 'b', x: 11, half: 5.5 }, '"x" is 11, but must be at most 9'],
    [{ k: 'b', x: 2, half: 1 }, '"x" is 2, but must be 1 plus a multiple of 2'],
    [{ k: 'b', x: 3, half: 2 }, '"half" is 2, but its value is computed: 1.5'],
    [{ k: 'b', x: 9, half: 4.5 }, 'the constraint "x < 9" does not hold'],
    [{ k: 'a', kk: 1 }, 'unknown parameter "kk"'],
  ])('%j: %s', (configuration, expected) => {
    expect(space.explain(configuration)).toBe(expected);
    expect(space.contains(configuration)).toBe(expected === undefined);
  });

  it('completes what is searched, and drops what is switched off or unknown', () => {
    expect(space.complete({ k: 'b', x: 3 })).toEqual({ k: 'b', x: 3, half: 1.5 });
    expect(space.complete({ k: 'a', x: 3, more: 1 })).toEqual({ k: 'a' });
  });
});

/** Spaces with every kind of parameter, conditions on earlier ones and constraints. */
const anySpace = fc
  .array(
    fc.record({
      kind: fc.constantFrom('choice', 'ordinal', 'int', 'stepped', 'logInt', 'derived'),
      size: fc.integer({ min: 2, max: 4 }),
      low: fc.integer({ min: 1, max: 5 }),
      conditional: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .chain((specs) =>
    fc.record({
      specs: fc.constant(specs),
      constrained: fc.boolean(),
      threshold: fc.integer({ min: 3, max: 12 }),
    }),
  )
  .map(({ specs, constrained, threshold }) => {
    const parameters: Record<string, Parameter> = { p0: int(1, 3) };
    specs.forEach(({ kind, size, low, conditional }, index) => {
      const when = conditional ? { when: `p${index} >= 2` } : {};
      const high = low + size - 1;
      const values = Array.from({ length: size }, (_, i) => low + i);
      const made: Record<typeof kind, Parameter> = {
        choice: { kind: 'choice', values, ...when },
        ordinal: { kind: 'ordinal', values, ...when },
        int: int(low, high, when),
        stepped: float(low / 10, high / 10, { step: 0.1, ...when }),
        logInt: int(low, high, { log: true, ...when }),
        derived: { kind: 'derived', value: `p${index} + ${low}`, ...when },
      };
      parameters[`p${index + 1}`] = made[kind];
    });
    const last = `p${specs.length}`;
    return spaceOf(parameters, constrained ? [`p0 + ${last} <= ${threshold}`] : []);
  });

describe('space - properties', () => {
  it('the grid has every configuration exactly once, and as many as the size says', () => {
    fc.assert(
      fc.property(anySpace, (space) => {
        const points = allPoints(space);
        const keys = new Set(points.map(({ parameters }) => space.key(parameters)));
        expect(keys.size).toBe(points.length);
        expect(space.size()).toEqual({ points: BigInt(points.length), exact: true });
        for (const { parameters } of points) expect(space.explain(parameters)).toBeUndefined();
        for (let i = 1; i < points.length; i++) expect(points[i]!.index > points[i - 1]!.index).toBe(true);
        // Nothing is missing: whatever is drawn at random is one of them.
        if (points.length === 0) return;
        for (let i = 0; i < 20; i++) {
          try {
            expect(keys).toContain(space.key(space.random(createRandom(i))));
          } catch (error) {
            // A single point among hundreds may be missed by 10,000 draws in theory alone; an error is none of them.
            if (!(error instanceof SpaceError)) throw error;
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('the grid goes on from any index', () => {
    fc.assert(
      fc.property(anySpace, fc.nat(), (space, start) => {
        const from = BigInt(start) % ((space.combinations ?? 1n) + 1n);
        const expected = allPoints(space).filter(({ index }) => index >= from);
        expect(allPoints(space, from)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('random configurations are in the space, complete, and survive encoding', () => {
    fc.assert(
      fc.property(anySpace, fc.nat(), (space, seed) => {
        let configuration: Parameters;
        try {
          configuration = space.random(createRandom(seed));
        } catch (error) {
          expect(error).toBeInstanceOf(SpaceError);
          expect(allPoints(space)).toEqual([]);
          return;
        }
        expect(space.explain(configuration)).toBeUndefined();
        expect(space.complete(configuration)).toEqual(configuration);
        const cube = space.encode(configuration);
        expect(cube).toHaveLength(space.searched.length);
        for (const coordinate of cube) expect(coordinate >= 0 && coordinate < 1).toBe(true);
        expect(space.decode(cube)).toEqual(configuration);
        expect(space.key(JSON.parse(JSON.stringify(configuration)) as Parameters)).toBe(
          space.key(configuration),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('continuous values come back from the unit interval', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
        fc.double({ min: 1.001, max: 1e6, noNaN: true }),
        fc.boolean(),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (low, factor, log, u) => {
          const space = spaceOf({ x: float(low, low * factor, { log }) });
          const configuration = space.decode([u]);
          expect(space.explain(configuration)).toBeUndefined();
          const back = Number(space.decode(space.encode(configuration))['x']);
          expect(Math.abs(back / Number(configuration['x']) - 1)).toBeLessThan(1e-9);
        },
      ),
    );
  });

  it('float grids show the decimals that were written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 8 }),
        (low, step, count, decimals) => {
          const number = (units: number): number => Number(`${units}e-${decimals}`);
          const space = spaceOf({
            x: float(number(low), number(low + step * count), { step: number(step) }),
          });
          expect(space.size()?.points).toBe(BigInt(count + 1));
          const values = allPoints(space).map(({ parameters }) => parameters['x']);
          expect(values).toEqual(Array.from({ length: count + 1 }, (_, i) => number(low + i * step)));
          for (const x of values) expect(space.contains({ x: x! })).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});
