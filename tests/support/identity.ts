// The identity ceremony as its sheet asks for it, from the device of somebody who sits in the hearing.
import { randomUUID } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import {
  DocumentKind,
  Field,
  Finding,
  FieldReadingSchema,
  IdentityService,
  ReadingSchema,
  type AttestResponse,
  type Card,
  type FieldReading,
  type Reading,
} from '../../web/src/gen/assize/identity/v1/identity_pb.js';
import { request, type Response } from './http.ts';
import type { Server } from './server.ts';
import { openByLink, refused } from './session.ts';
import type { Account } from './staff.ts';

interface UnaryMethod<I extends DescMessage, O extends DescMessage> {
  name: string;
  input: I;
  output: O;
}
interface Wish {
  seen?: Uint8Array;
  record?: string;
  reading?: Reading;
  anew?: boolean;
}

export const DEFENDANT = 4;
export const { method } = IdentityService;

/** The accounts of the demonstration, by role. They are to be there before its hearing is. */
export async function accounts(server: Server): Promise<Record<string, Account>> {
  const lines = (await server.assize('demo', 'accounts')).trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [role = '', login = '', password = ''] = line.split(' ');
      return [role, { login, password }];
    }),
  );
}

/** A device in the hearing, signed in by a join link. */
export class Device {
  readonly url: string;
  readonly cookie: string;

  private constructor(url: string, cookie: string) {
    this.url = url;
    this.cookie = cookie;
  }

  static async open(server: Server, link: string): Promise<Device> {
    return new Device(server.url, (await openByLink(server.url, link)).cookie);
  }

  private call(name: string, body: Uint8Array): Promise<Response> {
    return request(`${this.url}/${IdentityService.typeName}/${name}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/proto',
        'Connect-Protocol-Version': '1',
        'Content-Length': String(body.length),
        Origin: this.url,
        Cookie: this.cookie,
      },
      body,
    });
  }

  /** The answer, or the code of the refusal. */
  async try<I extends DescMessage, O extends DescMessage>(
    called: UnaryMethod<I, O>,
    input: MessageInitShape<I>,
  ): Promise<MessageShape<O> | string> {
    const body = toBinary(called.input, create(called.input, input));
    const answer = await this.call(called.name, body);
    return answer.status === 200 ? fromBinary(called.output, answer.body) : refused(answer).code;
  }

  async cards(): Promise<Card[]> {
    const said = await this.try(method.cards, {});
    if (typeof said === 'string') {
      throw new Error(`no cards: ${said}`);
    }
    return said.cards;
  }

  async card(participant: number): Promise<Card> {
    const card = (await this.cards()).find((one) => one.participant === participant);
    if (!card) {
      throw new Error(`there is no card of ${participant}`);
    }
    return card;
  }

  /** Signs for a person whose papers say what the case says, or as the wish has it. */
  async attest(
    account: Account,
    participant: number,
    different: Wish = {},
  ): Promise<AttestResponse | string> {
    const card = await this.card(participant);
    return this.try(method.attest, {
      requestId: randomUUID(),
      participant,
      seen: card.seen,
      ...(different.record === undefined ? { reading: reading(card) } : {}),
      ...account,
      ...different,
    });
  }

  /** The same, which must not be refused. */
  async mustAttest(account: Account, participant: number, different: Wish = {}) {
    const said = await this.attest(account, participant, different);
    if (typeof said === 'string') {
      throw new Error(`not signed: ${said}`);
    }
    return said.record;
  }
}

/** What a citizen's card says that agrees with the case. */
export function reading(card: Card, different: Partial<Pick<Reading, 'fields' | 'number'>> = {}) {
  const { details } = card;
  const compared = (field: Field, known: string | undefined) =>
    found(field, known ? Finding.SAME : Finding.NOT_IN_CASE);
  return create(ReadingSchema, {
    kind: DocumentKind.CITIZEN_CARD,
    number: details?.personalNumber ?? '',
    issued: '2022-03-14',
    issuer: 'Bộ Công an',
    fields: [
      compared(Field.FULL_NAME, details?.fullName),
      compared(Field.DATE_OF_BIRTH, details?.dateOfBirth),
      compared(Field.PERSONAL_NUMBER, details?.personalNumber),
      compared(Field.RESIDENCE, details?.residence),
    ],
    ...different,
  });
}

export const found = (field: Field, finding: Finding, inDocument = '', remark = ''): FieldReading =>
  create(FieldReadingSchema, { field, finding, inDocument, remark });
