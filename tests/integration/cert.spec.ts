// Certificates: asked for by a court, given by its centre, renewed and revoked, while both run. openssl(1) is the other party.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, test } from '@playwright/test';
import { clientsOf, REASON } from '../support/cases.ts';
import { Exchange, type Identity } from '../support/exchange.ts';
import { freePorts } from '../support/ports.ts';
import { eventually, run } from '../support/processes.ts';
import { binary, Server } from '../support/server.ts';
import { refused } from '../support/session.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

let exchange: Exchange;
let folder: string;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
});

test.afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await exchange?.dispose();
});

async function openssl(...args: string[]): Promise<string> {
  const { code, output, errors } = await run('openssl', args);
  if (code !== 0) throw new Error(errors);
  return output;
}

/** Of the public key that the server at this port shows to whoever comes now. */
async function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: 'localhost', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

function fingerprint(said: string): string {
  return /(?:[0-9a-f]{4} ){7}[0-9a-f]{4}/.exec(said)?.[0] ?? '';
}

/** What `assize` says on both outputs, at a state directory of its own. */
async function at(state: string, settings: string[], ...args: string[]) {
  const sets = settings.flatMap((one) => ['--set', one]);
  const { code, output, errors } = await run(binary('assize'), [
    ...args,
    '--state',
    state,
    ...sets,
  ]);
  return { code, said: output + errors };
}

/** A certificate that openssl made the key and the request for. */
async function enrolled(code: string, ...more: string[]): Promise<Identity> {
  const file = (name: string) => join(folder, `${code}.${name}`);
  for (const name of ['key', 'csr', 'pem']) rmSync(file(name), { force: true });
  await openssl(
    ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-subj', `/CN=${code}`, '-keyout', file('key'), '-out', file('csr')],
  );
  const asked = await exchange.center
    .assize('cert', 'enroll', file('csr'), '--to', file('pem'))
    .catch((error: unknown) => String(error));
  const said = fingerprint(asked);
  await exchange.center.assize(
    ...['cert', 'enroll', file('csr'), '--to', file('pem'), '--fingerprint', said, ...more],
  );
  return { cert: readFileSync(file('pem'), 'utf8'), key: readFileSync(file('key'), 'utf8') };
}

test('a court asks, the centre signs, and the court is let in', async () => {
  const state = join(folder, 'court');
  const csr = join(folder, 'new.csr');
  const pem = join(folder, 'new.pem');
  const settings = ['exchange.organisation=VN.MOI'];
  await run('mkdir', ['-p', join(state, 'tls')]);
  const asked = await at(state, settings, 'cert', 'request', '--to', csr);
  const print = fingerprint(asked.said);
  expect(print).not.toBe('');
  expect(await openssl('req', '-in', csr, '-noout', '-verify', '-subject')).toContain('VN.MOI');
  const text = await openssl('req', '-in', csr, '-noout', '-pubkey');
  expect(text).toContain('PUBLIC KEY');
  const wrong = print.replace(/^./, (c) => (c === '0' ? '1' : '0'));
  for (const more of [[], ['--fingerprint', wrong]]) {
    await expect(
      exchange.center.assize('cert', 'enroll', csr, '--to', pem, ...more),
    ).rejects.toThrow('fingerprint');
  }
  expect(existsSync(pem)).toBe(false);
  const said = await exchange.center.assize(
    ...['cert', 'enroll', csr, '--to', pem, '--fingerprint', print],
  );
  const authority = fingerprint(
    said.split('\n').find((line) => line.startsWith('authority')) ?? '',
  );
  const distrusted = await at(state, settings, 'cert', 'install', pem);
  expect(distrusted.code).toBe(1);
  expect(distrusted.said).toContain(authority);
  expect(existsSync(join(state, 'tls/ca.pem'))).toBe(false);
  const another = await at(state, ['exchange.organisation=VN.KHAC'], 'cert', 'install', pem);
  expect(another.said).toContain('not for VN.KHAC');
  const installed = await at(state, settings, 'cert', 'install', pem, '--authority', authority);
  expect(installed.said).toContain('installed');
  expect(statSync(join(state, 'tls/exchange-key.pem')).mode & 0o777).toBe(0o600);
  const read = (name: string) => readFileSync(join(state, 'tls', name), 'utf8');
  const identity = { cert: read('exchange.pem'), key: read('exchange-key.pem') };
  expect((await exchange.openAs('VN.MOI', identity)).status).toBe(200);
  expect((await at(state, settings, 'cert', 'list')).said).toMatch(/VN\.MOI +exchange .* good/);
});

