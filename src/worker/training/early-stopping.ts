/** When a member's training ends before its passes are over. Without any of these it never does. */
export interface StoppingOptions {
  /** As soon as an evaluation's accuracy is above this. */
  readonly stopAt?: number | undefined;
  /** After this many evaluations in a row without a new best. */
  readonly patience?: number | undefined;
  /** What `patience` looks at: the largest accuracy, or the smallest loss, is the best. @default loss */
  readonly monitor?: 'accuracy' | 'loss' | undefined;
}

/** What is to be remembered of a member between evaluations. */
export interface StoppingState {
  readonly best: number;
  /** Evaluations since the best one. */
  readonly since: number;
}

/**
 * @param state of the member's last evaluation; undefined at its first
 * @returns the next state, and why training ends now, if it does
 */
export function afterEvaluation(
  state: StoppingState | undefined,
  { accuracy, loss }: { readonly accuracy: number; readonly loss: number },
  { stopAt, patience, monitor = 'loss' }: StoppingOptions,
): { readonly state: StoppingState; readonly stop?: string } {
  const value = monitor === 'loss' ? -loss : accuracy;
  const next =
    state && !(value > state.best) ? { best: state.best, since: state.since + 1 } : { best: value, since: 0 };
  if (stopAt !== undefined && accuracy > stopAt)
    return { state: next, stop: `accuracy ${accuracy} is above stopAt ${stopAt}` };
  if (patience !== undefined && next.since >= patience)
    return { state: next, stop: `no better ${monitor} in ${patience} evaluations (patience)` };
  return { state: next };
}
