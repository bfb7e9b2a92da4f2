// Puts TensorFlow's training backend into build/tensorflow/, from the npm and Python registries alone:
// node scripts/build-tensorflow.mjs
//
// `npm install @tensorflow/tfjs-node` (or -gpu) downloads libtensorflow and a prebuilt addon from Google's servers. Where
// these are out of reach, the same library comes inside the Python package `tensorflow-cpu`, with the headers of its C
// interface; the addon of tfjs-node is then compiled against it, in seconds. Needs pip (any Python 3) and a C++
// compiler. `worker start --backend tensorflow` finds the result by itself.
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import yauzl from 'yauzl';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'build/tensorflow');
const run = promisify(execFile);

/** The newest TensorFlow whose C interface tfjs-node 4.22 compiles against without changes. */
const wheel = {
  requirement: 'tensorflow-cpu==2.15.1',
  sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
  platform: ['--python-version', '3.11', '--platform', 'manylinux_2_17_x86_64', '--only-binary=:all:'],
};
const binding = '@tensorflow/tfjs-node@4.22.0';

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function downloadWheel(folder) {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  const flags = ['--no-deps', '--require-hashes', '-q', '-d', folder, ...wheel.platform, '-r', requirements];
  await run('python3', ['-m', 'pip', 'download', ...flags]);
  const name = (await readdir(folder)).find((entry) => entry.endsWith('.whl'));
  if (!name) throw new Error(`pip downloaded no ${wheel.requirement}`);
  return join(folder, name);
}

/** What the addon needs: the libraries, and the headers of the C interface. */
function isWanted(name) {
  return (
    /^tensorflow\/libtensorflow_(cc|framework)\.so/.test(name) ||
    /^tensorflow_cpu\.libs\/.+\.so/.test(name) ||
    /^tensorflow\/include\/(tensorflow\/(c|core\/platform)|tsl\/(c|platform))\/.*\.h$/.test(name)
  );
}

async function unpack(archive, folder) {
  const zip = await promisify(yauzl.open)(archive, { lazyEntries: true });
  const openEntry = promisify(zip.openReadStream.bind(zip));
  await new Promise((resolve, reject) => {
    zip.on('error', reject).on('end', resolve);
    zip.on('entry', (entry) => {
      void (async () => {
        if (isWanted(entry.fileName)) {
          const file = join(folder, entry.fileName);
          await mkdir(dirname(file), { recursive: true });
          await pipeline(await openEntry(entry), createWriteStream(file));
        }
        zip.readEntry();
      })().catch(reject);
    });
    zip.readEntry();
  });
}

async function compile(folder) {
  const addon = join(folder, 'node_modules/@tensorflow/tfjs-node');
  const { include_dir: headers } = createRequire(import.meta.url)('node-api-headers');
  const { binary } = createRequire(import.meta.url)(join(addon, 'package.json'));
  // The highest version of the Node-API that both sides know is the one whose folder tfjs-node looks into.
  const napi = Math.max(
    ...binary.napi_versions.filter((version) => version <= Number(process.versions.napi)),
  );
  const output = join(addon, `lib/napi-v${napi}`);
  await mkdir(output, { recursive: true });
  const library = join(folder, 'tensorflow');
  const include = ['-I', join(library, 'include'), '-I', headers, '-I', addon];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(addon, 'binding', name));
  // Found from where the addon lies, so that the folder can be moved.
  const rpath = '-Wl,-rpath,$ORIGIN/../../../../../tensorflow:$ORIGIN/../../../../../tensorflow_cpu.libs';
  const libraries = ['-L', library, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', rpath];
  const flags = ['-std=c++17', '-O2', '-shared', '-fPIC', `-DNAPI_VERSION=${napi}`];
  const product = join(output, 'tfjs_binding.node');
  await run(process.env.CXX ?? 'c++', [...flags, ...include, ...sources, ...libraries, '-o', product]);
}

async function main() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`made for linux x64; this is ${process.platform} ${process.arch}`);
  if (await exists(target)) {
    console.log(`TensorFlow is there already: ${target}`);
    return;
  }
  const folder = `${target}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  try {
    console.log(`getting ${wheel.requirement} (about 200 MB) and ${binding}`);
    const archive = await downloadWheel(folder);
    await unpack(archive, folder);
    await rm(archive);
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    // Its install script is what would download from Google.
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', binding], {
      cwd: folder,
    });
    console.log('compiling its addon');
    await compile(folder);
    await rename(folder, target);
    console.log(`TensorFlow for "worker start --backend tensorflow": ${target}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(`TensorFlow was not built: ${error.stderr || error.message}`);
  process.exitCode = 1;
}
