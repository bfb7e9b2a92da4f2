// Builds `dist/tfjs-gradients.js`: the gradients of tfjs-core, as one module that Node can load.
//
// tfjs-core ships them as separate files whose imports lack extensions, which only bundlers resolve; the build of it
// that Node loads (`tf-core.node.js`) has none, so that every derivative ends in "no gradient found". The union package
// `@tensorflow/tfjs` would bring them along with four packages that nothing here uses. The bundled copies of ops are
// harmless: engine, kernels and gradients live in one global registry.
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/dist/register_all_gradients.js');

await build({
  configFile: false,
  root,
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: entry,
    outDir: join(root, 'dist'),
    emptyOutDir: false,
    minify: false,
    rollupOptions: { output: { entryFileNames: 'tfjs-gradients.js' } },
  },
});
