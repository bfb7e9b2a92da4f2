import { generateSyntheticHar } from './synthetic-har.js';
import type { WindowDataset } from './window-dataset.js';

export type DatasetName = 'uci-har' | 'synthetic-har';

export interface DatasetOptions {
  /** Where the user says it is: the archive, its folder, or a folder with either. */
  readonly dataPath?: string;
  /** Where parsed data sets are kept. */
  readonly cacheDirectory: string;
  /** Tells the user what takes time. */
  readonly log: (message: string) => void;
}

/** @throws SetupError where it can't be had on this machine; the text says what to do */
export async function loadDataset(name: DatasetName, options: DatasetOptions): Promise<WindowDataset> {
  switch (name) {
    case 'synthetic-har':
      return generateSyntheticHar();
    case 'uci-har':
      return (await import('./uci-har.js')).loadUciHar(options);
  }
}
