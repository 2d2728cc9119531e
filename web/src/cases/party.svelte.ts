// A party that a clerk adds: what they typed, what was declared before and by whom, and what is wrong or doubtful in it.
import {
  CaseService,
  CenterSaid,
  type PrefilledField,
  type PrefillResponse,
} from '../gen/assize/cases/v1/case_service_pb.js';
import { PartyRole, Sex } from '../gen/assize/cases/v1/cases_pb.js';
import { dateOf } from '../desk/days.ts';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';
import { time } from '../lib/time.svelte.ts';
import { doubtsOf, isPersonal } from './personal.ts';
import { cases } from './state.svelte.ts';
import { reasonOf } from './why.ts';

const { method } = CaseService;

/** Of a field: what is in it, and what was declared of it before. */
class Entry {
  readonly first: string;
  value = $state('');
  told = $state.raw<{ value: string; by: PrefilledField } | null>(null);

  constructor(first = '') {
    this.first = this.value = first;
  }

  /** Nothing here is the clerk's own. */
  get isFresh(): boolean {
    return this.value === (this.told?.value ?? this.first);
  }

  tell(told: Entry['told']): void {
    if (this.isFresh || this.value === '') this.value = told?.value ?? this.first;
    this.told = told;
  }
}

export const personNames = [
  ...['full_name', 'date_of_birth', 'sex', 'nationality', 'commune', 'residence'],
] as readonly PersonName[];
export type PersonName =
  'full_name' | 'date_of_birth' | 'sex' | 'nationality' | 'residence' | 'commune';
export const organisationNames = ['name', 'number', 'address'] as const;

export type Problem = 'missing' | 'number' | 'birth' | 'country' | 'commune' | 'code' | 'unfit';
export type Asked = 'no' | 'asking' | 'known' | 'unknown';

