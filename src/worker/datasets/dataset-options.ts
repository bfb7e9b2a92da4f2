/** What readers of data sets are told. */
export interface DatasetOptions {
  /** Where the user says it is: the archive, its folder, or a folder with either. */
  readonly dataPath?: string;
  /** Where parsed data sets are kept. */
  readonly cacheDirectory: string;
  /** Tells the user what takes time. */
  readonly log: (message: string) => void;
}
