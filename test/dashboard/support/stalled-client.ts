import { connect } from 'node:net';

/** A client that asks for events and then does not read them, until it is told to. */
export async function stalledClient(
  port: number,
  path: string,
): Promise<{ readUntil(enough: (text: string) => boolean): Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return {
    readUntil: (enough) =>
      new Promise((resolve, reject) => {
        const chunks: string[] = [];
        socket.setEncoding('utf8');
        socket.on('data', (chunk: string) => {
          chunks.push(chunk.replace(/\r\n[0-9a-f]+\r\n/g, ''));
          if (!enough(chunks.slice(-3).join('').replace(/\r\n$/, ''))) return;
          socket.destroy();
          resolve(chunks.join(''));
        });
        socket.on('error', reject);
        socket.on('close', () => reject(new Error('the server has ended the stream')));
        socket.resume();
      }),
  };
}
