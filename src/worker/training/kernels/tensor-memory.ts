import { OutOfMemoryError } from '../../trainables/trainable.js';
import type { TensorInfo } from '../tfjs.js';
import { backend } from '../tfjs.js';
import type { WebAssemblyMemory } from './web-assembly.js';
import { WebAssembly } from './web-assembly.js';

/**
 * The memory in which the TensorFlow.js backend `wasm` keeps its tensors. tfjs-backend-wasm declares these parts of
 * itself incompletely; they are as in version 4.22.
 */
interface WasmBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssemblyMemory };
    _malloc(bytes: number): number;
    _free(offset: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  disposeData(dataId: object, force: boolean): boolean;
}

/** What addresses of 32 bits reach: a greater request would wrap around and seem to succeed. */
const MOST_BYTES = 2 ** 32 - 1;

export class TensorMemory {
  readonly memory: WebAssemblyMemory;

  private constructor(private readonly owner: WasmBackend) {
    this.memory = owner.wasm.asm.memory;
  }

  /** @returns undefined where the current backend keeps its tensors elsewhere */
  static ofCurrentBackend(): TensorMemory | undefined {
    return TensorMemory.of(backend());
  }

  static of(candidate: object): TensorMemory | undefined {
    const { wasm } = candidate as Partial<WasmBackend>;
    return wasm?.asm?.memory instanceof WebAssembly.Memory
      ? new TensorMemory(candidate as WasmBackend)
      : undefined;
  }

  /** The bytes as they are now: growing the memory replaces this object, so ask again after every allocation. */
  get bytes(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Where a tensor's values begin. (Addresses above 2 GiB arrive as negative numbers.) */
  offsetOf({ dataId }: TensorInfo): number {
    return this.owner.dataIdMap.get(dataId).memoryOffset >>> 0;
  }

  /** A tensor's values where they lie: to be forgotten before anything is allocated, which may move them. */
  valuesOf(tensor: TensorInfo): Float32Array {
    const size = tensor.shape.reduce((product, length) => product * length, 1);
    return new Float32Array(this.bytes, this.offsetOf(tensor), size);
  }

  /**
   * Runs `use` with a function that makes tensors, whose values are whatever the memory holds.
   * @throws OutOfMemoryError where memory runs out; the tensors that were made are gone then
   */
  makeTensors<T>(use: (make: (shape: number[]) => TensorInfo) => T): T {
    const made: TensorInfo[] = [];
    try {
      return use((shape) => {
        const bytes = 4 * shape.reduce((product, size) => product * size, 1);
        if (bytes > MOST_BYTES) throw outOfMemory(bytes);
        const info = this.owner.makeOutput(shape, 'float32');
        made.push(info);
        // The backend itself does not look at what its allocator returns.
        if (this.offsetOf(info) === 0) throw outOfMemory(bytes);
        return info;
      });
    } catch (error) {
      for (const { dataId } of made) this.owner.disposeData(dataId, true);
      throw error;
    }
  }

  /**
   * Runs `use` with `bytes` of memory that are freed afterwards.
   * @throws OutOfMemoryError where there are not so many
   */
  withBytes<T>(bytes: number, use: (offset: number) => T): T {
    const offset = this.allocate(bytes);
    try {
      return use(offset);
    } finally {
      this.owner.wasm._free(offset);
    }
  }

  /** Memory that is never given back, aligned to 16. */
  allocate(bytes: number): number {
    const offset = bytes > MOST_BYTES ? 0 : this.owner.wasm._malloc(bytes) >>> 0;
    if (offset === 0) throw outOfMemory(bytes);
    return offset;
  }
}

export function outOfMemory(bytes: number): OutOfMemoryError {
  return new OutOfMemoryError(
    `the memory of the wasm backend has no room for ${Math.ceil(bytes / 2 ** 20)} MiB more: train with smaller ` +
      'batches or fewer trials together',
  );
}
