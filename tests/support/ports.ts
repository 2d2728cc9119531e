// A pair of free ports: N for TCP (HTTPS) and N + 1 for UDP (media), as ./run uses them.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const LOWEST = 25_100;
const HIGHEST = 31_900;

export async function freePorts(): Promise<{ port: number; mediaPort: number }> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = LOWEST + 2 * Math.floor(Math.random() * ((HIGHEST - LOWEST) / 2));
    if ((await tcpFree(port)) && (await udpFree(port + 1))) {
      return { port, mediaPort: port + 1 };
    }
  }
  throw new Error(`no free pair of ports between ${LOWEST} and ${HIGHEST}`);
}

function tcpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function udpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
