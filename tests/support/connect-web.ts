// MonitorService as connect-web, as it comes from npm, calls it in a browser: unary and as a stream.
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { MonitorService } from '../../web/src/gen/assize/monitor/v1/monitor_pb.js';

/** What each call says of one source: its code, and how many courts there are. */
export async function look(code: string): Promise<unknown[]> {
  const transport = createConnectTransport({ baseUrl: location.origin, useBinaryFormat: true });
  const client = createClient(MonitorService, transport);
  const codeIn = (sources: { code: string }[]) => sources.find((one) => one.code === code)?.code;
  const progress = await client.progress({});
  const said: unknown[] = [codeIn(progress.sources), progress.courts];
  for await (const told of client.watch({})) {
    said.push(codeIn(told.sources), told.courts);
    break;
  }
  said.push((await client.source({ code })).source?.code);
  const refused = await client.source({ code: 'NOBODY' }).catch((error: Error) => error.message);
  return [...said, refused];
}
