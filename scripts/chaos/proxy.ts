import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between one part and a server, on a port of its own: the network that can fail. */
export class Proxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isCut = false;
  #isStalled = false;

  private constructor(
    private readonly server: Server,
    private readonly target: () => number,
  ) {
    server.on('connection', (near) => this.#accept(near));
  }

  /** @param target the port to connect to, asked anew for each connection */
  static async listen(target: () => number): Promise<Proxy> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Proxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Drops all connections, and until `mend` every new one. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** From now on nothing goes through, and nobody is told. */
  stall(): void {
    this.#isStalled = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** What was held back goes on its way. */
  mend(): void {
    this.#isCut = this.#isStalled = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  #accept(near: Socket): void {
    near.on('error', () => near.destroy());
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(this.target(), '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    pass(near, far);
    pass(far, near);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end).on('close', end);
      if (this.#isStalled) socket.pause();
      else socket.resume();
    }
  }
}

/** Not `pipe`: what is paused from outside must stay so. */
function pass(from: Socket, to: Socket): void {
  from.on('data', (data: Buffer) => to.write(data));
  from.on('end', () => to.end());
}