test('what is no request, or not signed by who has the key, is not enrolled', async () => {
  await enrolled('VN.XAU');
  const csr = join(folder, 'VN.XAU.csr');
  const der = join(folder, 'bad.der');
  const pem = join(folder, 'bad.csr');
  await openssl('req', '-in', csr, '-outform', 'DER', '-out', der);
  const bytes = readFileSync(der);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(der, bytes);
  await openssl('req', '-inform', 'DER', '-in', der, '-out', pem);
  for (const file of [pem, '/dev/null', join(folder, 'nowhere')]) {
    await expect(
      exchange.center.assize('cert', 'enroll', file, '--to', join(folder, 'bad.pem')),
    ).rejects.toThrow(/no request|cannot be read/);
  }
});

test('a renewed key and the one before are both good, until one is revoked', async () => {
  const before = await enrolled('VN.TOA9');
  const after = await enrolled('VN.TOA9');
  for (const one of [before, after]) {
    expect((await exchange.openAs('VN.TOA9', one)).status).toBe(200);
  }
  const rows = JSON.parse(await exchange.center.assize('cert', 'list', '--json')) as {
    organisation: string;
    fingerprint: string;
    state: string;
  }[];
  const own = rows.filter((row) => row.organisation === 'VN.TOA9');
  expect(own.map((row) => row.state)).toEqual(['good', 'good']);
  const newest = own[0]?.fingerprint ?? '';
  await exchange.center.assize('cert', 'revoke', newest, '--why', 'lost laptop');
  expect(refused(await exchange.openAs('VN.TOA9', after)).code).toBe('certificate_revoked');
  expect((await exchange.openAs('VN.TOA9', before)).status).toBe(200);
  await exchange.center.assize('cert', 'revoke', 'VN.TOA9', '--why', 'closed');
  expect(refused(await exchange.openAs('VN.TOA9', before)).code).toBe('certificate_revoked');
  await expect(
    exchange.center.assize('cert', 'revoke', 'VN.TOA9', '--why', 'again'),
  ).rejects.toThrow('no organisation');
  const csr = join(folder, 'VN.TOA9.csr');
  await expect(
    exchange.center.assize(
      ...['cert', 'enroll', csr, '--to', join(folder, 'again.pem'), '--fingerprint', newest],
    ),
  ).rejects.toThrow('revoked');
  expect(existsSync(join(folder, 'again.pem'))).toBe(false);
});

test('one that waits is given nothing once it is revoked', async () => {
  const identity = await enrolled('VN.TRAI9', '--agency');
  const waiting = exchange.pullAs('VN.TRAI9', identity, 0n, 4_000);
  await eventually('it waits', 5_000, async () => {
    const answer = await exchange.openAs('VN.TRAI9', identity);
    return answer.status === 200;
  });
  await exchange.center.assize('cert', 'revoke', 'VN.TRAI9', '--why', 'test');
  expect((await waiting).body.length).toBe(0);
  expect(refused(await exchange.pullAs('VN.TRAI9', identity)).code).toBe('certificate_revoked');
});

test('one that reads case records is told none once it is revoked, on the connection it has', async () => {
  const { center } = exchange;
  const identity = await enrolled('VN.TRAI11', '--agency');
  await center.assize('access', 'grant', 'VN.TRAI11', '--types', 'all', '--purpose', 'enforcement');
  const { cases } = clientsOf(center.url, identity);
  const question = { reason: REASON, number: '1/2026/TLST-HS' };
  await cases.search(question);
  await center.assize('cert', 'revoke', 'VN.TRAI11', '--why', 'test');
  await expect(cases.search(question)).rejects.toThrow('certificate was revoked');
});

