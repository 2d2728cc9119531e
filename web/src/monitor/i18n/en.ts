import { figure } from '../figures.ts';
import type { MonitorWords } from './vi.ts';

const n = (value: number | bigint) => figure(value, 'en');
const some = (count: number | bigint, one: string, more = `${one}s`) =>
  `${n(count)} ${Number(count) === 1 ? one : more}`;

export const en: MonitorWords = {
  product: 'Data exchange with the centre',
  opening: 'Opening the page',
  account: 'Account',
  all: 'All sources',
  title: (live: number, courts: number) => `${n(live)} of ${n(courts)} courts connected`,
  titleThen: (live: number, courts: number, at: string) =>
    `At ${at}: ${n(live)} of ${n(courts)} courts connected`,
  calm: 'Nothing needs a look.',
  concerns: {
    flagged: (count: number) =>
      `${some(count, 'source')} with two different records under one number`,
    quiet: (count: number) => `${some(count, 'source')} not in contact`,
    rejected: (count: number) => `${some(count, 'source')} with records that wait for a correction`,
  },
  look: (concerns: string[]) => `To look at: ${concerns.join('; ')}.`,
  never: (count: number) => `${some(count, 'source')} admitted, never connected yet.`,
  live: {
    label: 'Whether the page is live',
    yes: (at: string) => `Live. Brought up to date at ${at}`,
    opening: 'Connecting to the centre',
    no: (at: string, age: string) => `Not live any more. What is below was so at ${at}, ${age}.`,
    retryIn: (seconds: number) => `Connecting again in ${some(seconds, 'second')}.`,
    retrying: 'Connecting again.',
    retryNow: 'Connect now',
    lost: 'The page is not live any more. It is connecting again by itself.',
    back: 'The page is live again.',
  },
  totals: {
    label: 'In all',
    records: 'Records in effect',
    rejected: 'Returned, waiting for a correction',
    held: 'Waiting for a record before them',
    lag: 'Longest lag of a last batch',
    none: 'None yet',
    unknown: 'Not known',
    away: (count: number) => `Without ${some(count, 'source')} not in contact`,
  },
  list: {
    title: 'Sources of data',
    search: 'Search by name or code',
    found: (shown: number, all: number) =>
      shown === all
        ? `${some(all, 'source')}, what needs a look on top`
        : `${n(shown)} of ${some(all, 'source')}`,
    none: 'No source has been admitted yet. An administrator does it with assize exchange admit.',
    nothing: 'No source has such a name or code.',
    showAll: (count: number) => `Show all ${n(count)} sources`,
    name: 'Name and code',
    state: 'State',
    contact: 'Last word',
    records: 'Records',
    rejected: 'Returned',
    held: 'Waiting',
    lag: 'Lag of the last batch',
    unknown: 'not known',
  },
  states: {
    UNSPECIFIED: 'Not known',
    LIVE: 'Connected',
    CATCHING_UP: 'Catching up',
    QUIET: 'Not in contact',
    NEVER: 'Never connected yet',
    WITHDRAWN: 'Certificate withdrawn',
  },
  since: (at: string) => `since ${at}`,
  noContact: 'none yet',
  flagged: 'Two records, one number',
  card: {
    records: (count: bigint) => some(count, 'record'),
    rejected: (count: bigint) => `${n(count)} returned`,
    held: (count: bigint) => `${n(count)} waiting`,
    lag: (text: string) => `lag ${text}`,
  },
  hour: {
    title: 'The last hour',
    records: 'Records received each minute',
    lag: 'Longest lag in the minute',
    recordsUnit: 'records',
    units: {
      millisecond: 'milliseconds',
      second: 'seconds',
      minute: 'minutes',
      hour: 'hours',
    },
    none: 'Nothing was received in the last hour.',
    peak: (count: number, at: string, sum: number) =>
      `${n(sum)} in all, most ${n(count)} at ${at}.`,
    worst: (text: string, at: string) => `Longest ${text} at ${at}.`,
    open: 'Pale bar: a minute that is not over.',
    hasRejected: 'Triangle: a minute with returned records.',
    table: 'Show the figures of each minute',
    minute: 'Minute',
    rejected: 'Returned',
    longest: 'Lag',
  },
  source: {
    unknown: 'The centre has admitted no source with this code.',
    facts: 'How it is',
    code: 'Code',
    batchNo: 'Last batch',
    newest: 'Newest record was written',
    lag: 'Lag of the last batch',
    flagged: (at: string) =>
      `At ${at} two different records came under one number. The centre keeps both; the one that came first is in effect. They are to be compared together with the source.`,
    quiet: (at: string) =>
      `Not in contact since ${at}. What was received is all there. The centre cannot know what this source has not sent; when it is connected again, that comes by itself.`,
    never: 'This source was admitted and has not connected yet. There are no data of it.',
    withdrawn: 'The certificate of this source is not valid any more. What was received is kept.',
    rejections: 'Records that wait for a correction',
    noRejections: 'No record was returned.',
    more: (shown: number, all: bigint) => `The newest ${n(shown)} of ${n(all)}.`,
    record: (type: string, seq: bigint) => `${type}, record number ${n(seq)}`,
    caseKey: 'Case',
    raw: 'Reason as sent',
    arrived: (at: string) => `Came at ${at}`,
    waiting: (count: bigint) =>
      count === 0n
        ? 'No record waits behind it.'
        : Number(count) === 1
          ? '1 record of the case waits behind it.'
          : `${n(count)} records of the case wait behind it.`,
    others: 'Other cases are not affected.',
    batches: 'Last batches received',
    noBatches: 'No batch was received yet.',
    batch: 'Batch',
    received: 'Received at',
    receipt: 'Receipt',
    returned: 'Returned',
    stale: (at: string) => `The details were last brought up to date at ${at}. Trying again.`,
  },
  types: {
    case: 'Status of the case',
    case_file: 'Case file',
    party: 'Party',
    counsel: 'Counsel',
    charge: 'Charge',
    claim: 'Claim',
    event: 'Event',
    document: 'Document',
    hearing: 'Hearing',
    decision: 'Decision',
    appeal: 'Appeal',
    enforcement: 'Enforcement',
    notice: 'Notice',
  },
  reasons: {
    damaged: 'A hash does not fit the content: the record changed on its way or where it was kept.',
    equivocation:
      'Another record has this number. The centre keeps both; the one that came first is in effect.',
    chain: 'It does not follow the record before it that the centre has.',
    schema: 'A kind or version of record that the centre does not know.',
    access_no_right: 'Its source has no right to send records of this type.',
    future: 'It was written later than the centre’s present time. The two clocks may differ.',
    context: 'The time it is valid for, or the record it corrects, cannot be so.',
    op: 'This operation is not possible here.',
    unreadable: 'The content of the record cannot be read.',
    type: 'The content is of another kind than the record says.',
  },
  wrongField: (field: string) => `Missing or not in its form: ${field}.`,
  wrongPath: (path: string) => `Missing or not in its form: the field ${path}.`,
  changes: {
    live: (name: string) => `${name}: connected.`,
    catchingUp: (name: string) => `${name}: connected again, catching up.`,
    quiet: (name: string) => `${name}: not in contact.`,
    withdrawn: (name: string) => `${name}: certificate withdrawn.`,
    flagged: (name: string) => `${name}: two different records under one number.`,
    rejected: (name: string) => `${name}: records were returned.`,
    corrected: (name: string) => `${name}: no record waits for a correction any more.`,
  },
  changed: (count: number) => `${n(count)} changes of state among the sources.`,
};
