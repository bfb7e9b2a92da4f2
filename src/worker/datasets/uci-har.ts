import type { DatasetOptions } from './load-dataset.js';
import type { WindowDataset } from './window-dataset.js';
import { SetupError } from '../trainables/trainable.js';

export function loadUciHar(options: DatasetOptions): Promise<WindowDataset> {
  return Promise.reject(new SetupError(`no UCI HAR at ${options.dataPath ?? 'anywhere'}`));
}
