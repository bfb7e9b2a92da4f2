/** What `--kernels` takes: the fastest that works, a native addon, WebAssembly, or operation by operation. */
export const kernelChoices = ['auto', 'native', 'wasm', 'reference'] as const;
export type KernelChoice = (typeof kernelChoices)[number];

/** Who computes; `webgpu` and `tensorflow` are what `auto` means on these backends. */
export type Kernels = Exclude<KernelChoice, 'auto'> | 'webgpu' | 'tensorflow';
