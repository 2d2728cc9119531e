// The files made from a record that was really written: as long as it, the same again, nothing of it refused.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RecordLamp } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { expect, must, test } from '../support/live.ts';
import { eventually, run } from '../support/processes.ts';
import { lamp, spanOnRecord, verify } from '../support/record.ts';
import { binary, type Server } from '../support/server.ts';

interface Gap {
  from_ms: number;
  to_ms: number;
}

interface Index {
  start_ms: number;
  duration_ms: number;
  files: { name: string; details: string; sha256: string; audio: Counts; video: Counts }[];
  gaps: Gap[];
  findings: unknown[];
}

interface Counts {
  packets: number;
  refused: number;
}

async function render(server: Server, folder: string, hearing: string): Promise<Index> {
  const { code, errors } = await run(binary('assize'), [
    ...['render', hearing, '--state', server.state],
  ]);
  expect(code, errors).toBe(0);
  return JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Index;
}

test('are as long as the record with its recess, and the same again', async ({ server, live }) => {
  const { judge, courtroom } = live;
  const hearing = courtroom.hearing.id;
  const folder = join(server.state, 'files', hearing);
  const recorded = (wanted: RecordLamp) =>
    eventually(`the lamp ${RecordLamp[wanted]}`, 10_000, () => lamp(judge) === wanted);

  await recorded(RecordLamp.ON);
  await delay(2_000);
  must(await judge.command({ case: 'recess', value: {} }));
  await recorded(RecordLamp.OFF);
  await delay(3_500); // longer than a picture stands still
  must(await judge.command({ case: 'resume', value: {} }));
  await recorded(RecordLamp.ON);
  await delay(2_000);
  must(await judge.command({ case: 'recess', value: {} }));
  await eventually('every group is closed', 10_000, async () => {
    const { said } = await verify(server, hearing);
    return said.torn === 0 && said.bad === 0;
  });

  const span = spanOnRecord(server, hearing);
  const index = await render(server, folder, hearing);
  expect(Math.abs(index.start_ms - span.from)).toBeLessThanOrEqual(2);
  expect(Math.abs(index.duration_ms - (span.to - span.from))).toBeLessThanOrEqual(200);
  expect(index.files).toHaveLength(2);
  expect(index.findings).toEqual([]);
  expect(index.gaps.some(({ from_ms, to_ms }) => to_ms - from_ms > 3_000)).toBe(true);
  for (const file of index.files) {
    expect(file.audio.packets).toBeGreaterThan(150);
    expect(file.video.packets).toBeGreaterThan(50);
    expect(file.audio.refused + file.video.refused).toBe(0);
    const bytes = readFileSync(join(folder, file.name));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
    rmSync(join(folder, file.details)); // so that it is made anew
  }
  expect(await render(server, folder, hearing)).toEqual(index);
});
