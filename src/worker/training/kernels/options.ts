export interface RecurrentOptions {
  /** true: the state after every step, [K, T, B, H]; false: after the last, [K, B, H]. */
  readonly returnSequences: boolean;
  /**
   * false where x is data, whose gradient nobody asks for: the fused kernels then take it for a constant and save its
   * product in the backward pass.
   * @default true
   */
  readonly inputGradient?: boolean;
}

export type LstmOptions = RecurrentOptions;

export interface GruOptions extends RecurrentOptions {
  /** Where the reset gate acts: see `gru`. */
  readonly form: 'reset-before' | 'reset-after';
  /** Of the candidate. */
  readonly activation: 'tanh' | 'relu';
}
