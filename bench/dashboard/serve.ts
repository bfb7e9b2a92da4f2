/** `tsx bench/dashboard/serve.ts FOLDER`: a dashboard over the store in a folder, until standard input ends. */
import { createDashboard } from '../../src/dashboard/server/dashboard.js';
import { openStore } from '../../src/store/open-store.js';

const store = await openStore({ directory: process.argv[2] ?? '.', readOnly: true });
const dashboard = await createDashboard({ store, port: 0, readAhead: true });
console.log(dashboard.url);
process.stdin.resume();
process.stdin.on('end', () => {
  void dashboard.close().then(() => store.close());
});
