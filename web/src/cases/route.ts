// Where one is among the cases, as the address says. What was searched for is not in it: names and numbers of people stay out of
// the browser's history.
import { CaseStatus } from '../gen/assize/exchange/v1/exchange_pb.js';

export type Route =
  | { page: 'list'; words: string; status: CaseStatus }
  /** adds: its form for a party. */
  | { page: 'case'; key: string; adds?: boolean };

export const everything: Route = { page: 'list', words: '', status: CaseStatus.UNSPECIFIED };

export function routeOf(search: string): Route {
  const asked = new URLSearchParams(search);
  const key = asked.get('case') ?? '';
  if (!/^[0-9a-f-]{36}$/.test(key)) return everything;
  return { page: 'case', key, ...(asked.get('add') === 'party' && { adds: true }) };
}

export const addressOf = (route: Route): string =>
  route.page === 'case' ? `/cases?case=${route.key}${route.adds ? '&add=party' : ''}` : '/cases';
