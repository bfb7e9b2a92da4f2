import { useKernels } from '../kernels/recurrent.js';
import * as tf from '../tfjs.js';
import type { BackendDefinition, OpenedBackend } from './backend.js';
import { meterEngineMemory } from './engine-memory.js';
import { findOptional, loadOptional } from './find-optional.js';

const advice =
  'npm install @tensorflow/tfjs-node-gpu (or @tensorflow/tfjs-node); where their download is out of reach, ' +
  '"npm run build:tensorflow" in a clone of Sweepyard';

/** TensorFlow's own library through `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`, where one is installed. */
export const tensorflowBackend: BackendDefinition = {
  name: 'tensorflow',
  mostSlots: 1,
  find() {
    const found = findTensorFlow();
    return found ? { found: true, what: found.name } : { found: false, advice };
  },
  async open(choice): Promise<OpenedBackend> {
    const found = findTensorFlow();
    if (!found) throw new Error(`TensorFlow is not installed: ${advice}`);
    // Otherwise it tells on standard error what it compiles for.
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    // By default a process takes all of the memory of a GPU, and the next one finds none.
    process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
    loadOptional(found);
    if (!(await tf.setBackend('tensorflow')) || tf.getBackend() !== 'tensorflow')
      throw new Error(`${found.name} does not start`);
    const { kernels, reason } = await useKernels(choice);
    const computes = usesGpu() ? 'GPU' : 'CPU';
    return {
      device: `TensorFlow on ${computes} (${found.name}), ${kernels} kernels (${reason})`,
      ...meterEngineMemory(),
    };
  },
};

function findTensorFlow() {
  return findOptional(['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'], 'tensorflow');
}

/** Whether the binding computes on a GPU. */
function usesGpu(): boolean {
  const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: unknown };
  return isUsingGpuDevice === true;
}
