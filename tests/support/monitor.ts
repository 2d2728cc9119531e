// MonitorService as its own library calls it: connect-node as it comes from npm, by the cookie of somebody signed in.
import { createClient, type Client, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { MonitorService } from '../../web/src/gen/assize/monitor/v1/monitor_pb.js';
import type { Exchange } from './exchange.ts';
import { addAccount, signIn, type Account } from './staff.ts';

export type Monitor = Client<typeof MonitorService>;

/** Nobody without a cookie. */
export function monitorOf(url: string, cookie = ''): Monitor {
  const asThem: Interceptor = (next) => (call) => {
    if (cookie !== '') call.header.set('Cookie', cookie);
    call.header.set('Origin', url);
    return next(call);
  };
  const transport = createConnectTransport({
    baseUrl: url,
    httpVersion: '1.1',
    nodeOptions: { rejectUnauthorized: false },
    interceptors: [asThem],
  });
  return createClient(MonitorService, transport);
}

/** Somebody of the centre, signed in, and what they see. */
export async function watcher(
  exchange: Exchange,
  role: string,
): Promise<{ monitor: Monitor; account: Account; cookie: string }> {
  const account = await addAccount(exchange.center, role);
  const { cookie } = await signIn(exchange.people, account);
  return { monitor: monitorOf(exchange.people, cookie), account, cookie };
}
