// The services of staff as their pages call them, and staff to call them as.
import { randomUUID } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import {
  DeskService,
  type CaseSummary,
  type ScheduleRequestSchema,
} from '../../web/src/gen/assize/desk/v1/desk_pb.js';
import { Role, SiteKind } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { request, type Response } from './http.ts';
import { signIn, signInStaff } from './recordings.ts';
import type { Server } from './server.ts';
import { refused } from './session.ts';

interface UnaryMethod<I extends DescMessage, O extends DescMessage> {
  parent: { typeName: string };
  name: string;
  input: I;
  output: O;
}

export const METHODS: UnaryMethod<DescMessage, DescMessage>[] = Object.values(DeskService.method);
export const { method } = DeskService;

export function post(
  url: string,
  name: string,
  body: Uint8Array,
  cookie = '',
  service = DeskService.typeName,
): Promise<Response> {
  return request(`${url}/${service}/${name}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/proto',
      'Connect-Protocol-Version': '1',
      'Content-Length': String(body.length),
      Origin: url,
      ...(cookie ? { Cookie: cookie } : {}),
    },
    body,
  });
}

/** One member of staff at the desk. */
export class Clerk {
  readonly url: string;
  readonly cookie: string;

  constructor(url: string, cookie: string) {
    this.url = url;
    this.cookie = cookie;
  }

  /** The answer, or the code of the refusal. */
  async try<I extends DescMessage, O extends DescMessage>(
    called: UnaryMethod<I, O>,
    input: MessageInitShape<I>,
  ): Promise<MessageShape<O> | string> {
    const body = toBinary(called.input, create(called.input, input));
    const answer = await post(this.url, called.name, body, this.cookie, called.parent.typeName);
    return answer.status === 200 ? fromBinary(called.output, answer.body) : refused(answer).code;
  }

  /** The answer, which must not be a refusal. */
  async ask<I extends DescMessage, O extends DescMessage>(
    called: UnaryMethod<I, O>,
    input: MessageInitShape<I>,
  ): Promise<MessageShape<O>> {
    const said = await this.try(called, input);
    if (typeof said === 'string') {
      throw new Error(`${called.name} was refused: ${said}`);
    }
    return said;
  }

  /** The case of the demonstration. */
  async demoCase(): Promise<CaseSummary> {
    const { cases } = await this.ask(method.cases, { search: '12/2026' });
    if (!cases[0]) {
      throw new Error('the case of the demonstration is not there');
    }
    return cases[0];
  }
}

/** Somebody of the demonstration's staff: clerk, judge or administrator; or an officer made for it. */
export async function staff(server: Server, role: string): Promise<Clerk> {
  if (role !== 'officer') {
    return new Clerk(server.url, (await signInStaff(server, role)).cookie);
  }
  const login = `officer.${randomUUID().slice(0, 8)}`;
  const password = await server.assize(
    ...['account', 'add', login, '--name', 'Cán bộ', '--role', 'officer', '--generate'],
  );
  await server.sql(`UPDATE account SET must_change = false WHERE login = '${login}'`);
  return new Clerk(server.url, (await signIn(server, login, password.trim())).cookie);
}

export const HOUR_MS = 3_600_000;

/** A small hearing that could be scheduled, with some of it as one likes. */
export function wish(
  courtCase: string,
  different: MessageInitShape<typeof ScheduleRequestSchema> = {},
): MessageInitShape<typeof ScheduleRequestSchema> {
  return {
    requestId: randomUUID(),
    courtCase,
    scheduledMs: BigInt(Date.now() + 24 * HOUR_MS),
    procedure: 'criminal_first_instance',
    sites: [
      { kind: SiteKind.CENTRAL_POINT, name: 'Phòng xử án số 1' },
      { kind: SiteKind.DETENTION_FACILITY, name: 'Trại tạm giam' },
    ],
    people: [
      { name: 'Chủ tọa Một', role: Role.PRESIDING_JUDGE, site: 1 },
      { name: 'Bị cáo Hai', role: Role.DEFENDANT, site: 2, room: true, companion: true },
      { name: 'Cán bộ Ba', role: Role.DETENTION_OFFICER, site: 2, room: true },
    ],
    ...different,
  };
}
