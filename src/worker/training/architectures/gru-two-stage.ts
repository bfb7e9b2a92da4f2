import type { Architecture } from '../architecture.js';
import { gru } from '../kernels/recurrent.js';
import { dense, denseOverTime } from '../layers.js';
import type * as tf from '../tfjs.js';
import { columns, constant, glorotUniform } from '../weights.js';

export interface GruTwoStageOptions {
  /** I: channels of the data. */
  readonly inputs: number;
  readonly units: number;
  /** The published number of passes: stage 1 takes as many, stage 2 twice as many. */
  readonly passes: number;
  /**
   * When the easier head learns merged labels. In the published sweeps with batches of 2,000 on nine signals that was in
   * stage 1 alone: in stage 2 their author gave it the labels of the normal head.
   * @default always
   */
  readonly mergedLabels?: 'always' | 'stage-1';
}

const classes = 6;
const hidden = 12;

/** Upstairs counts as downstairs, sitting as standing. */
export const easierLabels: readonly number[] = [0, 1, 1, 3, 3, 5];
const allLabels: readonly number[] = [0, 1, 2, 3, 4, 5];

/**
 * The two-stage GRU of the published sweeps: dense(n, relu) at every step, GRU(n) with relu candidates, and two heads
 * over its last output: `easier` = dense(6) on merged labels, `normal` = dense(12, linear), dense(6).
 *
 * Its curriculum: stage 1 trains the easier head; in the first half of stage 2 every batch trains the easier head, then
 * the normal one; in its second half the normal head alone.
 */
export function gruTwoStage(options: GruTwoStageOptions): Architecture {
  const { inputs, units: n, passes, mergedLabels = 'always' } = options;
  // As TensorFlow 1's GRUCell has it: one kernel over input and state for both gates, one for the candidate.
  const gates = glorotUniform(2 * n, 2 * n);
  const candidate = glorotUniform(2 * n, n);
  const gruColumns = columns([2 * n, gates], [n, candidate]);
  return {
    weights: {
      inputKernel: { shape: [inputs, n], initial: glorotUniform(inputs, n) },
      inputBias: { shape: [n], initial: constant(0) },
      gruKernel: { shape: [n, 3 * n], initial: gruColumns },
      gruRecurrentKernel: { shape: [n, 3 * n], initial: gruColumns },
      gruBias: { shape: [3 * n], initial: columns([2 * n, constant(1)], [n, constant(0)]) },
      normalHiddenKernel: { shape: [n, hidden], initial: glorotUniform(n, hidden) },
      normalHiddenBias: { shape: [hidden], initial: constant(0) },
      normalKernel: { shape: [hidden, classes], initial: glorotUniform(hidden, classes) },
      normalBias: { shape: [classes], initial: constant(0) },
      easierKernel: { shape: [n, classes], initial: glorotUniform(n, classes) },
      easierBias: { shape: [classes], initial: constant(0) },
    },
    heads: [
      {
        name: 'easier',
        relabel: easierLabels,
        relabelOfPass: (pass) => (pass < passes || mergedLabels === 'always' ? easierLabels : allLabels),
      },
      { name: 'normal', relabel: allLabels },
    ],
    passes: 3 * passes,
    headsOfPass: (pass) => (pass < passes ? [0] : pass < 2 * passes ? [0, 1] : [1]),
    logits(weight, x, head) {
      const state = gru(
        denseOverTime(x, weight('inputKernel'), weight('inputBias'), 'relu', { inputGradient: false }),
        weight<tf.Tensor3D>('gruKernel'),
        weight<tf.Tensor3D>('gruRecurrentKernel'),
        weight<tf.Tensor2D>('gruBias'),
        { form: 'reset-before', activation: 'relu', returnSequences: false },
      );
      if (head === 0) return dense(state, weight('easierKernel'), weight('easierBias'));
      const merged = dense(state, weight('normalHiddenKernel'), weight('normalHiddenBias'));
      return dense(merged, weight('normalKernel'), weight('normalBias'));
    },
  };
}
