// Recordings and minutes as their pages and a stranger would ask for them, and files as the renderer leaves them.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MinutesService } from '../../web/src/gen/assize/minutes/v1/minutes_pb.js';
import {
  FileCheck,
  RecordingService,
  ViewKind,
  ViewReason,
  type Recording,
} from '../../web/src/gen/assize/record/v1/recording_pb.js';
import { SignInRequestSchema } from '../../web/src/gen/assize/staff/v1/staff_pb.js';
import { request, type Response } from './http.ts';
import { eventually } from './processes.ts';
import type { Server } from './server.ts';
import { refused } from './session.ts';

export { FilesState } from '../../web/src/gen/assize/record/v1/recording_pb.js';
export { FileCheck, ViewKind, ViewReason };

interface UnaryMethod<I extends DescMessage, O extends DescMessage> {
  name: string;
  parent: { typeName: string };
  input: I;
  output: O;
}

async function post(url: string, path: string, body: Uint8Array, cookie: string) {
  return request(`${url}/${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/proto',
      'Connect-Protocol-Version': '1',
      'Content-Length': String(body.length),
      Origin: url,
      Cookie: cookie,
    },
    body,
  });
}

/** One person's questions about what is kept, with the cookies they hold. */
export class Viewer {
  readonly url: string;
  readonly cookie: string;

  constructor(url: string, cookie: string) {
    this.url = url;
    this.cookie = cookie;
  }

  /** The answer, or the code of the refusal. */
  private async ask<I extends DescMessage, O extends DescMessage>(
    method: UnaryMethod<I, O>,
    input: MessageInitShape<I>,
  ): Promise<MessageShape<O> | string> {
    const body = toBinary(method.input, create(method.input, input));
    const path = `${method.parent.typeName}/${method.name}`;
    const answer = await post(this.url, path, body, this.cookie);
    return answer.status === 200 ? fromBinary(method.output, answer.body) : refused(answer).code;
  }

  list() {
    return this.ask(RecordingService.method.list, {});
  }

  get(hearing: string) {
    return this.ask(RecordingService.method.get, { hearing });
  }

  levels(hearing: string, file: string) {
    return this.ask(RecordingService.method.levels, { hearing, file });
  }

  render(hearing: string) {
    return this.ask(RecordingService.method.render, { hearing });
  }

  views(hearing: string) {
    return this.ask(RecordingService.method.views, { hearing });
  }

  async open(
    hearing: string,
    what: { kind?: ViewKind; file?: string; reason?: ViewReason; note?: string } = {},
  ): Promise<{ ticket: string; refusal?: undefined } | { refusal: string; ticket?: undefined }> {
    const said = await this.ask(RecordingService.method.open, {
      hearing,
      kind: ViewKind.WATCH,
      reason: ViewReason.MINUTES,
      ...what,
    });
    return typeof said === 'string' ? { refusal: said } : { ticket: said.ticket };
  }

  draft(hearing: string) {
    return this.ask(MinutesService.method.draft, { hearing });
  }

  /** The minutes on paper. */
  pdf(hearing: string): Promise<Response> {
    return request(`${this.url}/minutes/${hearing}.pdf`, { headers: { Cookie: this.cookie } });
  }

  /** The file by the ticket. */
  fetch(
    hearing: string,
    file: string,
    ticket: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<Response> {
    return request(`${this.url}/recordings/${hearing}/${file}?ticket=${ticket}`, {
      method,
      headers: { Cookie: this.cookie, ...headers },
    });
  }

  /** The recording, once no file of it is still being checked. */
  checked(hearing: string): Promise<Recording> {
    return eventually('the files are checked', 20_000, async () => {
      const said = await this.get(hearing);
      if (typeof said === 'string') {
        throw new Error(`refused: ${said}`);
      }
      return !said.files.some(({ check }) => check === FileCheck.UNDER_WAY) && said;
    });
  }
}

/** The staff of the demonstration, signed in, by role: clerk, judge or administrator. */
export async function signInStaff(server: Server, role: string): Promise<Viewer> {
  const lines = (await server.assize('demo', 'accounts')).split('\n');
  const [, login, password] = lines.find((line) => line.startsWith(`${role} `))?.split(' ') ?? [];
  return signIn(server, login ?? '', password ?? '');
}

export async function signIn(server: Server, login: string, password: string): Promise<Viewer> {
  const body = toBinary(SignInRequestSchema, create(SignInRequestSchema, { login, password }));
  const answer = await post(server.url, 'assize.staff.v1.StaffService/SignIn', body, '');
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0];
  if (answer.status !== 200 || cookie === undefined) {
    throw new Error(`not signed in: ${answer.status} ${answer.body.toString()}`);
  }
  return new Viewer(server.url, cookie);
}

export interface MadeFile {
  name: string;
  bytes: Buffer;
  sha256: string;
}

export function filesFolder(server: Server, hearing: string): string {
  return join(server.state, 'files', hearing);
}

/** Files as the renderer leaves them, with bytes that no decoder would take: for what does not look into them. */
export function writeFiles(
  server: Server,
  hearing: string,
  groups = ['e4', 'programme'],
  bytes = 300_000,
): MadeFile[] {
  const folder = filesFolder(server, hearing);
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(server.state, 'record', hearing), { recursive: true });
  const about = { hearing, start_ms: 1_795_254_130_000, duration_ms: 5_400_000 };
  const made = groups.map((group) => {
    const content = randomBytes(bytes);
    const sha256 = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(folder, `${group}.webm`), content);
    const file = {
      ...{ group, name: `${group}.webm`, details: `${group}.json`, bytes, sha256 },
      audio: { packets: 5, lost: 0, late: 0, refused: 0 },
      video: { packets: 7, lost: 0, late: 0, refused: 0, width: 640, height: 360 },
      gaps: [{ medium: 'video', from_ms: 1_200_000, to_ms: 1_262_340 }],
    };
    const levels = { every_ms: 250, values: [null, 127, 30, 60] };
    const details = { ...file, ...about, made_from: sha256, levels };
    writeFileSync(join(folder, `${group}.json`), JSON.stringify(details));
    return { file, content };
  });
  const index = {
    ...{ version: 1, ...about, files: made.map(({ file }) => file) },
    ...{ gaps: [{ from_ms: 2_400_000, to_ms: 3_000_000 }], findings: [] },
  };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  return made.map(({ file, content }) => ({
    name: file.name,
    bytes: content,
    sha256: file.sha256,
  }));
}
