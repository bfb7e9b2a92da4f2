import type { DatasetOptions } from './dataset-options.js';
import { generateSyntheticHar } from './synthetic-har.js';
import type { WindowDataset } from './window-dataset.js';

export type DatasetName = 'uci-har' | 'synthetic-har';

/** @throws SetupError where it can't be had on this machine; the text says what to do */
export async function loadDataset(name: DatasetName, options: DatasetOptions): Promise<WindowDataset> {
  switch (name) {
    case 'synthetic-har':
      return generateSyntheticHar();
    case 'uci-har':
      return (await import('./uci-har.js')).loadUciHar(options);
  }
}
