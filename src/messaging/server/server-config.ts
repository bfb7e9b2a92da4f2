import type { ServerFiles, ServerRecord } from './server-record.js';

/**
 * The configuration of our own nats-server. A worker may take assignments, report, claim, announce itself, answer
 * commands and keep checkpoints, and nothing else: no reports of others, no leases, no administration of other streams.
 */
export function serverConfig(
  files: ServerFiles,
  record: Omit<ServerRecord, 'pid' | 'port'> & { readonly port: number | 'any' },
): string {
  const { host, port, coordinator, worker } = record;
  const workerPublishes = [
    '$JS.API.INFO',
    '$JS.API.CONSUMER.MSG.NEXT.ASSIGNMENTS.>',
    '$JS.ACK.ASSIGNMENTS.>',
    '$KV.fleet.*',
    'report.*.*',
    'claim.*',
    // Checkpoints: reading, writing and replacing objects of the one store.
    '$O.checkpoints.>',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.INFO.OBJ_checkpoints',
    '$JS.API.STREAM.MSG.GET.OBJ_checkpoints',
    '$JS.API.STREAM.PURGE.OBJ_checkpoints',
    '$JS.API.CONSUMER.CREATE.OBJ_checkpoints.>',
    '$JS.API.CONSUMER.CREATE.OBJ_checkpoints',
    '$JS.API.CONSUMER.DELETE.OBJ_checkpoints.>',
    '$JS.FC.OBJ_checkpoints.>',
  ];
  const config = {
    host,
    port: port === 'any' ? -1 : port,
    ports_file_dir: files.directory,
    server_name: 'sweepyard',
    max_payload: 1_048_576,
    jetstream: { store_dir: files.store },
    authorization: {
      users: [
        { user: coordinator.user, password: coordinator.password },
        {
          user: worker.user,
          password: worker.password,
          permissions: {
            publish: { allow: workerPublishes },
            subscribe: { allow: ['_INBOX.worker.>', 'command.*'] },
            allow_responses: true,
          },
        },
      ],
    },
  };
  // Its configuration language is a superset of JSON.
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
