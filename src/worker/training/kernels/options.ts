export interface RecurrentOptions {
  /** true: the state after every step, [K, T, B, H]; false: after the last, [K, B, H]. */
  readonly returnSequences: boolean;
  /**
   * false where x is data, whose gradient nobody asks for: the fused kernels then take it for a constant and save its
   * product in the backward pass.
   * @default true
   */
  readonly inputGradient?: boolean;
  /**
   * true: the sequence is read from its end to its start, as by one half of a bidirectional layer. What belongs to a step
   * of x stays at that step: with `returnSequences` y[t] is the state after reading x[T-1] to x[t]; without, that after
   * x[0].
   * @default false
   */
  readonly reverse?: boolean;
}

export type LstmOptions = RecurrentOptions;

export interface GruOptions extends RecurrentOptions {
  /** Where the reset gate acts: see `gru`. */
  readonly form: 'reset-before' | 'reset-after';
  /** Of the candidate. */
  readonly activation: 'tanh' | 'relu';
}
