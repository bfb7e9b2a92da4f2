import { pathToFileURL } from 'node:url';
import { useKernels } from '../kernels/recurrent.js';
import * as tf from '../tfjs.js';
import type { BackendDefinition, OpenedBackend } from './backend.js';
import { meterEngineMemory } from './engine-memory.js';
import { findOptional, loadOptional } from './find-optional.js';

const advice =
  'npm install webgpu @tensorflow/tfjs-backend-webgpu (in a clone of Sweepyard: npm run build:webgpu), beside a driver ' +
  "for Vulkan (libvulkan1 and Mesa 25 or later, or the GPU maker's) on Linux";

/** Set it to use an adapter that is a program and no GPU: many times slower than `wasm`, of use for tests. */
const softwareSwitch = 'SWEEPYARD_SOFTWARE_GPU';

/** The part of WebGPU that is used here: its types would come with a package that is optional. */
interface Adapter {
  readonly info: AdapterInfo;
}
interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter: boolean;
}
interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<Adapter | null>;
}
interface DawnModule {
  create(flags: string[]): Gpu;
  readonly globals: object;
}

/** A GPU through Dawn (`webgpu` on npm) and tfjs-backend-webgpu, where both are installed. */
export const webgpuBackend: BackendDefinition = {
  name: 'webgpu',
  mostSlots: 1,
  find() {
    const found = findPackages();
    return found ? { found: true, what: found.dawn.name } : { found: false, advice };
  },
  async open(choice): Promise<OpenedBackend> {
    const found = findPackages();
    if (!found) throw new Error(`WebGPU is not installed: ${advice}`);
    const { info } = await openAdapter(found.dawn.path);
    loadOptional(found.backend);
    if (!(await tf.setBackend('webgpu')) || tf.getBackend() !== 'webgpu')
      throw new Error(`${found.backend.name} does not start`);
    const { kernels, reason } = await useKernels(choice);
    return {
      device: `WebGPU on ${describe(info)}, ${kernels} kernels (${reason})`,
      ...meterEngineMemory(),
    };
  },
};

function findPackages() {
  const dawn = findOptional(['webgpu'], 'webgpu');
  const backend = findOptional(['@tensorflow/tfjs-backend-webgpu'], 'webgpu');
  return dawn && backend && { dawn, backend };
}

/** Makes Dawn the `navigator.gpu` that tfjs-backend-webgpu asks for, and says which adapter it gives. */
async function openAdapter(path: string): Promise<Adapter> {
  const dawn = (await import(pathToFileURL(path).href)) as DawnModule;
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new Error('there is no WebGPU adapter: no GPU, or no Vulkan driver for it (libvulkan1, Mesa 25)');
  if (adapter.info.isFallbackAdapter && !process.env[softwareSwitch])
    throw new Error(
      `the only WebGPU adapter is ${describe(adapter.info)}, a program and no GPU; ${softwareSwitch}=1 uses it all the same`,
    );
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: `Node.js/${process.versions.node}` },
    configurable: true,
  });
  return adapter;
}

function describe({ vendor, architecture, device, description }: AdapterInfo): string {
  const name = description || device || 'an adapter without a name';
  return [name, [vendor, architecture].filter(Boolean).join(' ')].filter(Boolean).join(', ');
}
