// A service as its own library calls it, connect-node as it comes from npm, by the cookie of somebody signed in.
import type { DescService } from '@bufbuild/protobuf';
import { createClient, type Client, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';

/** Nobody without a cookie. */
export function clientOf<T extends DescService>(service: T, url: string, cookie = ''): Client<T> {
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
  return createClient(service, transport);
}
