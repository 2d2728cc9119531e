// What README tells a newcomer to type to see data exchanged, typed as it stands there, beside ./run.
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { freePorts } from '../support/ports.ts';
import { eventually, Program } from '../support/processes.ts';
import { BUILD, ROOT } from '../support/server.ts';

const CENTER_PORT = '8445'; // of a ./run without options
const A_BLOCK_MS = 120_000;

/** The commands of a section, block by block. */
function blocksOf(section: string): string[] {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, after = ''] = text.split(`\n## ${section}\n`);
  const [body = ''] = after.split('\n## ');
  return [...body.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block ?? '');
}

test('the commands of "Exchange data" do what is said of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
  const { port } = await freePorts();
  const server = new Program(join(ROOT, 'run'), ['--port', String(port)], {
    ASSIZE_STATE: join(folder, 'var'),
  });
  symlinkSync(join(ROOT, 'proto'), join(folder, 'proto'));
  const type = async (block: string) => {
    const program = new Program(
      'bash',
      [
        '-e',
        '-o',
        'pipefail',
        '-c',
        `cd ${folder}\n${block.replaceAll(CENTER_PORT, String(port + 2))}`,
      ],
      { PATH: `${join(BUILD, 'bin')}${delimiter}${process.env.PATH}` },
    );
    expect(await program.end(A_BLOCK_MS), program.tail()).toBe(0);
    return program.output;
  };
  try {
    await eventually('ready', 120_000, () => server.output.includes('Ctrl-C stops everything'));
    const [write = '', ask = '', outage = '', ...more] = blocksOf('Exchange data');
    expect(more).toEqual([]);

    expect(await type(write)).toContain('12/2026/TLST-HS');
    await eventually('each of its records has a receipt', 30_000, async () => {
      const rows = JSON.parse(await type('assize exchange outbox --json')) as {
        receipt?: string;
      }[];
      return rows.length > 0 && rows.every(({ receipt }) => receipt);
    });
    expect(await type(ask)).toMatch(/cases \{[^]*12-TLST-HS/);
    expect(outage.trim()).toBe('assize demo outage');
    const told = await type(`${outage.trim()} --seconds 5 --changes 300 --json`); // ./test outage has a minute of it
    expect(JSON.parse(told)).toMatchObject({ changes: 300, lost: 0, doubled: 0 });
  } finally {
    await server.stop('SIGINT', 30_000);
    rmSync(folder, { recursive: true, force: true });
  }
});
