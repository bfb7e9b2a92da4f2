/** What `--kernels` takes: the fastest that works, a native addon, WebAssembly, or operation by operation. */
export const kernelChoices = ['auto', 'native', 'wasm', 'reference'] as const;
export type KernelChoice = (typeof kernelChoices)[number];

/** Who computes; `webgpu` is what `auto` means on that backend. */
export type Kernels = Exclude<KernelChoice, 'auto'> | 'webgpu';
