// One server for each worker, one hearing and one calling address for each test.
import { test as base } from '@playwright/test';
import { Courtroom } from './courtroom.ts';
import { callFromNewAddress } from './http.ts';
import { Server, type Hearing } from './server.ts';

export { expect } from '@playwright/test';
export { Courtroom, must } from './courtroom.ts';

interface TestFixtures {
  address: string;
  hearing: Hearing;
  courtroom: Courtroom;
}

export const test = base.extend<TestFixtures, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.dispose();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  address: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
    async ({}, use) => use(callFromNewAddress()),
    { auto: true },
  ],
  hearing: async ({ server }, use) => use(await server.seed()),
  courtroom: async ({ server, hearing }, use) => {
    const courtroom = new Courtroom(server, hearing);
    await use(courtroom);
    courtroom.leave();
  },
});
