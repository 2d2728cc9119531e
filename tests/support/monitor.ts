// MonitorService as its own library calls it: connect-node as it comes from npm, by the cookie of somebody signed in.
import type { Client } from '@connectrpc/connect';
import { MonitorService } from '../../web/src/gen/assize/monitor/v1/monitor_pb.js';
import type { Exchange } from './exchange.ts';
import { clientOf } from './people.ts';
import { addAccount, signIn, type Account } from './staff.ts';

export type Monitor = Client<typeof MonitorService>;

/** Nobody without a cookie. */
export const monitorOf = (url: string, cookie = ''): Monitor =>
  clientOf(MonitorService, url, cookie);

/** Somebody of the centre, signed in, and what they see. */
export async function watcher(
  exchange: Exchange,
  role: string,
): Promise<{ monitor: Monitor; account: Account; cookie: string }> {
  const account = await addAccount(exchange.center, role);
  const { cookie } = await signIn(exchange.people, account);
  return { monitor: monitorOf(exchange.people, cookie), account, cookie };
}
