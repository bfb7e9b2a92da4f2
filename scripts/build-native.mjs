// Builds the recurrent kernels as a Node addon into build/native/, or into a file named:
// node scripts/build-native.mjs [--verbose] [FILE]
//
// Runs at install. The addon is a bonus: where there is no compiler, or building fails, this says nothing (with
// --verbose: why) and ends well, and the kernels run as WebAssembly. It downloads nothing and needs no Python: the
// Node-API has one stable C interface, whose headers are an npm package, so a compiler is called, not node-gyp.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src/worker/training/kernels/c');
const verbose = process.argv.includes('--verbose');
const file = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const target = resolve(file ?? join(root, 'build/native/recurrent.node'));
const run = promisify(execFile);

/** One object file of the kernels for each instruction set; c/addon.c takes the best that the processor has. */
const variants = {
  baseline: [],
  ...(process.arch === 'x64' && {
    avx2: ['-mavx2', '-mfma'],
    avx512: ['-mavx512f', '-mavx512vl', '-mavx512bw', '-mavx512dq', '-mavx2', '-mfma'],
  }),
};
const link = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
const optimise = ['-std=gnu11', '-O3', '-fPIC', '-fvisibility=hidden'];
const floats = ['-ffp-contract=fast', '-fno-math-errno', '-fno-trapping-math'];

async function compilerOf() {
  for (const compiler of process.env.CC ? [process.env.CC] : ['cc', 'gcc', 'clang'])
    try {
      await run(compiler, ['--version']);
      return compiler;
    } catch {
      continue;
    }
  throw new Error(`no C compiler: ${process.env.CC ?? 'cc, gcc and clang'} can't be run`);
}

async function isCurrent() {
  try {
    const { mtimeMs: built } = await stat(target);
    const inputs = (await readdir(source)).map((name) => join(source, name));
    const times = await Promise.all([...inputs, fileURLToPath(import.meta.url)].map((input) => stat(input)));
    return times.every(({ mtimeMs }) => mtimeMs < built);
  } catch {
    return false;
  }
}

async function build() {
  if (process.platform === 'win32') throw new Error('not built on Windows');
  const compiler = await compilerOf();
  const { include_dir: headers } = createRequire(import.meta.url)('node-api-headers');
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), 'build-'));
  try {
    const compile = async (name, unit, flags) => {
      const object = join(folder, `${name}.o`);
      await run(compiler, [...optimise, ...floats, ...flags, '-c', join(source, unit), '-o', object]);
      return object;
    };
    const hasVariants = 'avx2' in variants ? ['-DHAVE_X86_VARIANTS'] : [];
    const objects = await Promise.all([
      compile('addon', 'addon.c', ['-I', headers, ...hasVariants]),
      compile('gather', 'gather.c', []),
      ...Object.entries(variants).flatMap(([name, flags]) =>
        ['recurrent', 'dense'].map((unit) =>
          compile(`${unit}-${name}`, `${unit}.c`, [`-DVARIANT=${name}`, ...flags]),
        ),
      ),
    ]);
    const product = join(folder, 'recurrent.node');
    await run(compiler, [...link, ...objects, '-o', product]);
    // A running worker may have the old one mapped: it must be replaced, never written into.
    await rename(product, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  if (!(await isCurrent())) await build();
  if (verbose) console.log(`native kernels: ${target}`);
} catch (error) {
  // What does not match the source must not be loaded.
  await rm(target, { force: true }).catch(() => undefined);
  if (verbose) console.error(`native kernels were not built: ${error.stderr || error.message}`);
}