test('a certificate that has ended opens nothing', async () => {
  const identity = await enrolled('VN.TOA10', '--days', '1');
  expect((await exchange.openAs('VN.TOA10', identity)).status).toBe(200);
  expect(await exchange.center.assize('cert', 'list')).toMatch(/VN\.TOA10 .* ends soon/);
  await exchange.center.sql(
    `UPDATE organisation_key SET ends_at = now() WHERE organisation = 'VN.TOA10'`,
  );
  expect(refused(await exchange.openAs('VN.TOA10', identity)).code).toBe('organisation_unknown');
});

test('a court that runs goes on with another key, and nothing stops', async () => {
  const csr = join(folder, 'demo.csr');
  const pem = join(folder, 'demo.pem');
  await exchange.closed();
  await exchange.settle();
  const state = exchange.court.state;
  const before = readFileSync(join(state, 'tls/exchange-key.pem'), 'utf8');
  const asked = await at(state, [], 'cert', 'renew', '--to', csr);
  await exchange.center.assize(
    ...['cert', 'enroll', csr, '--to', pem, '--fingerprint', fingerprint(asked.said)],
  );
  expect((await at(state, [], 'cert', 'install', pem)).said).toContain('installed');
  expect(readFileSync(join(state, 'tls/exchange-key.pem'), 'utf8')).not.toBe(before);
  for (let i = 0; i < 3; i++) await exchange.closed();
  await exchange.settle();
  await eventually('the new key is in use', 5_000, async () =>
    exchange.court.log('assized').includes(`certificate.loaded use=exchange`),
  );
  await exchange.center.sql(
    `UPDATE organisation_key SET revoked_at = now() WHERE organisation = 'DEMO'
     AND admitted_at < (SELECT max(admitted_at) FROM organisation_key WHERE organisation = 'DEMO')`,
  );
  await exchange.closed();
  await exchange.settle();
  expect(await exchange.received()).toEqual(await exchange.sent());
  expect(exchange.center.log('assized')).not.toContain('signature_wrong');
  expect(exchange.court.log('assized')).not.toContain('certificate.unusable');
});

test('a centre that runs shows its new certificate, and its courts pull on', async () => {
  const before = await shown(exchange.center.port).catch(() => '');
  await exchange.center.assize('cert', 'renew');
  const port = exchange.center.port;
  const ca = join(exchange.center.state, 'tls/ca.pem');
  await eventually('the new one is served', 10_000, async () => {
    const { output } = await run('openssl', ['s_client', '-connect', `localhost:${port}`], 5_000);
    const file = readFileSync(join(exchange.center.state, 'tls/exchange.pem'), 'utf8');
    return output.includes(file.trim());
  });
  expect(before).not.toBe('');
  expect(
    await openssl('verify', '-CAfile', ca, join(exchange.center.state, 'tls/exchange.pem')),
  ).toContain('OK');
  await exchange.closed();
  await exchange.settle();
  const officer = await enrolled('VN.TRAI10', '--agency');
  expect((await exchange.openAs('VN.TRAI10', officer)).status).toBe(200);
  expect(await exchange.received()).toEqual(await exchange.sent());
});

test('the certificate that people see changes under a server that runs', async () => {
  const { court } = exchange;
  const before = await shown(court.port);
  const link = await court.seed();
  expect(link.id).not.toBe('');
  expect(await court.metric('assize_certificate_days_left{use="web"}')).toBeGreaterThan(800);
  await court.assize('cert', 'renew', '--web');
  await eventually('another is shown', 10_000, async () => (await shown(court.port)) !== before);
});

test('a certificate that somebody brought is not replaced by one of ours', async () => {
  const { port } = await freePorts();
  const key = join(folder, 'own.key');
  const cert = join(folder, 'own.pem');
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-subj', '/CN=xetxu.example.vn', '-days', '10', '-keyout', key, '-out', cert],
  );
  const server = await Server.start({
    'tls.certificate': cert,
    'tls.key': key,
    'media.port': String(port),
  });
  try {
    expect(server.log('assized')).toContain('certificate.ends use=web days=');
    await expect(server.assize('cert', 'renew', '--web')).rejects.toThrow('not one that was made');
  } finally {
    await server.dispose();
  }
});