/** UUIDv7 (RFC 9562 section 5.7), as all changes have. */
function changeId(): string {
  const ms = Date.now().toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

const tidy = (text: string): string => text.trim().replace(/\s+/g, ' ').normalize('NFC');
const given = (text: string): string | undefined => tidy(text) || undefined;

export class PartyForm {
  private readonly caseKey: string;
  private readonly id = changeId(); // the same when it is sent again, so that it is added once
  private asking = 0;

  kind = $state<'person' | 'organisation'>('person');
  role = $state<PartyRole>(PartyRole.UNSPECIFIED);
  typed = $state('');
  readonly person: Record<PersonName, Entry> = {
    full_name: new Entry(),
    date_of_birth: new Entry(),
    sex: new Entry(),
    nationality: new Entry('VN'),
    residence: new Entry(),
    commune: new Entry(),
  };
  readonly organisation = $state({ name: '', number: '', address: '' });
  asked = $state<Asked>('no');
  center = $state<CenterSaid>(CenterSaid.UNSPECIFIED);
  filled = $state(0);
  /** Somebody of this number is a party already, and the clerk means it. */
  beside = $state(false);
  refusedAlready = $state(false);
  tried = $state(false); // to be saved, so that what is wrong is told
  private entered = $state(false); // the number alone is
  saving = $state(false);
  refusal = $state.raw<Refused | null>(null);
  /** The field that the server refused, and what was in it. */
  private refused = $state.raw<{ path: string; value: string; problem: Problem } | null>(null);

  readonly number = $derived(this.typed.replace(/[\s.]/g, ''));
  readonly doubts = $derived(
    this.kind === 'person'
      ? doubtsOf(this.number, Number(this.person.sex.value) as Sex, this.person.date_of_birth.value)
      : [],
  );

  constructor(caseKey: string) {
    this.caseKey = caseKey;
  }

  /** What was declared is of one number alone. */
  retype(typed: string): void {
    const before = this.number;
    this.typed = typed;
    if (this.number === before) return;
    this.asking++;
    this.asked = 'no';
    this.beside = this.refusedAlready = false;
    for (const name of personNames) this.person[name].tell(null);
  }

  async prefill(): Promise<void> {
    const { why } = cases;
    this.entered = true;
    if (!why || !isPersonal(this.number)) return;
    const mine = ++this.asking;
    this.asked = 'asking';
    this.refusal = null;
    try {
      const personalNumber = this.number;
      const told = await call(method.prefill, { reason: reasonOf(why), personalNumber });
      if (mine === this.asking) this.fill(told);
    } catch (error) {
      if (mine !== this.asking) return;
      this.asked = 'no';
      this.refuse(asRefusal(error));
    }
  }

  private fill({ person, fields, center }: PrefillResponse): void {
    const values: Record<PersonName, string> = {
      full_name: person?.fullName ?? '',
      date_of_birth: person?.dateOfBirth ?? '',
      sex: person?.sex ? String(person.sex) : '',
      nationality: person?.nationality ?? '',
      residence: person?.residence ?? '',
      commune: person?.commune ?? '',
    };
    this.filled = 0;
    for (const name of personNames) {
      const by = fields.find((field) => field.name === name);
      this.person[name].tell(by && values[name] ? { value: values[name], by } : null);
      if (this.person[name].told) this.filled++;
    }
    this.center = center;
    this.asked = this.filled > 0 ? 'known' : 'unknown';
  }

  /** By the path of the field in the request, in the order of the page. */
  readonly problems = $derived.by(() => {
    const wrong = new Map<string, Problem>();
    const look = (path: string, problem: Problem, isWrong: boolean) => {
      if (isWrong) wrong.set(path, problem);
    };
    look('party.role', 'missing', this.role === PartyRole.UNSPECIFIED);
    if (this.kind === 'person') {
      const { full_name, date_of_birth, nationality, commune } = this.person;
      const number = this.number !== '' && !isPersonal(this.number);
      look('party.person.personal_number', 'number', number);
      look('party.person.full_name', 'missing', !given(full_name.value));
      const birth = date_of_birth.value;
      const isBirth = birth === '' || (birth >= '1900-01-01' && birth < dateOf(time.nowMs));
      look('party.person.date_of_birth', 'birth', !isBirth);
      const country = nationality.value.trim();
      look('party.person.nationality', 'country', country !== '' && !/^[A-Z]{2}$/i.test(country));
      const place = commune.value.trim();
      look('party.person.commune', 'commune', place !== '' && !/^\d{5}$/.test(place));
    } else {
      const code = this.organisation.number.trim();
      look('party.organisation.name', 'missing', !given(this.organisation.name));
      look('party.organisation.number', 'code', code !== '' && !/^[\d-]{10,14}$/.test(code));
    }
    if (this.refused && this.valueOf(this.refused.path) === this.refused.value)
      look(this.refused.path, this.refused.problem, !wrong.has(this.refused.path));
    return wrong;
  });

  private valueOf(path: string): string {
    const name = path.slice(path.lastIndexOf('.') + 1);
    if (path === 'party.role') return String(this.role);
    if (path === 'party.person.personal_number') return this.number;
    return path.startsWith('party.person.')
      ? (this.person[name as PersonName]?.value ?? '')
      : (this.organisation[name as 'name'] ?? '');
  }

  problemOf(path: string): Problem | undefined {
    const tells = this.tried || (this.entered && path === 'party.person.personal_number');
    return tells ? this.problems.get(path) : undefined;
  }

  /** It was written, though the answer to that was lost. */
  get isThere(): boolean {
    return [cases.now, cases.history].some((list) =>
      list?.some(({ entity }) => entity === this.id),
    );
  }

  /** To the case, as it was written before. */
  async recover(): Promise<void> {
    await cases.added(this.caseKey, { entity: this.id, name: this.name, before: true });
  }

  /** True when it is written. */
  async save(): Promise<boolean> {
    const { why } = cases;
    this.tried = true;
    if (!why || this.saving || this.problems.size > 0) return false;
    this.saving = true;
    this.refusal = null;
    try {
      await call(method.addParty, {
        reason: reasonOf(why),
        caseKey: this.caseKey,
        changeId: this.id,
        party: { role: this.role, who: this.who() },
        beside: this.beside,
      });
      await cases.added(this.caseKey, { entity: this.id, name: this.name, before: false });
      return true;
    } catch (error) {
      const why = asRefusal(error);
      const isWritten = why.code === 'command_id_reused'; // by this form: no other has its number
      if (isWritten) await this.recover();
      else this.refuse(why);
      return isWritten;
    } finally {
      this.saving = false;
    }
  }

  private refuse(why: Refused): void {
    const ahead = why.code === 'day_ahead';
    const path = ahead || why.code === 'field_wrong' ? (why.law.field ?? '') : '';
    if (why.code === 'party_already') this.refusedAlready = true;
    else if (path.startsWith('party.'))
      this.refused = { path, value: this.valueOf(path), problem: ahead ? 'birth' : 'unfit' };
    else if (why.code === 'staff_not_signed_in') cases.refuse(why);
    else this.refusal = why;
  }

  private get name(): string {
    return tidy(this.kind === 'person' ? this.person.full_name.value : this.organisation.name);
  }

  private who() {
    if (this.kind === 'organisation') {
      const { name, number, address } = this.organisation;
      const value = { name: given(name), number: given(number), address: given(address) };
      return { case: 'organisation' as const, value };
    }
    const { full_name, date_of_birth, sex, nationality, residence, commune } = this.person;
    return {
      case: 'person' as const,
      value: {
        fullName: given(full_name.value),
        personalNumber: this.number || undefined,
        dateOfBirth: date_of_birth.value || undefined,
        sex: sex.value ? (Number(sex.value) as Sex) : undefined,
        nationality: given(nationality.value)?.toUpperCase(),
        residence: given(residence.value),
        commune: given(commune.value),
      },
    };
  }
}
