import type { Parameter, Parameters } from '../../src/sweep/parameter.js';

/** Epochs of a whole training run. */
export const maxEpochs = 81;

/** The least noise-free value after 81 epochs. */
export const optimum = 0.21412150069941177;

/** The space of the learning-curve problem, on which pruners are measured. */
export const learningCurveSpace: Readonly<Record<string, Parameter>> = {
  lr: { kind: 'float', low: 1e-5, high: 1, log: true },
  wd: { kind: 'float', low: 1e-6, high: 0.1, log: true },
  width: { kind: 'int', low: 16, high: 512, step: 1, log: true },
  depth: { kind: 'int', low: 1, high: 8, step: 1, log: false },
  drop: { kind: 'float', low: 0, high: 0.6, log: false },
};

/** The 32-bit generator `mulberry32`: uniform in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Curve {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

function curveOf(parameters: Parameters): Curve {
  const number = (name: string): number => Number(parameters[name]);
  const u = Math.log10(number('lr')) + 2.5;
  return {
    a:
      0.1 +
      0.06 * u ** 2 +
      0.02 * (Math.log10(number('wd')) + 4) ** 2 +
      0.01 * (Math.log2(number('width')) - 8) ** 2 +
      0.008 * (number('depth') - 4) ** 2 +
      0.15 * (number('drop') - 0.15) ** 2,
    b: 0.6 + 0.05 * number('depth'),
    c: Math.min(0.9, Math.max(0.15, 0.4 + 0.15 * u)),
  };
}

/** The value after `epoch` epochs without noise. */
export function noiseFree(parameters: Parameters, epoch: number): number {
  const { a, b, c } = curveOf(parameters);
  return a + b * epoch ** -c;
}

/** What a trial reports at epochs 1 .. 81 (index 0 .. 80): to be minimised. */
export function learningCurve(parameters: Parameters, seed: number, trialNumber: number): number[] {
  const random = mulberry32(seed * 1_000_003 + trialNumber * 7_919 + 1);
  return Array.from({ length: maxEpochs }, (_, i) => {
    const [r1, r2] = [random(), random()];
    const z = Math.sqrt(-2 * Math.log(1 - r1)) * Math.cos(2 * Math.PI * r2);
    return noiseFree(parameters, i + 1) + 0.01 * z;
  });
}

/** How far a fully trained configuration is from the best there is. */
export function regret(parameters: Parameters): number {
  return noiseFree(parameters, maxEpochs) - optimum;
}
