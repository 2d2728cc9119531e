// What the record costs the relay: its processor time with the record on against off, in turns under the same load, and
// the bytes on disk against the bytes of the packets they hold. The last line is one JSON object.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RecordLamp } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { cpuNs, spread } from '../support/measure.ts';
import { Participant } from '../support/participant.ts';
import { Peer } from '../support/peer.ts';
import { eventually } from '../support/processes.ts';
import { bytesOnRecord, lamp } from '../support/record.ts';
import { PEOPLE, Server, type Person } from '../support/server.ts';

const RUNS = 5;
const SECONDS = 6;
const SPEAKERS: Person[] = ['detention', 'victim', 'counsel', 'procurator', 'witness'];

async function cpuPerSecond(server: Server): Promise<number> {
  const pid = server.daemon('assize-relay')?.pid ?? 0;
  const packets = await server.metric('assize_relay_rtp_out');
  const before = cpuNs(pid);
  const began = performance.now();
  await delay(SECONDS * 1_000);
  const spent = (cpuNs(pid) - before) / (performance.now() - began);
  const sent = (await server.metric('assize_relay_rtp_out')) - packets;
  if (sent < SECONDS * 100) {
    throw new Error(`only ${sent} packets were sent`);
  }
  return spent;
}

async function turn(judge: Participant, on: boolean): Promise<void> {
  await judge.command({ case: on ? 'recordOn' : 'recordOff', value: {} });
  const wanted = on ? RecordLamp.ON : RecordLamp.OFF;
  await eventually('the lamp', 10_000, () => lamp(judge) === wanted);
}

async function measure(server: Server): Promise<void> {
  const hearing = await server.seed();
  const judge = await Participant.join(server.url, hearing.links.judge);
  await judge.checkIn();
  const speakers = SPEAKERS.map((person) => new Peer(server, hearing.links[person], 'victim'));
  for (const person of SPEAKERS) {
    await eventually(`${person} is in`, 20_000, async () => {
      const value = { participant: PEOPLE[person] };
      const { refusal } = await judge.command({ case: 'admit', value });
      return refusal === undefined || refusal === 'already_so';
    });
  }
  await judge.command({ case: 'start', value: {} });
  await Promise.all(speakers.map((speaker) => speaker.receives(20_000, 200)));
  const ratios: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await turn(judge, false);
    const without = await cpuPerSecond(server);
    await turn(judge, true);
    const with_ = await cpuPerSecond(server);
    ratios.push(with_ / without - 1);
    console.log(
      JSON.stringify({ event: 'run', off_ns_per_ms: Math.round(without), on: Math.round(with_) }),
    );
  }
  await turn(judge, false);
  const { files, packets } = bytesOnRecord(join(server.state, 'record', hearing.id));
  const cpu = spread(ratios);
  console.log(
    JSON.stringify({
      cpu_ratio: cpu.median,
      bytes_ratio: Number((files / packets).toFixed(4)),
      cpu_ratio_min: cpu.min,
      cpu_ratio_max: cpu.max,
      runs: RUNS,
    }),
  );
  await Promise.all(speakers.map((speaker) => speaker.stop()));
  judge.close();
}

const server = await Server.start();
try {
  await measure(server);
} finally {
  await server.dispose();
}
