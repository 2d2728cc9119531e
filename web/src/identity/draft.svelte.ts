// What an attester finds in somebody's papers, while it is being written down.
import { create } from '@bufbuild/protobuf';
import {
  DocumentKind,
  Field,
  FieldReadingSchema,
  Finding,
  ReadingSchema,
  type Card,
  type CaseDetails,
  type IdentityFacts,
  type Reading,
} from '../gen/assize/identity/v1/identity_pb.js';
import { w } from './i18n/index.ts';

export const fields = [
  Field.FULL_NAME,
  Field.DATE_OF_BIRTH,
  Field.PERSONAL_NUMBER,
  Field.RESIDENCE,
] as const;

export const fieldName = (field: Field): string => w().fields[Field[field] as keyof typeof Field];
export const findingName = (finding: Finding): string =>
  w().finding[Finding[finding] as keyof typeof Finding];
export const kindName = (kind: DocumentKind): string =>
  w().kinds[DocumentKind[kind] as keyof typeof DocumentKind];

/** What the case says in a field, or "". */
export function inCase(details: CaseDetails | undefined, field: Field): string {
  if (field === Field.FULL_NAME) return details?.fullName ?? '';
  if (field === Field.DATE_OF_BIRTH) return details?.dateOfBirth ?? '';
  if (field === Field.PERSONAL_NUMBER) return details?.personalNumber ?? '';
  return details?.residence ?? '';
}

/** A day as people write it: 27/02/1991. */
export const dayOf = (date: string): string => date.split('-').reverse().join('/');

export class FieldDraft {
  readonly field: Field;
  finding = $state(Finding.UNSPECIFIED);
  says = $state('');
  remark = $state('');

  constructor(field: Field, known: string) {
    this.field = field;
    if (!known) this.finding = Finding.NOT_IN_CASE;
  }
}

export class Draft {
  kind = $state(DocumentKind.UNSPECIFIED);
  number = $state('');
  issued = $state('');
  issuer = $state('');
  readonly fields: FieldDraft[];

  constructor(card: Card) {
    this.fields = fields.map((field) => new FieldDraft(field, inCase(card.details, field)));
  }

  /** What is still to be written, in words. */
  missing(): string[] {
    const document = this.kind === DocumentKind.UNSPECIFIED || this.number.trim() === '';
    return [
      ...(document ? [w().missingKind] : []),
      ...this.fields.flatMap(({ field, finding, says, remark }) => {
        if (finding === Finding.UNSPECIFIED) return [w().missingFinding(fieldName(field))];
        const bare = says.trim() === '' || remark.trim() === '';
        return finding === Finding.DIFFERENT && bare ? [w().missingRemark(fieldName(field))] : [];
      }),
    ];
  }

  reading(): Reading {
    return create(ReadingSchema, {
      kind: this.kind,
      number: this.number,
      issued: this.issued,
      issuer: this.issuer,
      fields: this.fields.map(({ field, finding, says, remark }) =>
        create(FieldReadingSchema, { field, finding, inDocument: says, remark }),
      ),
    });
  }

  /** Where it is not what the record says, in words. */
  differences(facts: IdentityFacts | undefined): string[] {
    const { document } = facts ?? {};
    const end = this.number.replaceAll(' ', '').toUpperCase().slice(-4);
    return [
      ...(document?.kind === this.kind ? [] : [w().kind]),
      ...(document?.numberEnd === end ? [] : [w().number]),
      ...(document?.issued === this.issued ? [] : [w().issued]),
      ...(document?.issuer === this.issuer.trim() ? [] : [w().issuer]),
      ...this.fields
        .filter(({ field, finding, says }) => {
          const before = facts?.comparisons.find((one) => one.field === field);
          const shown = field === Field.PERSONAL_NUMBER ? says.slice(-4) : says.trim();
          const told = finding === Finding.SAME ? '' : shown;
          return before?.finding !== finding || before.inDocument !== told;
        })
        .map(({ field }) => fieldName(field)),
    ];
  }
}
