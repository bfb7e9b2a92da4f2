/** What is used here of the global WebAssembly, whose types TypeScript keeps with those of browsers. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyApi {
  readonly Memory: abstract new () => WebAssemblyMemory;
  /** Whether this runtime takes the code, with all instructions in it. */
  validate(code: Uint8Array): boolean;
  instantiate(
    code: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ readonly instance: { readonly exports: unknown } }>;
}

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
