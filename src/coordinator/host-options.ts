/** What a coordinator uses of its machine: flags of `start` and `serve`, by the same names. */
export interface HostOptions {
  /** Worker processes on this machine. */
  readonly workers: number;
  /** Trials that each of them trains at once. @default the cores, shared among them */
  readonly slots?: number;
  /** Where data sets are. */
  readonly data?: string;
  readonly backend?: string;
  readonly kernels?: string;
  readonly dashboard: boolean;
  /** Of the dashboard. @default 8700, or the next one that is free */
  readonly port?: number;
  /** Other machines may connect to this address: to the dashboard, and to a nats-server of ours. @default none may */
  readonly listen?: string;
}

/** Which nats-server: one that runs already, or one of our own. Flags, too. */
export interface NatsChoice extends Pick<HostOptions, 'listen'> {
  /** A server that runs already; several of a cluster with commas. */
  readonly nats?: string;
  /** The same server with the credentials of workers. */
  readonly workerNats?: string;
  /** Servers of a cluster that keep each stream. */
  readonly natsReplicas?: number;
  /** The program to start. */
  readonly natsServer?: string;
}
