/**
 * What the dashboard may ask of a running coordinator. It is handed in; a dashboard that only serves what is stored
 * has none, and offers no actions.
 */
export interface SweepControl {
  /** Ends a sweep: running trials are cancelled, nothing new is started. */
  stopSweep(sweepId: string, reason: string): Promise<void>;
}
